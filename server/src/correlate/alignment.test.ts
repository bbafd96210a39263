import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { align, type Item } from "./alignment.ts";

/** Nothing stands in anything else. */
function items(keys: readonly string[]): readonly Item[] {
  return keys.map((key) => ({ key, parent: -1 }));
}

/** Aligns two lists of one-letter keys; `-` where there is no match. */
function aligned(recorded: string, today: string): string {
  return align(items([...recorded]), items([...today]))
    .map((index) => index ?? "-")
    .join("");
}

describe("align", () => {
  it.each([
    ["nothing changed", "abc", "abc", "012"],
    ["inserted", "abc", "xaybzc", "135"],
    ["deleted", "abcd", "bd", "-0-1"],
    ["edited", "abc", "axc", "0-2"],
    ["changed places", "abc", "cab", "120"],
    ["equals told apart by what is around them", "axbxc", "bxc", "--012"],
    ["one of two neighbours that are equal is gone", "axxb", "axb", "0--2"],
    ["one more neighbour that is equal", "axb", "axxb", "0-3"],
    ["equals that all changed places", "xaxb", "bxax", "1230"],
    ["all gone", "abc", "", "---"],
  ])("%s", (_name, recorded, today, expected) => {
    expect(aligned(recorded, today)).toBe(expected);
  });

  it("keeps what is unique when there is too much to compare", () => {
    const keys = Array.from({ length: 1500 }, (_, index) => `k${index}`);
    const today = ["new", ...keys.toReversed()];
    expect(align(items(["old", ...keys]), items(today))).toEqual([null, ...keys.map((_, index) => 1500 - index)]);
  });

  it("pairs equals only, each once", () => {
    const keys = fc.array(fc.constantFrom(..."abcdef"), { maxLength: 20 });
    fc.assert(
      fc.property(keys, keys, (recorded, today) => {
        const result = align(items(recorded), items(today));
        const matches = result.filter((index) => index !== null);
        expect(new Set(matches).size).toBe(matches.length);
        for (const [index, match] of result.entries()) {
          if (match !== null) expect(today[match]).toBe(recorded[index]);
        }
      }),
    );
  });

  it("finds everything again after insertions of something else", () => {
    const recorded = fc.array(fc.constantFrom(..."abc"), { maxLength: 12 });
    fc.assert(
      fc.property(recorded, fc.array(fc.nat(12), { maxLength: 5 }), (before, places) => {
        const today = [...before];
        for (const place of places) today.splice(Math.min(place, today.length), 0, "new");
        const expected = [...today.keys()].filter((index) => today[index] !== "new");
        expect(align(items(before), items(today))).toEqual(expected);
      }),
    );
  });
});
