import type { LocatedSite, Place } from "../correlate/correlation.ts";
import { comparePositions, containsRange } from "../text/range.ts";
import { type Cost, costThrough } from "./cost.ts";
import { type LoopRuns, runsOf } from "./loopRuns.ts";
import type { Loop } from "./loops.ts";
import type { Project } from "./project.ts";

/** A recorded site in the text of now, for asking which loops it stands in. */
export type Located = Pick<LocatedSite, "site" | "at" | "isGone">;

export interface LoopCost {
  readonly loop: Loop;
  readonly cost: Cost;
  readonly siteIds: readonly number[];
  /** Null where the recording does not tell how often the loop was run. */
  readonly runs: LoopRuns | null;
}

/** By where they start. */
export function locate(project: Project, places: readonly Place[]): readonly Located[] {
  return places
    .flatMap(({ placement, site }) => {
      const isGone = placement.state === "gone";
      const at = isGone || placement.hidden ? project.correlator.around(site) : placement.range;
      return at === null ? [] : [{ site, at, isGone }];
    })
    .sort((a, b) => comparePositions(a.at.start, b.at.start));
}

/**
 * All queries of frames within the loop, header and body, in the costliest scope. What a statement of its body asked that was edited since is counted on,
 * and makes the number an old one: it is not known to be less.
 *
 * @param located by where they start, as `locate` and a part (correlate/correlation.ts) have them
 */
export function loopCost(project: Project, loop: Loop, located: readonly Located[]): LoopCost | null {
  const inside = within(loop, located);
  const standing = inside.filter(({ isGone }) => !isGone);
  const siteIds = standing.map(({ site }) => site.id);
  const gone = inside.filter(({ isGone }) => isGone).map(({ site }) => site.id);
  const cost = costThrough(project, siteIds, gone);
  if (cost === null) return null;
  return { loop, cost, siteIds: [...siteIds, ...gone], runs: runsOf(project, loop, standing, cost) };
}

function within({ range, functions }: Loop, located: readonly Located[]): readonly Located[] {
  const defined = functions.filter((each) => containsRange(range, each));
  let low = 0;
  let high = located.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = located[middle]?.at.start ?? range.start;
    if (comparePositions(start, range.start) < 0) low = middle + 1;
    else high = middle;
  }
  const inside: Located[] = [];
  for (let index = low; index < located.length; index++) {
    const each = located[index];
    if (each === undefined || comparePositions(each.at.start, range.end) > 0) break;
    const isElsewhere = defined.some((other) => containsRange(other, each.at));
    if (!isElsewhere && containsRange(range, each.at)) inside.push(each);
  }
  return inside;
}
