import fc from "fast-check";
import { expect, test } from "vitest";
import { LineIndex } from "../text/columns.ts";
import { changeBetween, moved, pathsIn, withMovedPlaces } from "./movedPlaces.ts";

const unit = fc.constantFrom("a", "b", " ", "\n", "\r\n", "é", "😀");
const text = fc.array(unit, { maxLength: 30 }).map((units) => units.join(""));

test("what a change does not touch is found where it went", () => {
  fc.assert(
    fc.property(text, text, text, text, fc.nat(), fc.nat(), (head, taken, typed, tail, from, to) => {
      // Marked, so that it is clear which of two equal characters went.
      const [old, fresh] = [`(${taken})`, `[${typed}]`];
      const before = head + old + tail;
      const now = head + fresh + tail;
      const change = changeBetween(before, now);
      if (change === null) return;
      const lines = new LineIndex(before);
      const [start = 0, end = 0] = [from % (before.length + 1), to % (before.length + 1)].sort((a, b) => a - b);
      const range = moved(lines.rangeAt(start, end), change);
      const inHead = end <= head.length;
      const inTail = start >= head.length + old.length;
      if (range === null) expect(inHead || inTail).toBe(false);
      else {
        const today = new LineIndex(now);
        const given = before.slice(lines.offsetAt(lines.positionAt(start)), lines.offsetAt(lines.positionAt(end)));
        expect(now.slice(today.offsetAt(range.start), today.offsetAt(range.end))).toBe(given);
        if (inTail && start < end)
          expect(today.offsetAt(range.start)).toBe(today.offsetAt(today.positionAt(start + fresh.length - old.length)));
      }
    }),
    { numRuns: 5_000 },
  );
});

const at = (line: number) => ({ start: { line, character: 4 }, end: { line, character: 9 } });
const place = (path: string, line: number) => ({
  path,
  placement: { state: "fresh", range: at(line), statement: at(line) },
});

test("places move wherever they stand in a value; what has none stays the same object", () => {
  const change = changeBetween("one\ntwo\nthree\n", "one\nnew\ntwo\nthree\n");
  const changes = new Map(change === null ? [] : [["a.py", change] as const]);
  const remedy = { kind: "eager-load", chain: place("a.py", 2), lookups: [{ path: "customer" }] };
  const finding = { at: place("a.py", 0), fires: [place("b.py", 2), place("a.py", 2)], remedy, shownBy: new Set([1]) };
  const after = withMovedPlaces(finding, changes);
  expect(after.fires[1]?.placement.range.start.line).toBe(3);
  expect(after.remedy.chain.placement.range.start.line).toBe(3);
  expect(after.at).toBe(finding.at);
  expect(after.fires[0]).toBe(finding.fires[0]);
  expect(after.shownBy).toBe(finding.shownBy);
  expect(withMovedPlaces({ at: place("b.py", 1) }, changes)).toEqual({ at: place("b.py", 1) });
  expect(pathsIn(finding)).toEqual(new Set(["a.py", "b.py"]));
});

test("what the change touches stands nowhere until it is looked at again", () => {
  const change = changeBetween("one\n    total()\n", "one\n    tonal()\n");
  const changes = new Map(change === null ? [] : [["a.py", change] as const]);
  expect(withMovedPlaces(place("a.py", 1), changes).placement).toEqual({ state: "gone" });
});
