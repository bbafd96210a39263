import { LineIndex } from "./columns.ts";
import type { Range } from "./range.ts";

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
  const lines = new LineIndex(text);
  const replacements = edits
    .map(({ range, newText }) => ({ start: lines.offsetAt(range.start), end: lines.offsetAt(range.end), newText }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let done = 0;
  for (const { start, end, newText } of replacements) {
    if (start < done) throw new RangeError(`Edits overlap at offset ${start}.`);
    result += text.slice(done, start) + newText;
    done = end;
  }
  return result + text.slice(done);
}
