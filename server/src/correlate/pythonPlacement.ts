import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import { below, type Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import { makesTheSameQueryset, standsForClass } from "./classPlacement.ts";
import type { Placement } from "./correlation.ts";
import { recordedRange } from "./recordedRange.ts";
import { enclosingStatements, indexOfStatement } from "./scopeTree.ts";

const gone: Placement = { state: "gone" };

/** A site in the text that it was recorded from. */
export function placeUnchanged(site: Site, file: PythonFile): Placement {
  const range = recordedRange(site, file.lines);
  const statement = statementOf(site, range, file);
  if (statement === null) return range === null ? gone : { state: "fresh", range, statement: range };
  const { header } = statement;
  return { state: "fresh", range: range === null ? header : file.withinHeader(range, statement), statement: header };
}

/** The statement that holds a site, in the text that it was recorded from. */
export function recordedStatement(site: Site, file: PythonFile): Statement | null {
  return statementOf(site, recordedRange(site, file.lines), file);
}

/** A site in today's text; `alignment` says which of today's statements (by index) is which recorded one. */
export function placeMoved(site: Site, recorded: PythonFile, today: PythonFile, alignment: Alignment): Placement {
  const own = ownStatement(site, recorded);
  if (own === null) return gone;
  const { before, range } = own;
  const now = today.statement(alignment[own.index] ?? -1);
  if (now === undefined) return today.hasErrors ? placeByLines(range ?? before.header, before, recorded, today) : gone;
  // The header is the same object while its part of the text is the same, and on the same line (python/placedBlock.ts): so is all that follows from it.
  if (own.header === now.header) return own.placement;
  const moved = range === null ? now.header : rangeWithin(range, before, recorded, now, today);
  const isOther = standsForClass(site) && !makesTheSameQueryset(recorded, range ?? before.header, today, moved);
  own.header = now.header;
  own.placement = isOther ? gone : { state: "moved", range: moved, statement: now.header };
  return own.placement;
}

/** A site of which the whole block (python/blocks.ts) stands in today's text, so many lines further down than it was recorded. */
export function placeStanding(own: OwnStatement, site: Site, lines: number): Placement {
  own.unmoved ??= placeUnmoved(own, site);
  if (lines === 0 || own.unmoved.state === "gone") return own.unmoved;
  if (own.shifted?.lines !== lines) {
    const { range, statement } = own.unmoved;
    const placement = { state: "moved", range: below(range, lines), statement: below(statement, lines) } as const;
    own.shifted = { lines, placement };
  }
  return own.shifted.placement;
}

/** As `placeMoved` does it where nothing was edited. */
function placeUnmoved({ recorded, before, range }: OwnStatement, site: Site): Placement {
  const place = range === null ? before.header : rangeWithin(range, before, recorded, before, recorded);
  const isOther = standsForClass(site) && !makesTheSameQueryset(recorded, range ?? before.header, recorded, place);
  return isOther ? gone : { state: "moved", range: place, statement: before.header };
}

/** A site's statement in its recorded text, and where it was placed last: with every key that is typed thousands are placed anew. */
export interface OwnStatement {
  readonly recorded: PythonFile;
  readonly before: Statement;
  readonly index: number;
  /** Of the site, where its columns are known. */
  readonly range: Range | null;
  /** Of today's statement for which `placement` was found. */
  header: Range | null;
  placement: Placement;
  /** The block of the recorded text that holds it. */
  readonly block: number;
  /** Where it stands while its whole block does: in the recorded text, and so many lines below that. */
  unmoved: Placement | null;
  shifted: { readonly lines: number; readonly placement: Placement } | null;
}

const owns = new WeakMap<Site, OwnStatement>();

/** Null where it stands in no statement. */
export function ownStatement(site: Site, recorded: PythonFile): OwnStatement | null {
  const known = owns.get(site);
  if (known?.recorded === recorded) return known;
  const whole = recordedRange(site, recorded.lines);
  const before = statementOf(site, whole, recorded);
  if (before === null) return null;
  const range = whole === null ? null : recorded.withinHeader(whole, before);
  const index = indexOfStatement(recorded, before);
  const block = recorded.blockOfStatement(index);
  const own = {
    ...{ recorded, before, index, range, block },
    ...{ header: null, placement: gone, unmoved: null, shifted: null },
  };
  owns.set(site, own);
  return own;
}

/** Today's header of the innermost statement around a site's that still stands; null where there is none. */
export function placeAround(site: Site, recorded: PythonFile, today: PythonFile, alignment: Alignment): Range | null {
  const around = enclosingStatements(recorded);
  const own = indexOfStatement(recorded, recordedStatement(site, recorded));
  for (let index = around[own] ?? -1; index >= 0; index = around[index] ?? -1) {
    const now = today.statement(alignment[index] ?? -1);
    if (now !== undefined) return now.header;
  }
  return null;
}

/** The line (from 0) where a statement that was edited or removed should be in today's text, by its nearest neighbour that stands. */
export function lineNow(site: Site, recorded: PythonFile, today: PythonFile, alignment: Alignment): number | null {
  const own = indexOfStatement(recorded, recordedStatement(site, recorded));
  const before = recorded.statements[own];
  if (before === undefined) return null;
  for (let step = 1; own - step >= 0 || own + step < recorded.statements.length; step++) {
    for (const index of [own - step, own + step]) {
      const neighbour = recorded.statements[index];
      const now = today.statement(alignment[index] ?? -1);
      if (neighbour === undefined || now === undefined) continue;
      const [from, to] =
        index < own ? [neighbour.header.end, now.header.end] : [neighbour.header.start, now.header.start];
      const line = to.line + before.header.start.line - from.line;
      return Math.min(Math.max(line, 0), today.lines.lineCount - 1);
    }
  }
  return null;
}

/**
 * While something is being typed, an open bracket or quote can hide statements behind it that nobody touched: they are found by their
 * lines, where these stand once in both texts.
 */
function placeByLines(range: Range, before: Statement, recorded: PythonFile, today: PythonFile): Placement {
  const start = recorded.lines.lineStart(before.header.start.line);
  const lines = recorded.text.slice(start, recorded.lines.contentEnd(before.header.end.line));
  const from = onlyPlaceOfLines(lines, recorded.text) === start ? onlyPlaceOfLines(lines, today.text) : null;
  if (from === null || !isOnlyLine(lines, today)) return gone;
  const shifted = (place: Range) =>
    today.lines.rangeAt(
      recorded.lines.offsetAt(place.start) - start + from,
      recorded.lines.offsetAt(place.end) - start + from,
    );
  const place = { state: "moved", range: shifted(range), statement: shifted(before.header), hidden: true } as const;
  return linesOfLoops(recorded).has(before.header.start.line) ? { ...place, hidesLoop: true } : place;
}

/** In which the statements of loops begin. */
function linesOfLoops(file: PythonFile): ReadonlySet<number> {
  let lines = loopLines.get(file);
  if (lines === undefined) {
    lines = new Set(file.loops.map(({ statement }) => statement.header.start.line));
    loopLines.set(file, lines);
  }
  return lines;
}

const loopLines = new WeakMap<PythonFile, ReadonlySet<number>>();

/** Where whole lines stand in a text; null where they do not, or more than once. */
function onlyPlaceOfLines(lines: string, text: string): number | null {
  let found: number | null = null;
  for (let at = text.indexOf(lines); at >= 0; at = text.indexOf(lines, at + 1)) {
    if (!isLineEnd(text[at - 1]) || !isLineEnd(text[at + lines.length])) continue;
    if (found !== null) return null;
    found = at;
  }
  return found;
}

/** No other line says the same, indented or commented in another way. */
function isOnlyLine(lines: string, file: PythonFile): boolean {
  const [first = ""] = lines.trimStart().split(/[\r\n]/);
  const code = first.replace(/\s+#[^"']*$/, "").trimEnd();
  const at = file.text.indexOf(code);
  return file.text.indexOf(code, at + 1) === -1;
}

function isLineEnd(character: string | undefined): boolean {
  return character === undefined || character === "\n" || character === "\r";
}

function statementOf(site: Site, range: Range | null, file: PythonFile): Statement | null {
  return range === null ? file.statementAtLine(site.line - 1) : file.statementAt(range);
}

/** The same tokens in a statement of the same tokens, however it is laid out now. */
function rangeWithin(range: Range, before: Statement, recorded: PythonFile, now: Statement, today: PythonFile): Range {
  const start = recorded.lines.offsetAt(range.start);
  const end = recorded.lines.offsetAt(range.end);
  const tokensBefore = before.tokens;
  const tokensNow = now.tokens;
  const first = tokensNow[tokensBefore.findIndex((token) => token.end > start)];
  const last = tokensNow[tokensBefore.findLastIndex((token) => token.start < end)];
  if (first === undefined || last === undefined || last.end < first.start) return now.header;
  return today.lines.rangeAt(first.start, last.end);
}
