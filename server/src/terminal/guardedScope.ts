import { scopeName } from "../features/names.ts";
import type { Project } from "../features/project.ts";
import { scopeId } from "../features/report.ts";
import type { FixResult } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";

export interface GuardedScope {
  /** What was named, where it was a finding. */
  readonly finding: Finding | null;
  /** The edit, or why there is none. */
  readonly result: FixResult;
}

/**
 * @param named the id of a finding (its costliest scope is meant), that of a scope as `report --json` has it, or a scope's name (`GET /orders/`, a test's id):
 *   of several so called, the costliest that takes a guard
 * @returns null where nothing is so called
 */
export function guardedScope(project: Project, named: string): GuardedScope | null {
  const finding = project.findings().find(({ id }) => id === named);
  if (finding !== undefined) return { finding, result: project.guardFor(finding.evidence.scopeId) };
  const scopes = project.reader.scopes().filter((scope) => scopeId(scope) === named || scopeName(scope) === named);
  const [costliest, ...others] = scopes.sort((a, b) => b.queries - a.queries || a.id - b.id);
  if (costliest === undefined) return null;
  const result = project.guardFor(costliest.id);
  const taken = result.ok ? result : others.map(({ id }) => project.guardFor(id)).find(({ ok }) => ok);
  return { finding: null, result: taken ?? result };
}
