import { containsRange, type Range } from "../text/range.ts";
import type { QueryRow, ScopeOrder } from "../trace/model.ts";
import type { Cost } from "./cost.ts";
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

/**
 * Told by what the header asks first, which it asks once a run (docs/segment-format.md, *Reading loops*). Null where it asks nothing: rows that were
 * kept, a list. `while` asks at each turn.
 */
export function runsOf(
  project: Project,
  loop: Loop,
  inside: readonly Located[],
  { scope, items }: Pick<Cost, "scope" | "items">,
): LoopRuns | null {
  if (loop.asksEachTurn) return null;
  const sites = new Map(inside.map(({ place, at }) => [place.site.id, isHeader(loop, at)]));
  const asked = items.filter((row) => {
    const innermost = project.reader.stack(row.stackId).findLast(({ id }) => sites.has(id));
    return innermost !== undefined && sites.get(innermost.id) === true;
  });
  const [earliest] = asked.toSorted((a, b) => a.first - b.first);
  if (earliest === undefined) return null;
  const entering = asked.filter((row) => isAlike(row, earliest));
  const runs = entering.reduce((total, { count }) => total + count, 0);
  const own = new Set(items.map(({ id }) => id));
  const costs = costsOfRuns(project.reader.order(scope.id), new Set(entering.map(({ id }) => id)), own);
  if (costs === null || costs.length !== runs) return { runs, most: null, isEven: false };
  const most = costs.reduce((a, b) => Math.max(a, b));
  return { runs, most, isEven: costs.every((cost) => cost === most) };
}

/** Python 3.11 gives the steps of a comprehension the range of all of it. */
function isHeader({ header, range }: Loop, at: Range): boolean {
  return containsRange(header, at) || containsRange(at, range);
}

function isAlike(row: QueryRow, other: QueryRow): boolean {
  return row.constructionId === other.constructionId && row.cause.kind === other.cause.kind;
}

/** Executions of the loop's own queries from each entering one to the next. */
function costsOfRuns(
  order: ScopeOrder,
  entering: ReadonlySet<number>,
  own: ReadonlySet<number>,
): readonly number[] | null {
  const total = order.entries.reduce((sum, { times, rowIds }) => sum + times * rowIds.length, 0);
  if (order.rest > 0 || total > mostExecutions) return null;
  const costs: number[] = [];
  for (const { times, rowIds } of order.entries) {
    for (let time = 0; time < times; time++) {
      for (const id of rowIds) {
        if (entering.has(id)) costs.push(0);
        if (own.has(id) && costs.length > 0) costs[costs.length - 1] = (costs.at(-1) ?? 0) + 1;
      }
    }
  }
  return costs;
}
