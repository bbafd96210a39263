import fc from "fast-check";
import { expect, test } from "vitest";
import { type LineBatch, LineReader } from "./lines.ts";

function from(bytes: Buffer, most = Number.POSITIVE_INFINITY) {
  return (offset: number, into: Uint8Array) => {
    const part = bytes.subarray(offset, offset + Math.min(into.length, most));
    into.set(part);
    return part.length;
  };
}

function linesOf(batch: LineBatch): (string | null)[] {
  const lines: (string | null)[] = [];
  batch.each((bytes, start, end) => {
    if (bytes !== null) expect(bytes[end]).toBe(0x0a);
    lines.push(bytes?.toString("utf8", start, end) ?? null);
    return true;
  });
  return lines;
}

test("whole lines come back whole, however they are cut into reads and batches", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", ""))),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (lines, budget, most) => {
        const bytes = Buffer.from(`${lines.map((line) => `${line}\n`).join("")}torn`);
        const reader = new LineReader(budget);
        const seen: (string | null)[] = [];
        let offset = 0;
        for (;;) {
          const batch = reader.read(from(bytes, most), offset);
          seen.push(...linesOf(batch));
          offset += batch.consumed;
          if (batch.atEnd) break;
          expect(batch.consumed).toBeGreaterThan(0);
        }
        expect(seen).toEqual(lines);
        expect(offset).toBe(bytes.length - 4);
      },
    ),
  );
});

test("what stands behind a given offset is not read", () => {
  const batch = new LineReader(1_000).read(from(Buffer.from("first\nsecond\nthird\n")), 0, 13);
  expect([linesOf(batch), batch.consumed]).toEqual([["first", "second"], 13]);
});

test.each([1_000, 8])("a line that is too long is passed over, not held, with a budget of %i bytes", (budget) => {
  const bytes = Buffer.from(`short\n${"x".repeat(50)}\n${"y".repeat(20)}\nlast\n`);
  const reader = new LineReader(budget, 20);
  const seen: (string | null)[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const batch = reader.read(from(bytes, 8), offset);
    seen.push(...linesOf(batch));
    offset += batch.consumed;
  }
  expect(seen).toEqual(["short", null, "y".repeat(20), "last"]);
});

test("reading stops where it is told to", () => {
  const batch = new LineReader(1_000).read(from(Buffer.from("a\nb\nc\n")), 0);
  let count = 0;
  expect(batch.each(() => ++count < 2)).toBe(false);
  expect(count).toBe(2);
});
