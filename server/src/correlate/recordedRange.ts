import { type LineIndex, utf8ColumnToUtf16 } from "../text/columns.ts";
import { comparePositions, type Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";

/** The site's range in the text that it was recorded from; null where its columns are unknown or lie outside that text. */
export function recordedRange(site: Site, lines: LineIndex): Range | null {
  const { line, column, endLine, endColumn } = site;
  if (column === null || endLine === null || endColumn === null) return null;
  if (line < 1 || endLine > lines.lineCount) return null;
  const range = {
    start: { line: line - 1, character: utf8ColumnToUtf16(lines.lineText(line - 1), column) },
    end: { line: endLine - 1, character: utf8ColumnToUtf16(lines.lineText(endLine - 1), endColumn) },
  };
  return comparePositions(range.start, range.end) <= 0 ? range : null;
}
