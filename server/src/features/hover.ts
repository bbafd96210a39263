import type { Place } from "../correlate/correlation.ts";
import { fieldWords } from "../insights/words.ts";
import { comparePositions, containsPosition, containsRange, type Position, type Range } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import { type Cost, costOf, isApplicationQuery } from "./cost.ts";
import type { Block, Inline } from "./document.ts";
import { type FindingIndex, indexFindings, innermostSite } from "./firing.ts";
import { formatAge, formatCount, formatQuantity, formatQueries, formatTime, runsWords, spreadWords } from "./format.ts";
import { locate, loopCost } from "./loopCost.ts";
import type { LoopRuns } from "./loopRuns.ts";
import { loopsOf } from "./loops.ts";
import { causeName, scopeName } from "./names.ts";
import { planText } from "./plan.ts";
import type { Project } from "./project.ts";
import { readableSql } from "./sql.ts";
import { staleness } from "./staleness.ts";

export interface Hover {
  readonly range: Range;
  readonly blocks: readonly Block[];
}

const namedScopes = 5;
const otherStatements = 5;

/**
 * What ran at a position: the answer first, then the costliest statement's SQL and plan, who runs it, and how old that is.
 * @param now ms since the epoch.
 */
export function hover(project: Project, path: string, position: Position, now: number): Hover | null {
  const target = targetAt(project, path, position);
  if (target === null) return null;
  const { cost, rows, range, runs } = target;
  const stale = staleness(project, cost.items);
  return {
    range,
    blocks: [
      answer(project, cost, indexFindings(project)),
      ...spreadBlocks(cost, runs),
      ...statementBlocks(project, cost),
      ...runBy(project, rows),
      { kind: "paragraph", content: [age(cost, now, stale)] },
    ],
  };
}

interface Target {
  readonly range: Range;
  /** Of all scopes. */
  readonly rows: readonly QueryRow[];
  /** Of the costliest one. */
  readonly cost: Cost;
  /** Of a loop in that scope, where it is known. */
  readonly runs: LoopRuns | null;
}

/** A query call or a lazy attribute under the pointer, else the loop whose header is there. */
function targetAt(project: Project, path: string, position: Position): Target | null {
  const places = project.correlator.sitesNow(path);
  const under = places.filter(({ placement }) => placement.state !== "gone" && touches(placement.range, position));
  for (const [range, same] of byRange(under)) {
    const rows = rowsAt(project, same);
    const cost = costOf(project, rows);
    if (cost !== null) return { range, rows, cost, runs: null };
  }
  const loop = loopsOf(project, path).findLast(({ header }) => touches(header, position));
  if (loop === undefined) return null;
  const found = loopCost(project, loop, locate(project, places));
  if (found === null) return null;
  const { cost, siteIds, runs } = found;
  return { range: loop.header, rows: project.reader.rowsThrough(siteIds), cost, runs };
}

/** What is asked for here, else what the queryset built here runs, else what passes through. */
function rowsAt(project: Project, places: readonly Place[]): readonly QueryRow[] {
  const ids = places.map(({ site }) => site.id);
  const wanted = new Set(ids);
  const through = project.reader.rowsThrough(ids).filter(isApplicationQuery);
  const here = through.filter((row) => wanted.has(innermostSite(project, row)?.id ?? 0));
  if (here.length > 0) return here;
  const built = project.reader.rowsBuiltAt(ids);
  return built.length > 0 ? built : through;
}

/** The smallest range first. */
function byRange(places: readonly Place[]): readonly (readonly [Range, readonly Place[]])[] {
  const ranged = places.flatMap((place) =>
    place.placement.state === "gone" ? [] : [{ place, range: place.placement.range }],
  );
  return [...Map.groupBy(ranged, ({ range }) => JSON.stringify(range)).values()]
    .flatMap((group) => (group[0] === undefined ? [] : [[group[0].range, group.map(({ place }) => place)] as const]))
    .sort(([a], [b]) => (containsRange(a, b) ? 1 : containsRange(b, a) ? -1 : comparePositions(a.start, b.start)));
}

/** A pointer behind the last character still means it. */
function touches(range: Range, position: Position): boolean {
  return containsPosition(range, position) || comparePositions(range.end, position) === 0;
}

function answer(project: Project, cost: Cost, index: FindingIndex): Block {
  const [top] = cost.items;
  const content: Inline[] = [{ strong: formatQueries(cost.queries) }];
  if (top !== undefined) {
    content.push(cost.items.length === 1 ? ": " : `, ${formatCount(top.count)} of them `, {
      code: causeName(top.cause),
    });
    const field = fieldWords(innermostSite(project, top));
    if (field !== null) content.push(` for the ${field}`);
    if (index.isNPlusOne(top)) content.push(" (N+1)");
  }
  if (cost.items.some(({ rows }) => rows !== null)) content.push(`, ${formatQuantity(cost.rows, "row")}`);
  content.push(`, ${formatTime(cost.sqlNs)} in the database`, cost.setup ? ", in the set-up of " : ", in ");
  content.push({ code: scopeName(cost.scope) });
  const from = top === undefined ? null : origin(project, top);
  if (from !== null) content.push(". The queryset is written in ", { code: from });
  return { kind: "paragraph", content };
}

/** How it varies: from test to test, and from one run of a loop to the next. */
function spreadBlocks(cost: Cost, runs: LoopRuns | null): readonly Block[] {
  const words = [spreadWords(cost.spread), runs !== null && runs.runs > 1 ? runsWords(runs, cost.queries) : null];
  const said = words.filter((each) => each !== null);
  return said.length === 0 ? [] : [{ kind: "paragraph", content: [`${said.join("; ")}.`] }];
}

/** `shop/views.py:14`: the queryset itself, or for a load per row the one that loaded the rows. */
function origin(project: Project, row: QueryRow): string | null {
  let root = row;
  for (let steps = 0; root.parentId !== null && steps < 32; steps++) {
    const parent = project.reader.row(root.parentId);
    if (parent === null) break;
    root = parent;
  }
  const chain = root.constructionId === null ? null : (project.reader.construction(root.constructionId)?.chain ?? null);
  if (chain === null) return null;
  const { path, placement } = project.correlator.place(chain);
  return placement.state === "gone" ? path : `${path}:${placement.range.start.line + 1}`;
}

function statementBlocks(project: Project, cost: Cost): readonly Block[] {
  const byStatement = [...Map.groupBy(cost.items, ({ statementId }) => statementId)];
  const [costliest, ...others] = byStatement;
  const row = costliest?.[1][0];
  if (row === undefined) return [];
  const plan = project.reader.plan(row.statementId, row.db);
  const blocks: Block[] = [
    {
      kind: "code",
      language: "sql",
      text: readableSql(project.reader.statement(row.statementId).sql, row.sample, plan?.vendor ?? ""),
    },
  ];
  if (plan !== null && plan.nodes.length > 0) {
    blocks.push({
      kind: "code",
      language: "querysight-plan",
      text: planText(plan, project.reader.probes(row.statementId, row.db)),
    });
  }
  if (others.length > 0) {
    const items = others.slice(0, otherStatements).map(([, rows]): readonly Inline[] => {
      const count = rows.reduce((total, { count }) => total + count, 0);
      return [`${formatCount(count)}x `, { code: rows[0] === undefined ? "" : causeName(rows[0].cause) }];
    });
    const rest = others.length - items.length;
    blocks.push({ kind: "paragraph", content: ["Beside it:"] });
    blocks.push({ kind: "list", items: rest > 0 ? [...items, [`${formatQuantity(rest, "more statement")}`]] : items });
  }
  return blocks;
}

/** Endpoints, then tests; each once. */
function runBy(project: Project, rows: readonly QueryRow[]): readonly Block[] {
  const scopes = [...new Set(rows.map(({ scopeId }) => scopeId))].map((id) => project.reader.scope(id));
  const endpoints = new Set(scopes.filter(({ kind }) => kind !== "test").map(scopeName));
  const tests = new Set(scopes.flatMap(({ test }) => (test === null ? [] : [test])));
  return [
    ...named("Endpoints and commands that run it:", [...endpoints]),
    ...named("Tests that run it:", [...tests].sort()),
  ];
}

function named(heading: string, names: readonly string[]): readonly Block[] {
  if (names.length === 0) return [];
  const items = names.slice(0, namedScopes).map((name): readonly Inline[] => [{ code: name }]);
  const rest = names.length - items.length;
  return [
    { kind: "paragraph", content: [heading] },
    { kind: "list", items: rest > 0 ? [...items, [`${formatCount(rest)} more`]] : items },
  ];
}

function age(cost: Cost, now: number, stale: string | null): string {
  const recorded = `Recorded ${formatAge(cost.scope.recordedAt, now)}`;
  return stale === null ? `${recorded}.` : `${recorded}, ${stale.replace(/^recorded /, "")}: record again to be sure.`;
}
