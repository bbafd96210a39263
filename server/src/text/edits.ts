import { LineIndex } from "./columns.ts";
import type { Position, Range } from "./range.ts";

/** One replacement in a text that the caller knows. */
export interface Edit {
  readonly range: Range;
  readonly newText: string;
}

/**
 * The text with all edits made. Their ranges are those of the text before any of them; insertions at one place keep their order.
 * @throws RangeError where two edits overlap.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const { start, end, newText } of replacements(text, edits)) {
    if (start < done) throw new RangeError(`Edits overlap at offset ${start}.`);
    result += text.slice(done, start) + newText;
    done = end;
  }
  return result + text.slice(done);
}

/** What takes the edits back: edits of the text that they make of this one. */
export function inverseEdits(text: string, edits: readonly Edit[]): readonly Edit[] {
  const after = new LineIndex(applyEdits(text, edits));
  let growth = 0;
  return replacements(text, edits).map(({ start, end, newText }) => {
    const range = after.rangeAt(start + growth, start + growth + newText.length);
    growth += newText.length - (end - start);
    return { range, newText: text.slice(start, end) };
  });
}

/** Where a position of the text lies once the edits are made; of one within a replaced piece, where that begins. */
export function positionAfter(text: string, edits: readonly Edit[], position: Position): Position {
  const offset = new LineIndex(text).offsetAt(position);
  let growth = 0;
  for (const { start, end, newText } of replacements(text, edits)) {
    if (start > offset || (start === offset && end > start)) break;
    if (end > offset) return new LineIndex(applyEdits(text, edits)).positionAt(start + growth);
    growth += newText.length - (end - start);
  }
  return new LineIndex(applyEdits(text, edits)).positionAt(offset + growth);
}

function replacements(text: string, edits: readonly Edit[]) {
  const lines = new LineIndex(text);
  return edits
    .map(({ range, newText }) => ({ start: lines.offsetAt(range.start), end: lines.offsetAt(range.end), newText }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
}
