import { formatQuantity, formatQueries, formatTime } from "./format.ts";
import type { Report, ReportedFinding, ReportedScope } from "./report.ts";
import { oneLine } from "./untrusted.ts";

const shownScopes = 10;
const shownTests = 3;

/** The report for a person in a terminal: findings first, the costliest before, then the scopes that execute most. */
export function reportText(report: Report, recorded: string): string {
  const sections = [heading(report, recorded), ...report.findings.map(findingText)];
  const scopes = scopesText(report.scopes);
  if (scopes !== "") sections.push(scopes);
  if (report.findings.some(({ fix }) => fix?.safety === "safe")) {
    sections.push("querysight fix --all applies the safe fixes; querysight fix <id> applies one.");
  }
  return `${sections.join("\n\n")}\n`;
}

function heading({ findings }: Report, recorded: string): string {
  const found = findings.length === 0 ? "No findings" : formatQuantity(findings.length, "finding");
  return `${found}; ${recorded}.`;
}

function findingText(finding: ReportedFinding): string {
  const { evidence, site, fix } = finding;
  const lines = [
    `${oneLine(finding.file)}:${finding.line}:${finding.column}  ${finding.severity}  ${finding.rule}  ${finding.id}`,
    `  ${oneLine(finding.message, 1_000)}`,
    `  ${formatQueries(evidence.queries)} in ${oneLine(evidence.scope)}, ${formatTime(evidence.sqlTimeMs * 1e6)} SQL${shareOf(evidence)}`,
  ];
  if (site.file !== finding.file || site.line !== finding.line) {
    lines.push(`  the queryset: ${oneLine(site.file)}:${site.line}`);
  }
  lines.push(`  covered by ${testsText(finding.coveringTests)}`);
  if (finding.stale) lines.push("  recorded before an edit: record the tests again");
  if (fix !== null)
    lines.push(`  fix (${fix.safety === "safe" ? "safe" : "changes behaviour"}): ${oneLine(fix.title)}`);
  if (finding.withheld !== null) lines.push(`  no edit: ${oneLine(finding.withheld, 500)}`);
  return lines.join("\n");
}

function testsText(tests: readonly string[]): string {
  if (tests.length === 0) return "no test";
  const rest = tests.length - shownTests;
  return (
    tests
      .slice(0, shownTests)
      .map((test) => oneLine(test))
      .join(", ") + (rest > 0 ? ` and ${rest} more` : "")
  );
}

function scopesText(scopes: readonly ReportedScope[]): string {
  const costliest = new Map<string, ReportedScope>();
  for (const scope of scopes) {
    if (scope.kind !== "request") continue;
    const name = `${scope.method ?? ""} ${scope.route ?? scope.view ?? ""}`.trim();
    const known = costliest.get(name);
    if (known === undefined || scope.queries > known.queries) costliest.set(name, scope);
  }
  const ranked = [...costliest].filter(([, { queries }]) => queries > 0).sort(([, a], [, b]) => b.queries - a.queries);
  if (ranked.length === 0) return "";
  const lines = ranked
    .slice(0, shownScopes)
    .map(([name, scope]) => `  ${String(scope.queries).padStart(6)}  ${oneLine(name)}${repeats(scope)}`);
  return ["Endpoints by queries:", ...lines].join("\n");
}

function repeats({ duplicates }: ReportedScope): string {
  return duplicates === 0 ? "" : ` (${duplicates} of them repeat a statement)`;
}

/** `; 100 of 100 rows`; nothing where no rows of a list stand behind it. */
function shareOf({ instances, rows }: ReportedFinding["evidence"]): string {
  return rows === 0 ? "" : `; ${instances} of ${formatQuantity(rows, "row")}`;
}
