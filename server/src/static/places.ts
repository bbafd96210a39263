import type { Place } from "../correlate/correlation.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Range } from "../text/range.ts";

/** A range of a text that was never recorded, as a place. */
export function placeIn(file: PythonFile, path: string, range: Range): Place {
  const statement = file.statementAt(range);
  const { start, end } = range;
  return {
    path,
    placement: { state: "fresh", range, statement: statement?.range ?? range },
    site: {
      id: -1,
      fileId: -1,
      path,
      kind: "python",
      qualname: statement?.qualname ?? "<module>",
      functionLine: start.line + 1,
      line: start.line + 1,
      column: start.character,
      endLine: end.line + 1,
      endColumn: end.character,
      token: null,
    },
  };
}
