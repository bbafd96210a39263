import { isFactory } from "../text/factories.ts";
import type { CauseKind, QueryRow, Scope, ScopeCost, TraceReader } from "../trace/model.ts";
import { isSetup } from "./names.ts";
import type { Project } from "./project.ts";

/** What the costliest scope spent at some place. */
export interface Cost {
  readonly scope: Scope;
  /** True where only set-up or clean-up of tests runs it, their factories included. */
  readonly setup: boolean;
  readonly queries: number;
  readonly sqlNs: number;
  /** Model rows loaded. */
  readonly rows: number;
  /** The distinct queries of that scope, the most executed first. */
  readonly items: readonly QueryRow[];
  /** What the other scopes spent that ran there, those of the same kind: set-up apart from the application. */
  readonly spread: Spread;
}

/** Queries of each scope in which anything ran at the place. */
export interface Spread {
  readonly least: number;
  readonly most: number;
  readonly scopes: number;
  /** Scopes that stand in no test count for none. */
  readonly tests: number;
}

/**
 * Of all queries whose stack passes through any of these sites. Null where none ran.
 *
 * @param gone sites that belong to the place, but of which the statements were edited since. What ran through them counts where nothing newer is known:
 *   a scope is better that passes through none.
 */
export function costThrough(project: Project, siteIds: readonly number[], gone: readonly number[] = []): Cost | null {
  if (siteIds.length + gone.length === 0) return null;
  return keptCost(project, `through ${siteIds.join()} ${gone.join()}`, () => findCost(project, siteIds, gone));
}

/** What was worked out for one state of the recording: while somebody types, the same is asked for with every key. */
const kept = new WeakMap<TraceReader, { readonly generation: number; readonly costs: Map<string, Cost | null> }>();
/** Costs kept at most; then they are forgotten all at once. */
const mostKept = 20_000;

/** @param key what is asked for, with the ids of its sites */
export function keptCost(project: Project, key: string, find: () => Cost | null): Cost | null {
  const { generation } = project.reader;
  let known = kept.get(project.reader);
  if (known?.generation !== generation || known.costs.size >= mostKept) {
    known = { generation, costs: new Map() };
    kept.set(project.reader, known);
  }
  let cost = known.costs.get(key);
  if (cost === undefined) {
    cost = find();
    known.costs.set(key, cost);
  }
  return cost;
}

function findCost(project: Project, siteIds: readonly number[], gone: readonly number[]): Cost | null {
  const { reader } = project;
  const all = gone.length === 0 ? siteIds : [...siteIds, ...gone];
  const before = reader.costThrough(all);
  const standing = gone.length === 0 ? before : reader.costThrough(siteIds);
  const keyOf = ({ scopeId, byFactory }: ScopeCost) => `${scopeId} ${byFactory}`;
  const stillSo = new Map(standing.map((each) => [keyOf(each), each.queries]));
  const fresh = before.filter((each) => each.queries > 0 && stillSo.get(keyOf(each)) === each.queries);
  const asking = (fresh.length > 0 ? fresh : before).filter(({ queries }) => queries > 0);
  return costliest(reader, asking, (scopeId) => reader.rowsOfScopeThrough(scopeId, all));
}

/**
 * Of all queries that were asked at any of these sites itself, or whose querysets were built there. Null where none were.
 *
 * @param without causes that count for nothing; transactions are among them
 */
export function costOwn(project: Project, siteIds: readonly number[], without: ReadonlySet<CauseKind>): Cost | null {
  const { reader } = project;
  const rowsOf = (scopeId: number) =>
    reader.rowsOfScopeOwn(scopeId, siteIds).filter(({ cause }) => !without.has(cause.kind));
  return keptCost(project, `own ${siteIds.join()}`, () => costliest(reader, reader.costOwn(siteIds, without), rowsOf));
}

/**
 * The costliest of some scopes, with the rows that make its cost.
 *
 * @param rowsOf those of a scope that the costs are of
 */
function costliest(
  reader: TraceReader,
  costs: readonly ScopeCost[],
  rowsOf: (scopeId: number) => readonly QueryRow[],
): Cost | null {
  const ranked = costs.map((cost) => ({ ...cost, setup: cost.byFactory || isSetup(cost) }));
  const [first, ...others] = ranked;
  if (first === undefined) return null;
  const best = others.reduce((a, b) => (costlier(b, a) ? b : a), first);
  const scope = reader.scope(best.scopeId);
  const items = rowsOf(scope.id).filter((row) => isByFactory(reader, row, scope) === best.byFactory);
  return {
    ...summarise(scope, items, best.setup),
    spread: spreadOf(ranked.filter(({ setup }) => setup === best.setup)),
  };
}

/** Of rows that the caller chose, by scope; the costliest of them. */
export function costOf({ reader }: Project, rows: readonly QueryRow[]): Cost | null {
  const byScope = Map.groupBy(rows.filter(isApplicationQuery), (row) => row.scopeId);
  const scopes = reader.scopesOf([...byScope.keys()]);
  const costs = [...byScope].flatMap(([scopeId, items]) => {
    const scope = scopes.get(scopeId);
    if (scope === undefined) return [];
    const parts = Map.groupBy(items, (row) => isByFactory(reader, row, scope));
    return [...parts].map(([byFactory, items]) => summarise(scope, items, byFactory || isSetup(scope)));
  });
  const [first, ...others] = costs;
  if (first === undefined) return null;
  const best = others.reduce((a, b) => (costlier(b, a) ? b : a), first);
  const alike = costs.filter(({ setup }) => setup === best.setup);
  return { ...best, spread: spreadOf(alike.map(({ scope: { test }, queries }) => ({ test, queries }))) };
}

/** @param scopes their test's name or number: null for none */
function spreadOf(scopes: readonly { readonly test: string | number | null; readonly queries: number }[]): Spread {
  const queries = scopes.map((scope) => scope.queries);
  const tests = new Set(scopes.flatMap(({ test }) => test ?? []));
  return {
    least: queries.reduce((a, b) => Math.min(a, b)),
    most: queries.reduce((a, b) => Math.max(a, b)),
    scopes: scopes.length,
    tests: tests.size,
  };
}

/** Savepoints and transactions cost, but they are nobody's query. */
export function isApplicationQuery(row: QueryRow): boolean {
  return row.cause.kind !== "transaction";
}

/** A test's factories asked for it, in the test's own body. */
function isByFactory(reader: TraceReader, { stackId }: QueryRow, scope: Scope): boolean {
  return scope.kind === "test" && reader.stack(stackId).some(isFactory);
}

function summarise(scope: Scope, items: readonly QueryRow[], setup: boolean): Omit<Cost, "spread"> {
  return {
    scope,
    setup,
    queries: sum(items, (row) => row.count),
    sqlNs: sum(items, (row) => row.sumNs),
    rows: sum(items, (row) => row.rows ?? 0),
    items: [...items].sort((a, b) => b.count - a.count || b.sumNs - a.sumNs || a.id - b.id),
  };
}

type Rank = Pick<Cost, "setup" | "queries" | "rows" | "sqlNs">;

/** The application's scopes come before set-up, however much that runs. Time only decides between equals: it differs from run to run. */
function costlier(a: Rank, b: Rank): boolean {
  if (a.setup !== b.setup) return b.setup;
  if (a.queries !== b.queries) return a.queries > b.queries;
  return a.rows > b.rows || (a.rows === b.rows && a.sqlNs > b.sqlNs);
}

function sum(rows: readonly QueryRow[], of: (row: QueryRow) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
