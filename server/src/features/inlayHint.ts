import { LineIndex } from "../text/columns.ts";
import type { Position, Range } from "../text/range.ts";
import { costOf } from "./cost.ts";
import { innermostSite, placeKey } from "./firing.ts";
import { formatCount } from "./format.ts";
import type { Project } from "./project.ts";
import { staleness } from "./staleness.ts";

export interface InlayHint {
  /** The end of the line that loads. */
  readonly position: Position;
  readonly label: string;
}

/** Behind a line that loads rows one by one: `100 queries`. Only while that is still right. */
export function inlayHints(project: Project, path: string, range: Range): readonly InlayHint[] {
  const firing = new Set(project.findings().flatMap(({ fires }) => fires.map(placeKey)));
  const placed = project.correlator.sitesNow(path).flatMap((place) => {
    if (place.placement.state === "gone" || !firing.has(placeKey(place))) return [];
    return [{ id: place.site.id, line: place.placement.range.end.line }];
  });
  const shown = placed.filter(({ line }) => range.start.line <= line && line <= range.end.line);
  const text = shown.length === 0 ? null : project.texts.read(path);
  if (text === null) return [];
  const lines = new LineIndex(text);
  return [...Map.groupBy(shown, ({ line }) => line)].flatMap(([line, group]) => {
    const label = labelOf(project, new Set(group.map(({ id }) => id)));
    return label === null ? [] : [{ position: { line, character: lines.lineText(line).length }, label }];
  });
}

function labelOf(project: Project, siteIds: ReadonlySet<number>): string | null {
  const through = project.reader.rowsThrough([...siteIds]);
  const here = through.filter((row) => siteIds.has(innermostSite(project, row)?.id ?? 0));
  const cost = costOf(project, here);
  if (cost === null || cost.queries < 2 || staleness(project, cost.items) !== null) return null;
  return `${formatCount(cost.queries)} queries`;
}
