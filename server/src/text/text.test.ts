import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineIndex, splitLines, utf8ColumnToUtf16 } from "./columns.ts";
import { applyEdits, inverseEdits, positionAfter } from "./edits.ts";
import { contentHash } from "./hash.ts";
import { markedText, rangeOf, textAt } from "./testing.ts";

/** Texts of the characters that make positions hard. */
const hardText = fc
  .array(fc.constantFrom("a", " ", "\n", "\r\n", "\r", "é", "€", "😀", "\u2028", "\f"), { maxLength: 30 })
  .map((parts) => parts.join(""));

describe("utf8ColumnToUtf16", () => {
  it.each([
    ["abc", 2, 2],
    ["é = x", 2, 1],
    ["é = x", 1, 0],
    ["€uro", 3, 1],
    ["😀.a", 4, 2],
    ["😀.a", 3, 0],
    ["abc", 99, 3],
    ["abc", -1, 0],
  ])("%j, byte %i is column %i", (line, bytes, column) => {
    expect(utf8ColumnToUtf16(line, bytes)).toBe(column);
  });

  it("is the inverse of encoding the characters before it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (before, after) => {
        expect(utf8ColumnToUtf16(before + after, Buffer.byteLength(before))).toBe(before.length);
      }),
    );
  });
});

describe("LineIndex", () => {
  it("knows all three line ends, and no other", () => {
    const text = "a\r\nb\rc\n\u2028d\f";
    const lines = new LineIndex(text);
    expect(splitLines(text)).toEqual(["a", "b", "c", "\u2028d\f"]);
    expect([0, 1, 2, 3, 4].map((line) => lines.lineText(line))).toEqual(["a", "b", "c", "\u2028d\f", ""]);
    expect([0, 1, 2, 3].map((line) => lines.lineEnding(line))).toEqual(["\r\n", "\r", "\n", ""]);
  });

  it("gives back each offset that is not within a line end", () => {
    fc.assert(
      fc.property(hardText, (text) => {
        const lines = new LineIndex(text);
        expect(splitLines(text)).toEqual(Array.from({ length: lines.lineCount }, (_, line) => lines.lineText(line)));
        for (let offset = 0; offset <= text.length; offset++) {
          const isWithinEnd = text[offset - 1] === "\r" && text[offset] === "\n";
          expect(lines.offsetAt(lines.positionAt(offset))).toBe(isWithinEnd ? offset - 1 : offset);
        }
      }),
    );
  });

  it("clamps what lies outside", () => {
    const lines = new LineIndex("ab\ncd");
    expect(lines.positionAt(-1)).toEqual({ line: 0, character: 0 });
    expect(lines.positionAt(99)).toEqual({ line: 1, character: 2 });
    expect(lines.offsetAt({ line: 0, character: 99 })).toBe(2);
    expect(lines.offsetAt({ line: 9, character: 0 })).toBe(5);
    expect(lines.offsetAt({ line: -1, character: 3 })).toBe(0);
  });
});

describe("applyEdits", () => {
  it("makes all edits on the text before any of them", () => {
    const text = "a\nbc\n";
    const at = (piece: string) => rangeOf(text, piece);
    const start = { start: at("b").start, end: at("b").start };
    const edits = [
      { range: at("c"), newText: "C" },
      { range: start, newText: "1" },
      { range: start, newText: "2" },
      { range: at("a\n"), newText: "" },
    ];
    expect(applyEdits(text, edits)).toBe("12bC\n");
  });

  it("refuses overlapping edits", () => {
    const edit = (piece: string) => ({ range: rangeOf("abcd", piece), newText: "" });
    expect(() => applyEdits("abcd", [edit("abc"), edit("cd")])).toThrow(RangeError);
  });
});

describe("taking edits back", () => {
  const arbitraryEdits = fc.array(fc.tuple(fc.nat(20), fc.nat(4), hardText), { maxLength: 4 }).map((parts) => {
    let at = 0;
    return parts.map(([gap, length, newText]) => {
      const start = at + gap;
      at = start + length + 1;
      return { start, end: start + length, newText };
    });
  });

  it("gives the text that was", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 0, maxLength: 60 }), arbitraryEdits, (text, parts) => {
        const lines = new LineIndex(text);
        const edits = parts.map(({ start, end, newText }) => ({ range: lines.rangeAt(start, end), newText }));
        // Behind the end all edits would stand at one place.
        fc.pre(
          parts.every(({ end }) => end <= text.length) && !/[\r\n]/.test(text + parts.map((p) => p.newText).join("")),
        );
        expect(applyEdits(applyEdits(text, edits), inverseEdits(text, edits))).toBe(text);
      }),
    );
  });

  it("works over lines", () => {
    const text = "a\nbc\nd\n";
    const edits = [
      { range: rangeOf(text, "bc\n"), newText: "" },
      { range: rangeOf(text, "d"), newText: "(\r\n  d\r\n)" },
      { range: rangeOf(text, "a"), newText: "b\na" },
    ];
    expect(applyEdits(applyEdits(text, edits), inverseEdits(text, edits))).toBe(text);
  });

  it("knows where a position has gone", () => {
    const text = "import a\n\norders = all()\nlast = 1\n";
    const edits = [
      { range: { start: rangeOf(text, "a").end, end: rangeOf(text, "a").end }, newText: "\nimport b" },
      { range: rangeOf(text, "all()"), newText: "all().select(\n  1\n)" },
    ];
    const after = applyEdits(text, edits);
    for (const piece of ["import a", "orders", "all", "last"]) {
      expect(positionAfter(text, edits, rangeOf(text, piece).start)).toEqual(rangeOf(after, piece).start);
    }
    expect(positionAfter(text, edits, rangeOf(text, "()").start)).toEqual(rangeOf(after, "all").start);
  });
});

it("contentHash leaves a byte order mark out", () => {
  expect(contentHash("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(contentHash("\uFEFFé\r\n")).toBe(contentHash("é\r\n"));
  expect(contentHash("é\r\n")).not.toBe(contentHash("é\n"));
});

it("markedText takes the markers out of a fixture", () => {
  const { text, cursor, marks } = markedText("for x in y:\n#   ^ name\n    $0z\n    ^ end\n");
  expect(text).toBe("for x in y:\n    z\n");
  expect(cursor).toEqual({ line: 1, character: 4 });
  expect(marks.map(({ range, label }) => [textAt(text, range), label])).toEqual([
    ["x", "name"],
    ["z", "end"],
  ]);
});
