import type { Correlator } from "../correlate/correlator.ts";
import type { CountAssertion } from "../python/countAssertions.ts";
import { containsRange, type TextEdit } from "../text/range.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import type { Effect } from "./effect.ts";

/** What becomes of the assertions on the number of queries when a fix is made. */
export interface Adaptation {
  /** Exact counts with their new number. */
  readonly edits: readonly TextEdit[];
  /** Those that would fail and whose new number cannot be told, in words. */
  readonly conflicts: readonly string[];
}

/** Looks at every assertion around a query that the effect touches. Numbers come from the recording of the tests that ran it. */
export function adaptCountAssertions(reader: TraceReader, correlator: Correlator, effect: Effect): Adaptation {
  const edits: TextEdit[] = [];
  const conflicts: string[] = [];
  for (const path of pathsTouched(reader, effect)) {
    for (const assertion of correlator.pythonFile(path)?.withs ?? []) {
      const outcome = newCount(reader, rowsInside(reader, correlator, path, assertion), assertion, effect);
      if (outcome.kind === "unchanged") continue;
      if (outcome.kind === "changed" && assertion.countRange !== null) {
        edits.push({ file: path, range: assertion.countRange, newText: String(outcome.count) });
      } else {
        const why = outcome.kind === "unknown" ? outcome.why : "it gives no number";
        conflicts.push(`the query count asserted in ${path}:${assertion.range.start.line + 1} changes, and ${why}`);
      }
    }
  }
  return { edits, conflicts };
}

type Outcome =
  | { readonly kind: "unchanged" }
  | { readonly kind: "changed"; readonly count: number }
  | { readonly kind: "unknown"; readonly why: string };

const unchanged: Outcome = { kind: "unchanged" };

function newCount(reader: TraceReader, rows: readonly QueryRow[], assertion: CountAssertion, effect: Effect): Outcome {
  const byTest = Map.groupBy(rows, ({ scopeId }) => reader.scope(scopeId).test);
  const outcomes = Array.from(byTest, ([test, inTest]) =>
    test === null ? unchanged : newCountInTest(reader, inTest, assertion, effect),
  );
  const unknown = outcomes.find(({ kind }) => kind === "unknown");
  if (unknown !== undefined) return unknown;
  const counts = new Set(outcomes.map((outcome) => (outcome.kind === "changed" ? outcome.count : null)));
  const [only] = counts;
  if (counts.size > 1) return { kind: "unknown", why: "its tests would need different numbers" };
  return only === undefined || only === null ? unchanged : { kind: "changed", count: only };
}

function newCountInTest(
  reader: TraceReader,
  rows: readonly QueryRow[],
  { value, kind }: CountAssertion,
  effect: Effect,
): Outcome {
  let change = 0;
  for (const row of rows) {
    const more = effect.change.get(row.id);
    if (more === null) return { kind: "unknown", why: "the recording does not tell by how much" };
    change += more ?? 0;
  }
  if (change === 0 || (kind === "max" && change < 0)) return unchanged;
  if (value === null) return { kind: "unknown", why: "it is not written as a number" };
  const runs = runsOf(reader, rows, value);
  if (kind === "max") {
    const most = totals(reader, rows)[0] ?? 0;
    return most + change <= value ? unchanged : { kind: "unknown", why: "it would be exceeded" };
  }
  if (runs === null || change % runs !== 0) {
    return { kind: "unknown", why: "the recording counted other numbers there than it asserts" };
  }
  return { kind: "changed", count: value + change / runs };
}

/** How often the block ran: its recorded queries are that many times what it asserts. */
function runsOf(reader: TraceReader, rows: readonly QueryRow[], value: number): number | null {
  for (const total of totals(reader, rows)) {
    if (total === value) return 1;
    if (value > 0 && total % value === 0) return total / value;
  }
  return null;
}

/** With savepoints and transactions, which such an assertion counts where they reach the database, and without. */
export function totals(reader: TraceReader, rows: readonly QueryRow[]): readonly number[] {
  const all = rows.reduce((total, { count }) => total + count, 0);
  const application = rows.filter(({ statementId }) => {
    const { verb } = reader.statement(statementId);
    return verb !== "savepoint" && verb !== "transaction";
  });
  return [all, application.reduce((total, { count }) => total + count, 0)];
}

export function rowsInside(
  reader: TraceReader,
  correlator: Correlator,
  path: string,
  { block, range, using }: CountAssertion,
): readonly QueryRow[] {
  const region = block ?? range;
  const sites = correlator
    .sitesNow(path)
    .filter(({ placement }) => placement.state !== "gone" && containsRange(region, placement.range));
  const alias = using === null ? "default" : /^(["'])(.*)\1$/.exec(using)?.[2];
  return reader.rowsThrough(sites.map(({ site }) => site.id)).filter(({ db }) => alias === undefined || db === alias);
}

/** Files on the stacks of what the effect is about. */
function pathsTouched(reader: TraceReader, { rows }: Effect): readonly string[] {
  const stacks = new Set(rows.map(({ stackId }) => stackId));
  const paths = new Set([...stacks].flatMap((stack) => reader.stack(stack).map(({ path }) => path)));
  return [...paths].filter((path) => path.endsWith(".py")).sort();
}
