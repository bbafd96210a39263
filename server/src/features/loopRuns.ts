import { containsRange, type Range } from "../text/range.ts";
import type { CauseKind, QueryRow, ScopeOrder, Site } from "../trace/model.ts";
import type { Cost } from "./cost.ts";
import { innermostSite } from "./firing.ts";
import type { Located } from "./loopCost.ts";
import type { Loop } from "./loops.ts";
import type { Project } from "./project.ts";

/** How often a loop was entered in one scope, and what a run of it cost. */
export interface LoopRuns {
  readonly runs: number;
  /** Queries of the costliest run; null where not all executions are in the recording, and only their mean is known. */
  readonly most: number | null;
  /** Every run cost as much. */
  readonly isEven: boolean;
}

/** Executions that are looked at to tell runs from each other: beyond, their mean is all that is told. */
const mostExecutions = 200_000;

/** What a header may ask first without there being a run for each: rows that it meets on its way, loaded one by one. */
const entering: ReadonlySet<CauseKind> = new Set([
  ...(["queryset", "reverse_foreign_key", "many_to_many", "generic_relation", "raw", "cursor"] as const),
]);

/**
 * Told by what the iterable asks first, which it asks once a run (docs/segment-format.md, *Reading loops*). Null where it asks nothing itself: rows that
 * were kept, a list, a function or generator of which it cannot be told how often it asks in one run.
 */
export function runsOf(
  project: Project,
  { once }: Loop,
  inside: readonly Located[],
  { scope, items }: Pick<Cost, "scope" | "items">,
): LoopRuns | null {
  if (once === null) return null;
  const asking = new Set(inside.filter(({ site, at }) => asks(once, site, at)).map(({ site }) => site.id));
  const asked = items.filter((row) => entering.has(row.cause.kind) && asking.has(innermostSite(project, row)?.id ?? 0));
  const [earliest] = asked.toSorted((a, b) => a.first - b.first);
  if (earliest === undefined) return null;
  const entries = asked.filter((row) => isAlike(row, earliest));
  const runs = entries.reduce((total, { count }) => total + count, 0);
  const own = new Set(items.map(({ id }) => id));
  const costs = costsOfRuns(project.reader.order(scope.id), new Set(entries.map(({ id }) => id)), own);
  if (costs === null || costs.length !== runs) return { runs, most: null, isEven: false };
  const most = costs.reduce((a, b) => Math.max(a, b));
  return { runs, most, isEven: costs.every((cost) => cost === most) };
}

/** Python 3.11 gives the steps of a comprehension the range of all of it. A function that stands in the header may be called in each turn. */
function asks(once: Range, { qualname }: Site, at: Range): boolean {
  return (containsRange(once, at) || containsRange(at, once)) && !qualname.endsWith("<lambda>");
}

function isAlike(row: QueryRow, other: QueryRow): boolean {
  return row.constructionId === other.constructionId && row.cause.kind === other.cause.kind;
}

/** Executions of the loop's own queries from each entering one to the next. */
function costsOfRuns(
  order: ScopeOrder,
  entries: ReadonlySet<number>,
  own: ReadonlySet<number>,
): readonly number[] | null {
  const total = order.entries.reduce((sum, { times, rowIds }) => sum + times * rowIds.length, 0);
  if (order.rest > 0 || total > mostExecutions) return null;
  const costs: number[] = [];
  for (const { times, rowIds } of order.entries) {
    for (let time = 0; time < times; time++) {
      for (const id of rowIds) {
        if (entries.has(id)) costs.push(0);
        if (own.has(id) && costs.length > 0) costs[costs.length - 1] = (costs.at(-1) ?? 0) + 1;
      }
    }
  }
  return costs;
}
