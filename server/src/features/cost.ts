import type { QueryRow, Scope, TraceReader } from "../trace/model.ts";
import { isSetup } from "./names.ts";
import type { Project } from "./project.ts";

/** What the costliest scope spent at some place. */
export interface Cost {
  readonly scope: Scope;
  /** True where only set-up or clean-up of tests runs it. */
  readonly setup: boolean;
  readonly queries: number;
  readonly sqlNs: number;
  /** Model rows loaded. */
  readonly rows: number;
  /** The distinct queries of that scope, the most executed first. */
  readonly items: readonly QueryRow[];
}

/** Of all queries whose stack passes through any of these sites. Null where none ran. */
export function costThrough(project: Project, siteIds: readonly number[]): Cost | null {
  return siteIds.length === 0 ? null : keptCost(project, `through ${siteIds.join()}`, () => findCost(project, siteIds));
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

function findCost(project: Project, siteIds: readonly number[]): Cost | null {
  const scopes = project.reader.costThrough(siteIds).map(({ scopeId, queries, rows, sqlNs }) => {
    const scope = project.reader.scope(scopeId);
    return { scope, setup: isSetup(scope), queries, rows, sqlNs };
  });
  const best = scopes.reduce<(typeof scopes)[number] | null>((a, b) => (a !== null && !costlier(b, a) ? a : b), null);
  if (best === null || best.queries === 0) return null;
  const wanted = new Set(siteIds);
  const items = project.reader
    .rowsOfScope(best.scope.id)
    .filter((row) => isApplicationQuery(row))
    .filter((row) => project.reader.stack(row.stackId).some((site) => wanted.has(site.id)));
  return summarise(best.scope, items);
}

/** Of rows that the caller chose, by scope; the costliest of them. */
export function costOf(project: Project, rows: readonly QueryRow[]): Cost | null {
  const byScope = Map.groupBy(rows.filter(isApplicationQuery), (row) => row.scopeId);
  let best: Cost | null = null;
  for (const [scopeId, items] of byScope) {
    const cost = summarise(project.reader.scope(scopeId), items);
    if (best === null || costlier(cost, best)) best = cost;
  }
  return best;
}

/** Savepoints and transactions cost, but they are nobody's query. */
export function isApplicationQuery(row: QueryRow): boolean {
  return row.cause.kind !== "transaction";
}

function summarise(scope: Scope, items: readonly QueryRow[]): Cost {
  return {
    scope,
    setup: isSetup(scope),
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
