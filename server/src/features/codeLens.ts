import type { PartContents, Place, StandingSite } from "../correlate/correlation.ts";
import { below, comparePositions, type Range } from "../text/range.ts";
import type { CauseKind, Site } from "../trace/model.ts";
import { type Cost, costOwn } from "./cost.ts";
import { type FindingIndex, indexFindings, innermostSite, querysetOf } from "./firing.ts";
import { formatCount, formatQuantity, formatQueries, formatTime, runsWords } from "./format.ts";
import { type Located, type LoopCost, loopCost } from "./loopCost.ts";
import { type Loop, loopsIn } from "./loops.ts";
import { causeName } from "./names.ts";
import { type MeasuredBefore, type Project, positionKey } from "./project.ts";
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
const others: ReadonlySet<CauseKind> = new Set([...lazyLoads, ...bookkeeping]);

/** The lenses of one file, in the order of its lines; at most one a statement, a loop's before that of a query call on it. */
export function codeLenses(project: Project, path: string): readonly Lens[] {
  const parts = project.correlator.partsNow(path);
  if (parts.length === 0) return [];
  const index = indexFindings(project);
  const before = project.measuredBefore(path);
  return parts.flatMap(({ line, contents }) =>
    countedIn(project, contents).map((counted) => lensBelow(project, counted, line, index, before)),
  );
}

/** A statement of a part of a file with what it cost, wherever that part stands and whatever was edited elsewhere. */
interface Counted {
  /** What a lens stands above, on lines that count from the part's own. */
  readonly range: Range;
  readonly cost: Cost;
  /** Null for the queries of the statement itself. */
  readonly loop: LoopCost | null;
  /** While somebody types, nearly all lenses are those of the last key. */
  shown: {
    readonly lens: Lens;
    readonly line: number;
    readonly stale: string | null;
    readonly index: FindingIndex;
    readonly measured: MeasuredBefore | undefined;
  } | null;
}

const counts = new WeakMap<PartContents, { readonly generation: number; readonly counted: readonly Counted[] }>();

function countedIn(project: Project, contents: PartContents): readonly Counted[] {
  const { generation } = project.reader;
  const known = counts.get(contents);
  if (known?.generation === generation) return known.counted;
  const counted = count(project, contents);
  counts.set(contents, { generation, counted });
  return counted;
}

function count(project: Project, contents: PartContents): readonly Counted[] {
  const found = new Map<string, Counted>();
  const byStatement = Map.groupBy(loopsIn(contents), ({ statement }) => positionKey(statement.start));
  for (const [key, loops] of byStatement) {
    const loop = costliestLoop(project, loops, contents.located);
    if (loop !== null) found.set(key, { range: loop.loop.lens, cost: loop.cost, loop, shown: null });
  }
  for (const [key, sites] of Map.groupBy(contents.standing, ({ statement }) => positionKey(statement.start))) {
    const [first] = sites;
    if (first === undefined || first.site.kind === "template" || found.has(key)) continue;
    const cost = ownCost(project, sites);
    if (cost !== null) found.set(key, { range: headOf(first), cost, loop: null, shown: null });
  }
  return [...found.values()].sort((a, b) => comparePositions(a.range.start, b.range.start));
}

function lensBelow(
  project: Project,
  counted: Counted,
  line: number,
  index: FindingIndex,
  before: ReadonlyMap<string, MeasuredBefore>,
): Lens {
  const { cost, loop, shown } = counted;
  const stale = staleness(project, cost.items);
  const { start } = counted.range;
  const measured = before.size === 0 ? undefined : before.get(positionKey({ ...start, line: start.line + line }));
  if (
    shown?.line === line &&
    shown.stale === stale &&
    shown.index === index &&
    shown.measured?.before === measured?.before &&
    shown.measured?.after === measured?.after
  ) {
    return shown.lens;
  }
  const range = below(counted.range, line);
  const counts = countWords(cost.queries, measured);
  const words = loop === null ? callWords(project, cost, stale, index, counts) : loopWords(loop, stale, index, counts);
  const lens = new CountedLens(project, range, words, cost, index);
  counted.shown = { lens, line, stale, index, measured };
  return lens;
}

/** The statement's first line: a lens needs no more. */
function headOf({ range, statement }: StandingSite): Range {
  const { start } = statement;
  return { start, end: range.end.line === start.line ? range.end : start };
}

/** `101 queries`, or `101 -> 1 query` where a fix was verified and what it left still holds. */
function countWords(queries: number, measured: MeasuredBefore | undefined): string {
  const words = formatQueries(queries);
  return measured?.after === queries ? `${formatCount(measured.before)} -> ${words}` : words;
}

function loopWords(
  { cost, runs }: LoopCost,
  stale: string | null,
  index: FindingIndex,
  counts: string,
): readonly string[] {
  const verb = stale === null ? "executes" : "executed";
  const setup = cost.setup ? " in test set-up" : "";
  const parts = [`${verb} ${counts}${setup}`];
  if (runs !== null && runs.runs > 1) parts.push(runsWords(runs, cost.queries));
  if (stale !== null) parts.push(stale);
  const reason = strongestCause(cost, index);
  if (reason !== null) parts.push(reason);
  parts.push(`${formatTime(cost.sqlNs)} SQL`);
  return parts;
}

function callWords(
  project: Project,
  cost: Cost,
  stale: string | null,
  index: FindingIndex,
  counts: string,
): readonly string[] {
  const parts = [counts + (cost.setup ? " in test set-up" : "")];
  if (stale !== null) parts.push(stale);
  if (cost.items.some(({ rows }) => rows !== null)) parts.push(formatQuantity(cost.rows, "row"));
  parts.push(formatTime(cost.sqlNs));
  const hanging = loadsPerRow(project, cost, index);
  if (hanging > 0) parts.push(`its rows load ${formatCount(hanging)} more, one by one (N+1)`);
  return parts;
}

/** Several comprehensions can stand in one statement. */
function costliestLoop(project: Project, loops: readonly Loop[], located: readonly Located[]): LoopCost | null {
  const costs = loops.flatMap((loop) => loopCost(project, loop, located) ?? []);
  return costs.reduce<LoopCost | null>((a, b) => (a !== null && a.cost.queries >= b.cost.queries ? a : b), null);
}

/** Executions of N+1 loads that hang on the rows of these queries, directly or through each other, in the same scope. */
function loadsPerRow(project: Project, cost: Cost, index: FindingIndex): number {
  const family = new Set(cost.items.map(({ id }) => id));
  const children = Map.groupBy(project.reader.rowsOfScope(cost.scope.id, "hanging"), ({ parentId }) => parentId);
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
function ownCost(project: Project, sites: readonly StandingSite[]): Cost | null {
  const own = sites.map(({ site }) => site.id);
  return costOwn(project, own, others);
}

/** Stays the same from key to key; what a click leads to may move meanwhile, and is looked for when it is asked for. */
class CountedLens implements Lens {
  readonly range: Range;
  readonly title: string;
  readonly queries: number;
  readonly findingIds: readonly string[];
  readonly #project: Project;
  readonly #targets: readonly Target[];
  #now: readonly Place[] = [];
  #places: readonly LensPlace[] = [];

  constructor(project: Project, range: Range, words: readonly string[], cost: Cost, index: FindingIndex) {
    this.range = range;
    this.title = plainTitle(words.join(" · "), 300);
    this.queries = cost.queries;
    this.findingIds = [...new Set(cost.items.flatMap((row) => index.of(row)?.id ?? []))];
    this.#project = project;
    this.#targets = targetsOf(project, cost, index);
  }

  get places(): readonly LensPlace[] {
    const now = this.#targets.map(({ target }) =>
      "placement" in target ? this.#project.placeNow(target) : this.#project.correlator.place(target),
    );
    const isSame =
      this.#now.length === now.length &&
      now.every(({ placement, path }, index) => {
        const before = this.#now[index];
        return placement === before?.placement && path === before.path;
      });
    if (!isSame) {
      this.#now = now;
      this.#places = distinct(now.map((place, index) => ({ place, label: this.#targets[index]?.label ?? "" })));
    }
    return this.#places;
  }
}

/** What a click may lead to: a recorded site, or the place of a finding as it was found. */
interface Target {
  readonly target: Site | Place;
  readonly label: string;
}

function targetsOf(project: Project, cost: Cost, index: FindingIndex): readonly Target[] {
  return cost.items.slice(0, 20).flatMap((row) => {
    const site = innermostSite(project, row);
    const finding = index.of(row);
    const queryset = finding === null ? null : querysetOf(finding);
    const label = plainTitle(`${formatCount(row.count)}x ${causeName(row.cause)}`);
    return [
      ...(site === null ? [] : [{ target: site, label }]),
      ...(queryset === null ? [] : [{ target: queryset, label: "the queryset that loads the rows" }]),
    ];
  });
}

/** Those that stand, each once. */
function distinct(places: readonly LensPlace[]): readonly LensPlace[] {
  const found = new Map<string, LensPlace>();
  for (const each of places) {
    const { placement, path } = each.place;
    if (placement.state !== "gone") found.set(`${each.label}${path}:${positionKey(placement.range.start)}`, each);
  }
  return [...found.values()];
}
