import type { FixResult } from "../fixes/fix.ts";
import type { RuleCode } from "../insights/finding.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { formatQuantity } from "./format.ts";
import { pointOf, type ReportedFix } from "./report.ts";
import { editKey } from "./staticActions.ts";
import { oneLine } from "./untrusted.ts";

/** What `querysight report --static --json` prints: docs/terminal.md. */
export interface StaticReport {
  readonly version: 1;
  readonly findings: readonly ReportedReading[];
  /** Reading tells nothing of them. */
  readonly scopes: readonly [];
}

/** The members that it shares with a recorded finding mean the same. */
export interface ReportedReading {
  readonly id: string;
  readonly rule: RuleCode;
  readonly severity: "hint";
  readonly static: true;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly loop: { readonly line: number };
  readonly site: { readonly file: string; readonly line: number };
  readonly fix: ReportedFix | null;
}

export function staticReport(
  findings: readonly StaticFinding[],
  fixFor: (findings: readonly StaticFinding[]) => FixResult,
): StaticReport {
  const fixes = new Map<string, ReportedFix>();
  for (const group of Map.groupBy(findings, editKey).values()) {
    const result = fixFor(group);
    if (!result.ok) continue;
    const { title, safety, edits } = result.fix;
    for (const { id } of group) fixes.set(idIn(group, id), { title, safety, edits });
  }
  const reported = findings.map((finding) => reportedReading(finding, fixes.get(idIn([finding], finding.id)) ?? null));
  return { version: 1, findings: reported, scopes: [] };
}

/** Ids are unique in a file. */
function idIn([first]: readonly StaticFinding[], id: string): string {
  return `${first?.at.path} ${id}`;
}

function reportedReading({ id, rule, message, at, loop, queryset }: StaticFinding, fix: ReportedFix | null) {
  const site = queryset ?? at;
  return {
    id,
    rule,
    severity: "hint",
    static: true,
    message,
    file: at.path,
    line: pointOf(at).line,
    column: pointOf(at).column,
    loop: { line: pointOf(loop).line },
    site: { file: site.path, line: pointOf(site).line },
    fix,
  } as const;
}

/** The same for a person in a terminal. */
export function staticReportText({ findings }: StaticReport, files: number): string {
  const found = findings.length === 0 ? "Nothing to tell" : formatQuantity(findings.length, "hint");
  const heading = `${found} from reading ${formatQuantity(files, "file")}, of code that no recorded test runs.`;
  return `${[heading, ...findings.map(readingText)].join("\n\n")}\n`;
}

function readingText({ file, line, column, rule, message, site, fix, id }: ReportedReading): string {
  const lines = [`${oneLine(file)}:${line}:${column}  hint  ${rule}  ${id}`, `  ${oneLine(message, 1_000)}`];
  if (site.line !== line) lines.push(`  the queryset: ${oneLine(site.file)}:${site.line}`);
  if (fix !== null) lines.push(`  edit: ${oneLine(fix.title)}`);
  return lines.join("\n");
}
