import type { Place } from "../correlate/correlation.ts";
import type { Finding } from "../insights/finding.ts";
import type { QueryRow, Site } from "../trace/model.ts";
import { groupedBy } from "./grouped.ts";
import type { Project } from "./project.ts";

/** Which finding speaks of a query. Sites have one id per recorded content of a file, so places are compared as they stand now. */
export interface FindingIndex {
  of(row: QueryRow): Finding | null;
}

export function indexFindings(project: Project): FindingIndex {
  const firing = groupedBy(
    project.findings().flatMap((finding) => finding.fires.map((place) => ({ key: placeKey(place), finding }))),
    ({ key }) => key,
  );
  return {
    of(row) {
      const site = innermostSite(project, row);
      if (site === null || row.parentId === null) return null;
      const here = firing.get(placeKey(project.correlator.place(site))) ?? [];
      const candidates = here.map(({ finding }) => finding);
      return candidates.find((finding) => resolves(finding, row)) ?? candidates[0] ?? null;
    },
  };
}

/** The expression that must change: the queryset that loads the rows, or where the framework takes one. Null where there is neither. */
export function querysetOf({ queryset, remedy }: Finding): Place | null {
  return remedy.kind === "eager-load" ? remedy.chain : queryset;
}

/** Where the user's code asks for it. */
export function innermostSite(project: Project, row: QueryRow): Site | null {
  return project.reader.stack(row.stackId).at(-1) ?? null;
}

/** Equal for two places that stand at one spot of today's text. */
export function placeKey(place: Place): string {
  const { path, placement, site } = place;
  if (placement.state === "gone") return `${path}#${site.line}:${site.column ?? ""}`;
  const { start, end } = placement.range;
  return `${path}@${start.line}:${start.character}-${end.line}:${end.character}`;
}

/** Several loads can stand on one line whose columns are not known: the lookup's last step tells them apart. */
function resolves(finding: Finding, row: QueryRow): boolean {
  if (finding.remedy.kind !== "eager-load") return false;
  return finding.remedy.lookups.some(({ path }) => path.split("__").at(-1) === row.cause.lookup);
}
