import { scopeName } from "../features/names.ts";
import type { Project } from "../features/project.ts";
import { staleness } from "../features/staleness.ts";
import type { Outcome, Scope } from "../trace/model.ts";
import type { Affected } from "./affected.ts";

/** What some tests executed: plain data, since ingest may forget the recording that it is of. */
export interface Snapshot {
  readonly scopes: readonly MeasuredScope[];
  /** By test: how its newest attempt ended. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export interface MeasuredScope {
  /** Equal for one scope of one test in two recordings. */
  readonly key: string;
  /** `GET /orders/` */
  readonly name: string;
  readonly test: string;
  /** Of the test in this recording; null where it did not end. */
  readonly outcome: Outcome | null;
  /** Of the response; null where it is no request. */
  readonly status: number | null;
  readonly queries: number;
  /** Without those for content types, which Django keeps for a whole process: whoever comes first asks for them. */
  readonly lasting: number;
  /** It executed an edited statement. Only known of a recording from before the edit. */
  readonly touched: boolean;
  /** Recorded before another edit: its number is not what the code before this edit executes. */
  readonly stale: boolean;
}

/**
 * What counts now, before the edit is made.
 * @param evenStale after an edit that was made already: that numbers were recorded before it is the point
 */
export function snapshotBefore(project: Project, { scopes, tests }: Affected, evenStale = false): Snapshot {
  const ends = project.reader.testEnds();
  const counted = new Map(ends.filter(({ counts }) => counts).map(({ test, outcome }) => [test, outcome]));
  return {
    scopes: measured(project, project.reader.scopes(), new Set(tests), counted, scopes).map((scope) =>
      evenStale ? { ...scope, stale: false } : scope,
    ),
    outcomes: new Map(ends.map(({ test, outcome }) => [test, outcome])),
  };
}

/** What one run recorded of these tests, passed or not. */
export function snapshotOf(project: Project, run: string, tests: readonly string[]): Snapshot {
  const ends = project.reader.testEnds().filter((end) => end.run === run);
  const outcomes = new Map(ends.map(({ test, outcome }) => [test, outcome]));
  return {
    scopes: measured(project, project.reader.scopesOfRun(run), new Set(tests), outcomes, new Set()),
    outcomes,
  };
}

function measured(
  project: Project,
  scopes: readonly Scope[],
  tests: ReadonlySet<string>,
  outcomes: ReadonlyMap<string, Outcome>,
  touched: ReadonlySet<number>,
): readonly MeasuredScope[] {
  return scopes.flatMap((scope) => {
    const { test } = scope;
    if (test === null || !tests.has(test)) return [];
    const rows = project.reader.rowsOfScope(scope.id);
    const kept = rows.filter(({ cause }) => cause.kind === "contenttypes");
    const isTouched = touched.has(scope.id);
    return {
      key: keyOf(scope),
      name: scopeName(scope),
      test,
      outcome: outcomes.get(test) ?? null,
      status: scope.status,
      queries: scope.queries,
      lasting: scope.queries - kept.reduce((total, { count }) => total + count, 0),
      touched: isTouched,
      stale: isTouched && staleness(project, rows) !== null,
    };
  });
}

function keyOf({ kind, test, phase, ordinal, method, route, path, view, label }: Scope): string {
  return JSON.stringify([kind, test, phase, kind === "request" ? ordinal : 0, method, route ?? path, view, label]);
}
