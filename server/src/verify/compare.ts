import type { Outcome } from "../trace/model.ts";
import type { MeasuredScope, Snapshot } from "./snapshot.ts";

/** What running the tests again showed of a change of the code. */
export interface Comparison {
  /**
   * - `broken`: a test that did not fail before fails now, whatever the counts say.
   * - `fell`, `rose`, `same`: the queries of all compared scopes together.
   * - `held`: the same, where the change was to save none.
   * - `incomparable`: no scope that executes the changed code ended as it had before.
   * - `not-run`: none of the tests ended.
   */
  readonly verdict: "broken" | "fell" | "rose" | "same" | "held" | "incomparable" | "not-run";
  /** Of the scopes that execute the changed code, what changed: one a name (`GET /orders/`), the one that changed most, most first. */
  readonly changes: readonly Change[];
  /** The costliest scope that executes the changed code and was compared; null without one. */
  readonly costliest: Change | null;
  readonly passed: number;
  readonly broken: readonly BrokenTest[];
  /** Failing tests that had failed before the change, too. */
  readonly failing: readonly string[];
  /** Tests that were to run, and did not end. */
  readonly missing: readonly string[];
  /** Scopes whose number changed though they do not execute the changed code: it differs from run to run. */
  readonly unsteady: readonly string[];
}

export interface Change {
  /** `GET /orders/` */
  readonly name: string;
  readonly test: string;
  readonly before: number;
  readonly after: number;
}

export interface BrokenTest {
  readonly test: string;
  readonly outcome: Outcome;
}

/** Only scopes of tests that ended alike, and whose responses have the same status, are compared: a test that fails early asks less. */
export function compare(before: Snapshot, after: Snapshot, tests: readonly string[]): Comparison {
  const changes: Change[] = [];
  const same: Change[] = [];
  const unsteady = new Set<string>();
  const later = Map.groupBy(after.scopes, ({ key }) => key);
  for (const [key, was] of Map.groupBy(before.scopes, (scope) => scope.key)) {
    const now = later.get(key);
    const [first] = was;
    if (now === undefined || first === undefined || !endedAlike(was, now)) continue;
    const change = { name: first.name, test: first.test, before: sum(was, "queries"), after: sum(now, "queries") };
    const isChanged = sum(was, "lasting") !== sum(now, "lasting");
    if (!was.some(({ touched }) => touched)) {
      if (isChanged) unsteady.add(first.name);
    } else if (!was.some(({ stale }) => stale)) (isChanged ? changes : same).push(change);
  }
  const ends = tests.map((test) => ({ test, was: before.outcomes.get(test) ?? null, now: after.outcomes.get(test) }));
  const failed = ends.flatMap(({ test, was, now }) => (isFailure(now) ? [{ test, was, outcome: now }] : []));
  const broken = failed.filter(({ was }) => !isFailure(was)).map(({ test, outcome }) => ({ test, outcome }));
  const missing = ends.filter(({ now }) => now === undefined).map(({ test }) => test);
  const compared = [...changes, ...same].sort((a, b) => b.before - a.before || b.after - a.after);
  return {
    verdict: verdictOf(changes, compared, broken, missing.length === tests.length),
    changes: greatest(changes),
    costliest: compared[0] ?? null,
    passed: ends.filter(({ now }) => now === "passed").length,
    broken,
    failing: failed.filter(({ was }) => isFailure(was)).map(({ test }) => test),
    missing,
    unsteady: [...unsteady].sort(),
  };
}

/** The comparison of a change that saves no query, but what each brings. */
export function keepingCounts(comparison: Comparison): Comparison {
  return comparison.verdict === "same" ? { ...comparison, verdict: "held" } : comparison;
}

function verdictOf(
  changes: readonly Change[],
  compared: readonly Change[],
  broken: readonly BrokenTest[],
  nothingRan: boolean,
): Comparison["verdict"] {
  if (nothingRan) return "not-run";
  if (broken.length > 0) return "broken";
  if (compared.length === 0) return "incomparable";
  if (changes.length === 0) return "same";
  return changes.reduce((total, { before, after }) => total + after - before, 0) <= 0 ? "fell" : "rose";
}

function endedAlike(was: readonly MeasuredScope[], now: readonly MeasuredScope[]): boolean {
  const ends = (scopes: readonly MeasuredScope[]): string =>
    JSON.stringify(scopes.map(({ outcome, status }) => [outcome, status]));
  return ends(was) === ends(now);
}

/** One a name: the others say the same of it with smaller numbers. */
function greatest(changes: readonly Change[]): readonly Change[] {
  const sorted = [...changes].sort((a, b) => b.before - b.after - (a.before - a.after) || b.before - a.before);
  return [...Map.groupBy(sorted, ({ name }) => name).values()].flatMap(([first]) => first ?? []);
}

function isFailure(outcome: Outcome | null | undefined): outcome is "failed" | "error" {
  return outcome === "failed" || outcome === "error";
}

function sum(scopes: readonly MeasuredScope[], member: "queries" | "lasting"): number {
  return scopes.reduce((total, scope) => total + scope[member], 0);
}
