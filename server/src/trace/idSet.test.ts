import fc from "fast-check";
import { expect, test } from "vitest";
import { IdSet } from "./idSet.ts";

test("an id is new once", () => {
  const id = fc.oneof(fc.nat(200), fc.nat(200_000), fc.integer({ min: 2 ** 28 - 100, max: 2 ** 28 - 1 }));
  fc.assert(
    fc.property(fc.array(id, { maxLength: 300 }), (ids) => {
      const set = new IdSet();
      const model = new Set<number>();
      for (const each of ids) {
        expect(set.add(each)).toBe(!model.has(each));
        model.add(each);
      }
    }),
  );
});
