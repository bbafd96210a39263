import type { Place } from "../correlate/correlation.ts";
import type { FixResult } from "../fixes/fix.ts";
import type { Confidence, Finding, RuleCode, Severity } from "../insights/finding.ts";
import type { TextEdit } from "../text/range.ts";
import type { QueryRow, Scope, ScopeKind } from "../trace/model.ts";
import { curesOf } from "./codeAction.ts";
import { querysetOf } from "./firing.ts";
import type { Project } from "./project.ts";

/** What `querysight report --json` prints: docs/terminal.md. Lines and columns count from 1; ranges are LSP's; paths are relative POSIX. */
export interface Report {
  readonly version: 1;
  readonly findings: readonly ReportedFinding[];
  readonly scopes: readonly ReportedScope[];
}

export interface ReportedFinding {
  readonly id: string;
  readonly rule: RuleCode;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly stale: boolean;
  readonly message: string;
  /** Where it fires. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly evidence: {
    readonly scope: string;
    readonly queries: number;
    readonly instances: number;
    readonly rows: number;
    readonly sqlTimeMs: number;
  };
  /** The queryset that must change; where none is written, the firing place. */
  readonly site: { readonly file: string; readonly line: number };
  readonly coveringTests: readonly string[];
  readonly fix: ReportedFix | null;
  /** Why what the message says cannot be made an edit; null where there is one, or where the message is advice. */
  readonly withheld: string | null;
}

export interface ReportedFix {
  readonly title: string;
  readonly safety: "safe" | "changes-behaviour";
  readonly edits: readonly TextEdit[];
}

export interface ReportedScope {
  readonly id: string;
  readonly kind: ScopeKind;
  readonly test: string | null;
  readonly method: string | null;
  readonly route: string | null;
  readonly view: string | null;
  readonly queries: number;
  readonly sqlTimeMs: number;
  /** Executions of a statement that this scope had executed before, whatever its parameters. */
  readonly duplicates: number;
}

export function report(project: Project): Report {
  const findings = project.findings();
  const results = resultsById(project, findings);
  return {
    version: 1,
    findings: findings.map((finding) => reportedFinding(finding, results.get(finding.id) ?? null)),
    scopes: project.reader.scopes().map((scope) => reportedScope(scope, project.reader.rowsOfScope(scope.id))),
  };
}

/** Findings on one queryset share one fix: applying it once cures them all. */
function resultsById(project: Project, findings: readonly Finding[]): ReadonlyMap<string, FixResult> {
  const results = new Map<string, FixResult>();
  for (const { findings: group, cures } of curesOf(findings)) {
    if (group.some(({ stale }) => stale)) continue;
    const result = project.fixFor(group);
    for (const { id } of cures) results.set(id, result);
  }
  return results;
}

function reportedFinding(finding: Finding, result: FixResult | null): ReportedFinding {
  const { id, rule, severity, confidence, stale, message, evidence, coveringTests } = finding;
  const at = pointOf(finding.at);
  const site = querysetOf(finding) ?? finding.at;
  return {
    id,
    rule,
    severity,
    confidence,
    stale,
    message,
    file: finding.at.path,
    line: at.line,
    column: at.column,
    evidence: {
      scope: evidence.scope,
      queries: evidence.queries,
      instances: evidence.instances,
      rows: evidence.rows,
      sqlTimeMs: milliseconds(evidence.sumNs),
    },
    site: { file: site.path, line: pointOf(site).line },
    coveringTests,
    fix: result?.ok ? { title: result.fix.title, safety: result.fix.safety, edits: result.fix.edits } : null,
    withheld: result === null || result.ok || finding.remedy.kind === "advice" ? null : result.withheld.reason,
  };
}

function reportedScope(scope: Scope, rows: readonly QueryRow[]): ReportedScope {
  const { kind, test, method, route, view, queries, sqlNs } = scope;
  return {
    id: scopeId(scope),
    kind,
    test,
    method,
    route,
    view,
    queries,
    sqlTimeMs: milliseconds(sqlNs),
    duplicates: duplicates(rows),
  };
}

/** Built from what stays the same when the tests run again. */
export function scopeId(scope: Scope): string {
  const { kind, test, phase, ordinal, method, route, path, label } = scope;
  const parts = test === null ? [kind, label ?? `${method ?? ""} ${route ?? path ?? ""}`.trim()] : [kind, test, phase];
  return [...parts.filter((part) => part !== null && part !== ""), ...(kind === "request" ? [ordinal] : [])].join("|");
}

function duplicates(rows: readonly QueryRow[]): number {
  const counted = rows.filter(({ cause }) => cause.kind !== "transaction");
  const statements = Map.groupBy(counted, ({ statementId, db }) => `${db} ${statementId}`);
  return counted.reduce((total, { count }) => total + count, 0) - statements.size;
}

/** Counted from 1; where the line was edited away, as it was recorded. */
export function pointOf({ placement, site }: Place): { readonly line: number; readonly column: number } {
  if (placement.state === "gone") return { line: site.line, column: (site.column ?? 0) + 1 };
  return { line: placement.range.start.line + 1, column: placement.range.start.character + 1 };
}

/** To the microsecond: more digits would only differ from run to run. */
function milliseconds(ns: number): number {
  return Math.round(ns / 1e3) / 1e3;
}
