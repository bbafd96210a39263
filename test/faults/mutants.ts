import fc from "fast-check";
import type { Json, Slice } from "./demoSegment.ts";

/** A line of a segment that was tampered with. `kept`: it reads as the recorder wrote it, and stands in its order. */
export interface MutantLine {
  readonly text: string;
  readonly kept: boolean;
}

export class Mutant {
  readonly slice: Slice;
  readonly lines: readonly MutantLine[];
  /** The last line has no end: its writer was killed. */
  readonly torn: boolean;

  constructor(slice: Slice, lines: readonly MutantLine[], torn: boolean) {
    this.slice = slice;
    this.lines = lines;
    this.torn = torn;
  }

  get bytes(): Buffer {
    return Buffer.from(this.lines.map(({ text }) => text).join("\n") + (this.torn ? "" : "\n"), "utf8");
  }

  toString(): string {
    const changed = this.lines.flatMap(({ text, kept }, at) => (kept ? [] : [`${at + 1}: ${text.slice(0, 400)}`]));
    return `${this.slice.test}, ${this.lines.length} of ${this.slice.lines.length} lines, changed:\n${changed.join("\n")}`;
  }

  /** What fast-check shows of a case that fails. */
  [fc.toStringMethod](): string {
    return this.toString();
  }
}

/** What stands in for a member's value: what is nearly right is worse than what is plainly wrong. */
const values = [
  null,
  true,
  false,
  -1,
  0,
  1,
  2,
  1.5,
  2 ** 28,
  2 ** 53,
  1e308,
  "",
  "x",
  "../x",
  "/etc/passwd",
  "\u0000",
  "\ud800",
  "\u202e😀",
  "__proto__",
  "x".repeat(5_000),
  [],
  {},
  [null],
  [[]],
  [1, 2, 3],
  [[1, 2]],
  { type: "row" },
] as const;
const noise = ["\u0000", "\ufffd", '"', "{", "}", "[", ",", "\\", "\n", "\r", "e9", "-", " ", "\ud83d", "0"] as const;

type Change = (lines: readonly MutantLine[]) => readonly MutantLine[];

const broken = (text: string): MutantLine => ({ text, kept: false });
const put = (lines: readonly MutantLine[], at: number, ...instead: readonly MutantLine[]): readonly MutantLine[] => [
  ...lines.slice(0, at),
  ...instead,
  ...lines.slice(at + 1),
];

function inserted(lines: readonly MutantLine[], at: number, text: string): readonly MutantLine[] {
  return [...lines.slice(0, at), broken(text), ...lines.slice(at)];
}

/** One fault somewhere in the segment. Picks are taken modulo what is there, so that they shrink well. */
const change: fc.Arbitrary<Change> = fc
  .record({ kind: fc.nat(13), line: fc.nat(10_000), other: fc.nat(10_000), value: fc.nat(values.length - 1) })
  .map(({ kind, line, other, value }) => (lines) => {
    const at = line % lines.length;
    const to = other % lines.length;
    const text = lines[at]?.text ?? "";
    const cut = other % (text.length + 1);
    switch (kind) {
      case 0: // lost
        return put(lines, at);
      case 1: // written twice
        return inserted(lines, to, text);
      case 2: // out of its order
        return inserted(put(lines, at), to, text);
      case 3: // cut off, and the next one written behind it
        return put(lines, at, broken(text.slice(0, cut)));
      case 4:
        return put(put(lines, at, broken(text.slice(0, cut) + (lines[at + 1]?.text ?? ""))), at + 1);
      case 5: // a byte that fell over
        return put(lines, at, ...split(text.slice(0, cut) + noise[value % noise.length] + text.slice(cut + 1)));
      case 6: // what another program wrote
        return inserted(lines, at, JSON.stringify(values[value]));
      case 7: // a record whose member is another's
        return put(lines, at, broken(exchanged(text, lines[to]?.text ?? "", value)));
      default:
        return put(lines, at, broken(changedMember(text, other, value)));
    }
  });

/** A recorded segment with some faults, of which it may be that none changes anything. */
export function mutantsOf(slices: readonly Slice[], most: number): fc.Arbitrary<Mutant> {
  return fc
    .record({
      slice: fc.nat(slices.length - 1),
      changes: fc.array(change, { minLength: 1, maxLength: most }),
      torn: fc.oneof(
        { weight: 4, arbitrary: fc.constant<number | null>(null) },
        { weight: 1, arbitrary: fc.nat(10_000) },
      ),
    })
    .map(({ slice: which, changes, torn }) => {
      const slice = slices[which];
      if (slice === undefined) throw new Error("There is no slice of that number.");
      let lines: readonly MutantLine[] = slice.lines.map((text) => ({ text, kept: true }));
      for (const apply of changes) if (lines.length > 1) lines = apply(lines);
      if (torn === null) return new Mutant(slice, lines, false);
      const at = torn % lines.length;
      const text = lines[at]?.text ?? "";
      return new Mutant(slice, [...lines.slice(0, at), broken(text.slice(0, torn % (text.length + 1)))], true);
    });
}

/** One line with one member changed, somewhere in its depth. */
export function changedMember(line: string, pick: number, value: number): string {
  const record = JSON.parse(safe(line)) as Json;
  const places = placesIn(record);
  const place = places[pick % places.length] ?? [];
  const copy = structuredClone(record) as Record<string, unknown>;
  let holder: Record<string, unknown> = copy;
  for (const member of place.slice(0, -1)) holder = holder[member] as Record<string, unknown>;
  const last = place.at(-1) ?? "type";
  const now = holder[last];
  if (value === values.length - 1) delete holder[last];
  // A number of the same kind is what a wrong reference looks like.
  else if (typeof now === "number" && pick % 3 === 0) holder[last] = Math.max(0, now + (value % 7) - 3);
  else holder[last] = values[value];
  return JSON.stringify(copy);
}

function exchanged(line: string, other: string, pick: number): string {
  const record = JSON.parse(safe(line)) as Json;
  const source = JSON.parse(safe(other)) as Json;
  const shared = Object.keys(source).filter((member) => member in record);
  const member = shared[pick % Math.max(1, shared.length)] ?? "type";
  return JSON.stringify({ ...record, [member]: source[member] });
}

function safe(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? line : "{}";
  } catch {
    return "{}";
  }
}

function split(text: string): readonly MutantLine[] {
  return text.split("\n").map(broken);
}

/** The paths of all members, those of the first two of a list's items included. */
function placesIn(value: unknown, deep = 0): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null || deep > 3) return [];
  const members = Array.isArray(value) ? ["0", "1"].filter((at) => at in value) : Object.keys(value);
  return members.flatMap((member) => [
    [member],
    ...placesIn((value as Record<string, unknown>)[member], deep + 1).map((rest) => [member, ...rest]),
  ]);
}
