import type { QueryRow, Scope } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import type { Confidence } from "./finding.ts";
import type { TraceFacts } from "./traceFacts.ts";

/** What one scope shows of one load. */
export interface Measure {
  readonly scope: Scope;
  readonly loads: readonly Load[];
  /** Executions of the load. */
  readonly count: number;
  readonly sumNs: number;
  /** Distinct instances that fired. */
  readonly fired: number;
  /** Rows that their queries loaded. */
  readonly rows: number;
  /** Executions of the root queryset. */
  readonly runs: number;
  /** The root can bring several rows, or a hop on the way leads to many. */
  readonly many: boolean;
  /** Each row of a parent brought an instance that may load. Else `rows` is the most that there can be: what a join brings along may be missing. */
  readonly everyRow: boolean;
}

/** Distinct instances are counted exactly up to this number (docs/segment-format.md). */
const exactInstances = 1024;
/** A load that few of the rows run into is rather a special case than a loop. */
const smallestShare = 0.1;
const enoughInstances = 10;
/** Below it, a scope with several rows speaks against what another saw with a single one. */
const exceptionalShare = 0.5;

export function measure(facts: TraceFacts, loads: readonly Load[]): readonly Measure[] {
  const byScope = Map.groupBy(loads, ({ row }) => row.scopeId);
  return Array.from(byScope, ([scopeId, inScope]) => measureScope(facts, facts.scope(scopeId), inScope));
}

function measureScope(facts: TraceFacts, scope: Scope, loads: readonly Load[]): Measure {
  const parents = distinct(loads.map(({ parent }) => parent));
  const fired = parents.map((parent) => {
    const onParent = loads.filter((load) => load.parent.id === parent.id).map(({ row }) => row);
    const instances = sum(onParent, firedBy);
    return parent.rows === null ? instances : Math.min(instances, parent.rows);
  });
  const rows = loads.map(({ row }) => row);
  return {
    scope,
    loads,
    count: sum(rows, ({ count }) => count),
    sumNs: sum(rows, ({ sumNs }) => sumNs),
    fired: fired.reduce((total, instances) => total + instances, 0),
    rows: parents.reduce((total, parent, index) => total + (parent.rows ?? fired[index] ?? 0), 0),
    runs: sum(distinct(loads.map(({ root }) => root)), ({ count }) => count),
    many: loads.some(({ root, throughMany }) => throughMany || !facts.isSingle(root)),
    everyRow: !loads.some(isOnNullableJoin),
  };
}

/**
 * Null where it is no N+1: the rows came one by one because one was asked for, or only some of many fired.
 *
 * - `proven`: all rows fired, and two scopes with different numbers of rows differ in the count.
 * - `likely`: several instances of one evaluation fired.
 * - `suspected`: all fired, but each evaluation had one row only, of a query that may return many; and no scope shows several rows of which
 *   fewer than half do.
 */
export function confidenceOf(measures: readonly Measure[]): Confidence | null {
  const many = measures.filter((each) => each.many);
  const repeated = many.filter(isRepeated);
  if (repeated.length === 0) return many.some(isAll) && !many.some(isException) ? "suspected" : null;
  const complete = many.filter(isAll);
  const grows = complete.some((a) => complete.some((b) => a.rows / a.runs < b.rows / b.runs && a.count < b.count));
  return grows && repeated.some(isAll) ? "proven" : "likely";
}

export function isRepeated({ fired, rows, runs }: Measure): boolean {
  return fired >= 2 && fired > runs && (fired >= enoughInstances || fired / rows >= smallestShare);
}

/** Several rows of which fewer than half fire: one was looked for, or a special case was met. */
function isException({ fired, rows, runs, everyRow }: Measure): boolean {
  return everyRow && rows > runs && fired / rows < exceptionalShare;
}

/** The instances came with their parents' query, through a relation that need not lead anywhere: `order.shipment` of orders that have none. */
export function isOnNullableJoin({ row, hops }: Load): boolean {
  const joined = row.path === "" ? 0 : row.path.split("__").length;
  return joined > 0 && (hops?.slice(-1 - joined, -1).some(({ nullable }) => nullable) ?? false);
}

export function isAll({ fired, rows }: Measure): boolean {
  return fired > 0 && fired >= rows;
}

function firedBy({ instances, count }: QueryRow): number {
  return instances >= exactInstances ? Math.max(instances, count) : instances;
}

export function distinct(rows: readonly QueryRow[]): readonly QueryRow[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
