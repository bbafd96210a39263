import { comparePositions, containsPosition, type Position, type Range } from "../text/range.ts";
import { costOf } from "./cost.ts";
import { innermostSite, placeKey } from "./firing.ts";
import { formatCount } from "./format.ts";
import { groupedBy } from "./grouped.ts";
import type { Project } from "./project.ts";
import { staleness } from "./staleness.ts";

export interface InlayHint {
  readonly position: Position;
  readonly label: string;
}

/** Behind what loads again and again: `100 queries`. Where findings fire, and only while that is still right. */
export function inlayHints(project: Project, path: string, range: Range): readonly InlayHint[] {
  const firing = new Set(project.findings().flatMap(({ fires }) => fires.map(placeKey)));
  const places = project.correlator.sitesNow(path).filter((place) => firing.has(placeKey(place)));
  const hints: InlayHint[] = [];
  for (const group of groupedBy(places, placeKey).values()) {
    const placement = group[0]?.placement;
    if (placement === undefined || placement.state === "gone") continue;
    if (!containsPosition(range, placement.range.end) && comparePositions(range.end, placement.range.end) !== 0)
      continue;
    const ids = group.map(({ site }) => site.id);
    const wanted = new Set(ids);
    const rows = project.reader.rowsThrough(ids).filter((row) => wanted.has(innermostSite(project, row)?.id ?? 0));
    const cost = costOf(project, rows);
    if (cost === null || cost.queries < 2 || staleness(project, cost.items) !== null) continue;
    hints.push({ position: placement.range.end, label: `${formatCount(cost.queries)} queries` });
  }
  return hints;
}
