import { LineIndex } from "./columns.ts";
import type { Position, Range } from "./range.ts";

/** What `^^^ label` below a line says about it. */
export interface Mark {
  readonly range: Range;
  readonly label: string;
}

/** A fixture without its markers. */
export interface MarkedText {
  readonly text: string;
  /** Where `$0` stood. */
  readonly cursor: Position | null;
  readonly marks: readonly Mark[];
}

/**
 * Reads a fixture: `$0` is the cursor; a line of nothing but carets and a label (behind a `#`, if the language wants one) marks the
 * characters above the carets, and is no part of the text.
 */
export function markedText(fixture: string): MarkedText {
  const kept: string[] = [];
  const marks: Mark[] = [];
  for (const line of fixture.split("\n")) {
    const mark = /^[ #]*?(\^+)[ ]*(.*)$/.exec(line);
    if (mark === null) {
      kept.push(line);
      continue;
    }
    const [, carets = "", label = ""] = mark;
    const character = line.indexOf(carets);
    const above = kept.length - 1;
    marks.push({
      range: { start: { line: above, character }, end: { line: above, character: character + carets.length } },
      label: label.trim(),
    });
  }
  const joined = kept.join("\n");
  const offset = joined.indexOf("$0");
  if (offset < 0) return { text: joined, cursor: null, marks };
  const text = joined.slice(0, offset) + joined.slice(offset + 2);
  return { text, cursor: new LineIndex(text).positionAt(offset), marks };
}

/** The text of a range. */
export function textAt(text: string, range: Range): string {
  const lines = new LineIndex(text);
  return text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
}

/** The range of the nth (from 0) occurrence of a piece of the text. */
export function rangeOf(text: string, piece: string, nth = 0): Range {
  let offset = -1;
  for (let seen = 0; seen <= nth; seen++) {
    offset = text.indexOf(piece, offset + 1);
    if (offset < 0) throw new Error(`"${piece}" does not occur ${nth + 1} times.`);
  }
  return new LineIndex(text).rangeAt(offset, offset + piece.length);
}
