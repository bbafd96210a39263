import type { Finding } from "../insights/finding.ts";
import { splitLines } from "../text/columns.ts";
import type { QuickFix } from "./action.ts";
import type { Project } from "./project.ts";

/** A comment behind the line where the finding stands; null where that line can take none, as within a string of several lines. */
export function ignoreAction(
  { texts, correlator }: Project,
  { id, rule, at, stale }: Pick<Finding, "id" | "rule" | "at" | "stale">,
): QuickFix | null {
  if (stale || at.placement.state === "gone") return null;
  const { line } = at.placement.range.end;
  const isPython = at.site.kind === "python";
  if (isPython && correlator.pythonFile(at.path)?.takesComment(line) !== true) return null;
  const text = splitLines(texts.read(at.path) ?? "")[line];
  if (text === undefined) return null;
  const comment = `# querysight: ignore[${rule}]`;
  const position = { line, character: text.trimEnd().length };
  return {
    kind: "fix",
    title: `Ignore ${rule} here`,
    findingIds: [id],
    edits: [
      {
        file: at.path,
        range: { start: position, end: position },
        newText: isPython ? `  ${comment}` : ` {${comment} #}`,
      },
    ],
    preferred: false,
    verifiable: false,
  };
}
