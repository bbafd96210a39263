import type { Place } from "../correlate/correlation.ts";
import { comparePositions, type Position, type Range } from "../text/range.ts";
import type { CauseKind } from "../trace/model.ts";
import { type Cost, costOf, keptCost } from "./cost.ts";
import { type FindingIndex, indexFindings, innermostSite, querysetOf } from "./firing.ts";
import { formatCount, formatQuantity, formatQueries, formatTime, runsWords } from "./format.ts";
import { type Located, type LoopCost, locate, loopCost } from "./loopCost.ts";
import { type Loop, loopsOf } from "./loops.ts";
import { causeName } from "./names.ts";
import { type Project, positionKey } from "./project.ts";
import { staleness } from "./staleness.ts";
import { plainTitle } from "./untrusted.ts";

/** One line above one statement. */
export interface Lens {
  readonly range: Range;
  /** `executes 101 queries · 100x order.customer (N+1) · 12 ms SQL`; plain text on one line. */
  readonly title: string;
  /** What a click offers to go to: the causes' places, then the querysets'. Only such as stand in today's texts. */
  readonly places: readonly LensPlace[];
  /** The number in the title. */
  readonly queries: number;
  /** Findings that speak of these queries. */
  readonly findingIds: readonly string[];
}

export interface LensPlace {
  readonly place: Place;
  readonly label: string;
}

/** Loads that stand on an attribute: the loop around them says so, and the attribute itself is no query call. */
const lazyLoads: ReadonlySet<CauseKind> = new Set([
  "foreign_key",
  "one_to_one",
  "reverse_one_to_one",
  "generic_foreign_key",
  "deferred_field",
]);
const bookkeeping: ReadonlySet<CauseKind> = new Set(["session", "auth", "contenttypes", "transaction"]);

/** The lenses of one file, in the order of its lines; at most one a statement, a loop's before that of a query call on it. */
export function codeLenses(project: Project, path: string): readonly Lens[] {
  const places = project.correlator.sitesNow(path);
  if (places.length === 0) return [];
  const standing = places.filter(isStanding);
  const index = indexFindings(project);
  const before = project.measuredBefore(path);
  const counts = (start: Position, queries: number): string => {
    const measured = before.get(positionKey(start));
    return measured?.after === queries
      ? `${formatCount(measured.before)} -> ${formatQueries(queries)}`
      : formatQueries(queries);
  };
  const lenses = new Map<string, Lens>();
  const located = locate(project, places);
  for (const [key, loops] of Map.groupBy(loopsOf(project, path), ({ statement }) => positionKey(statement.start))) {
    const best = costliestLoop(project, loops, located);
    if (best !== null) lenses.set(key, loopLens(project, best, index, counts));
  }
  for (const [key, places] of Map.groupBy(standing, ({ placement }) => positionKey(placement.statement.start))) {
    const [first] = places;
    if (first === undefined || first.site.kind === "template" || lenses.has(key)) continue;
    const cost = ownCost(project, places);
    if (cost !== null) lenses.set(key, callLens(project, headOf(first), cost, index, counts));
  }
  return [...lenses.values()].sort((a, b) => comparePositions(a.range.start, b.range.start));
}

/** The statement's first line: a lens needs no more. */
function headOf({ placement }: StandingPlace): Range {
  const { start } = placement.statement;
  return { start, end: placement.range.end.line === start.line ? placement.range.end : start };
}

type StandingPlace = Place & { readonly placement: { readonly state: "fresh" | "moved" } };

function isStanding(place: Place): place is StandingPlace {
  return place.placement.state !== "gone";
}

/** `101 queries`, or `101 -> 1 query` where a fix was verified. */
type CountWords = (start: Position, queries: number) => string;

function loopLens(project: Project, { loop, cost, runs }: LoopCost, index: FindingIndex, counts: CountWords): Lens {
  const statement = loop.lens;
  const stale = staleness(project, cost.items);
  const verb = stale === null ? "executes" : "executed";
  const setup = cost.setup ? " in test set-up" : "";
  const parts = [`${verb} ${counts(statement.start, cost.queries)}${setup}`];
  if (runs !== null && runs.runs > 1) parts.push(runsWords(runs, cost.queries));
  if (stale !== null) parts.push(stale);
  const reason = strongestCause(cost, index);
  if (reason !== null) parts.push(reason);
  parts.push(`${formatTime(cost.sqlNs)} SQL`);
  return lens(project, statement, parts, cost, index);
}

function callLens(project: Project, statement: Range, cost: Cost, index: FindingIndex, counts: CountWords): Lens {
  const stale = staleness(project, cost.items);
  const parts = [counts(statement.start, cost.queries) + (cost.setup ? " in test set-up" : "")];
  if (stale !== null) parts.push(stale);
  if (cost.items.some(({ rows }) => rows !== null)) parts.push(formatQuantity(cost.rows, "row"));
  parts.push(formatTime(cost.sqlNs));
  const hanging = loadsPerRow(project, cost, index);
  if (hanging > 0) parts.push(`its rows load ${formatCount(hanging)} more, one by one (N+1)`);
  return lens(project, statement, parts, cost, index);
}

/** Several comprehensions can stand in one statement. */
function costliestLoop(project: Project, loops: readonly Loop[], located: readonly Located[]): LoopCost | null {
  const costs = loops.flatMap((loop) => loopCost(project, loop, located) ?? []);
  return costs.reduce<LoopCost | null>((a, b) => (a !== null && a.cost.queries >= b.cost.queries ? a : b), null);
}

/** Executions of N+1 loads that hang on the rows of these queries, directly or through each other, in the same scope. */
function loadsPerRow(project: Project, cost: Cost, index: FindingIndex): number {
  const family = new Set(cost.items.map(({ id }) => id));
  const children = Map.groupBy(project.reader.rowsOfScope(cost.scope.id), ({ parentId }) => parentId);
  let loads = 0;
  for (const id of family) {
    for (const child of children.get(id) ?? []) {
      if (family.has(child.id)) continue;
      family.add(child.id);
      if (index.isNPlusOne(child)) loads += child.count;
    }
  }
  return loads;
}

/** `100x order.customer (N+1)`: only what runs more than once explains a loop. Of two as many the first, whichever took longer this time. */
function strongestCause(cost: Cost, index: FindingIndex): string | null {
  const inOrder = cost.items.toSorted((a, b) => a.id - b.id);
  const byName = Map.groupBy(inOrder, (row) => causeName(row.cause));
  let best: { readonly name: string; readonly count: number; readonly nPlusOne: boolean } | null = null;
  for (const [name, rows] of byName) {
    const count = rows.reduce((total, row) => total + row.count, 0);
    if (best === null || count > best.count) {
      best = { name, count, nPlusOne: rows.some((row) => index.isNPlusOne(row)) };
    }
  }
  if (best === null || best.count < 2) return null;
  return `${formatCount(best.count)}x ${best.name}${best.nPlusOne ? " (N+1)" : ""}`;
}

/** Queries that the statement itself builds or asks for; null where it only passes on to others. */
function ownCost(project: Project, places: readonly Place[]): Cost | null {
  const own = siteIds(places);
  return keptCost(project, `own ${own.join()}`, () => findOwnCost(project, new Set(own)));
}

function findOwnCost(project: Project, ids: ReadonlySet<number>): Cost | null {
  const asked = project.reader.rowsThrough([...ids]).filter((row) => ids.has(innermostSite(project, row)?.id ?? 0));
  const rows = new Map([...project.reader.rowsBuiltAt([...ids]), ...asked].map((row) => [row.id, row]));
  return costOf(
    project,
    [...rows.values()].filter(({ cause }) => !lazyLoads.has(cause.kind) && !bookkeeping.has(cause.kind)),
  );
}

function lens(project: Project, range: Range, parts: readonly string[], cost: Cost, index: FindingIndex): Lens {
  const findings = cost.items.flatMap((row) => index.of(row)?.id ?? []);
  return {
    range,
    title: plainTitle(parts.join(" · "), 300),
    places: placesOf(project, cost, index),
    queries: cost.queries,
    findingIds: [...new Set(findings)],
  };
}

function placesOf(project: Project, cost: Cost, index: FindingIndex): readonly LensPlace[] {
  const places = new Map<string, LensPlace>();
  const add = (place: Place, label: string): void => {
    if (isStanding(place))
      places.set(`${label}${place.path}:${positionKey(place.placement.range.start)}`, { place, label });
  };
  for (const row of cost.items.slice(0, 20)) {
    const label = plainTitle(`${formatCount(row.count)}x ${causeName(row.cause)}`);
    const site = innermostSite(project, row);
    if (site !== null) add(project.correlator.place(site), label);
    const finding = index.of(row);
    const queryset = finding === null ? null : querysetOf(finding);
    if (queryset !== null) add(project.placeNow(queryset), "the queryset that loads the rows");
  }
  return [...places.values()];
}

function siteIds(places: readonly Place[]): readonly number[] {
  return places.map(({ site }) => site.id);
}
