import fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "./lines.ts";

function from(bytes: Buffer, most = Number.POSITIVE_INFINITY) {
  return (offset: number, into: Uint8Array) => {
    const part = bytes.subarray(offset, offset + Math.min(into.length, most));
    into.set(part);
    return part.length;
  };
}

test("whole lines come back whole, however they are cut into reads and batches", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""))),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (lines, budget, most) => {
        const bytes = Buffer.from(`${lines.map((line) => `${line}\n`).join("")}torn`);
        const seen: (string | null)[] = [];
        let offset = 0;
        for (;;) {
          const batch = readLines(from(bytes, most), offset, budget);
          seen.push(...batch.lines);
          offset += batch.consumed;
          if (batch.consumed === 0) break;
        }
        expect(seen).toEqual(lines);
        expect(offset).toBe(bytes.length - 4);
      },
    ),
  );
});

test("a line that is too long is passed over, not held", () => {
  const bytes = Buffer.from(`short\n${"x".repeat(50)}\nlast\n`);
  expect(readLines(from(bytes, 8), 0, 1_000, 20).lines).toEqual(["short", null, "last"]);
});
