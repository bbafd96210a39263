import { LineIndex } from "../text/columns.ts";
import { commonEnds } from "../text/commonEnds.ts";
import { comparePositions, type Position, type Range } from "../text/range.ts";

/** What became of one text: everything between what both have in common at their beginning and at their end. Positions of each text. */
export interface TextChange {
  readonly start: Position;
  readonly oldEnd: Position;
  readonly newEnd: Position;
}

/** Null where the texts are equal. */
export function changeBetween(before: string, now: string): TextChange | null {
  if (before === now) return null;
  const common = commonEnds(before, now);
  // Half a line end is none.
  const start = before[common.start - 1] === "\r" ? common.start - 1 : common.start;
  const rest = common.end;
  const isHalf = [before, now].some((text) => text.startsWith("\r\n", text.length - rest - 1));
  const end = isHalf ? rest - 1 : rest;
  const old = new LineIndex(before);
  const today = new LineIndex(now);
  return {
    start: today.positionAt(start),
    oldEnd: old.positionAt(before.length - end),
    newEnd: today.positionAt(now.length - end),
  };
}

/** Where a range of the old text stands in the new one; null where the change touches it. */
export function moved(range: Range, { start, oldEnd, newEnd }: TextChange): Range | null {
  if (comparePositions(range.end, start) <= 0) return range;
  if (comparePositions(range.start, oldEnd) < 0) return null;
  if (oldEnd.line === newEnd.line && range.start.line > oldEnd.line) return range;
  const shift = ({ line, character }: Position): Position => ({
    line: line + newEnd.line - oldEnd.line,
    character: line === oldEnd.line ? character + newEnd.character - oldEnd.character : character,
  });
  return { start: shift(range.start), end: shift(range.end) };
}

/** The same value with all places (correlate/correlation.ts) in files that changed where they stand now. What does not change stays the same object. */
export function withMovedPlaces<T>(value: T, changes: ReadonlyMap<string, TextChange>): T {
  return mapPlaces(value, (place) => {
    const change = changes.get(place.path);
    return change === undefined ? place : movedPlace(place, change);
  }) as T;
}

/** The files of all places in a value. */
export function pathsIn(value: unknown): ReadonlySet<string> {
  const paths = new Set<string>();
  mapPlaces(value, (place) => {
    paths.add(place.path);
    return place;
  });
  return paths;
}

interface Placed {
  readonly path: string;
  readonly placement: unknown;
}

/** Places may stand anywhere in a finding: each kind of remedy has its own. */
function mapPlaces(value: unknown, map: (place: Placed) => Placed): unknown {
  if (typeof value !== "object" || value === null || value instanceof Set) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => mapPlaces(item, map));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (isPlaced(value)) return map(value);
  const members = Object.entries(value);
  const walked = members.map(([name, member]) => [name, mapPlaces(member, map)] as const);
  return walked.every(([, member], index) => member === members[index]?.[1]) ? value : Object.fromEntries(walked);
}

function isPlaced(value: object): value is Placed {
  return "placement" in value && "path" in value && typeof value.path === "string";
}

function movedPlace(place: Placed, change: TextChange): Placed {
  const { placement } = place;
  if (typeof placement !== "object" || placement === null || !("range" in placement) || !("statement" in placement)) {
    return place;
  }
  const range = moved(placement.range as Range, change);
  const statement = moved(placement.statement as Range, change);
  if (range === null || statement === null) return { ...place, placement: { state: "gone" } };
  const same = range === placement.range && statement === placement.statement;
  return same ? place : { ...place, placement: { ...placement, state: "moved", range, statement } };
}
