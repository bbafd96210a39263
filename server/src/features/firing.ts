import type { Place } from "../correlate/correlation.ts";
import { changedBy, type Finding, growsWithRows } from "../insights/finding.ts";
import type { QueryRow, Site } from "../trace/model.ts";
import type { Project } from "./project.ts";

/** Which finding speaks of a query; its places are those of when it was found (`Project.placeNow`). */
export interface FindingIndex {
  /** Null also for a load of the same relation in a scope where it is no fault, of a single row. */
  of(row: QueryRow): Finding | null;
  /** The query ran once for every row: seen, not merely suspected. */
  isNPlusOne(row: QueryRow): boolean;
}

const indexes = new WeakMap<readonly Finding[], FindingIndex>();

/** Made once for each list of findings, the same object until others are found: it is asked for with every key that is typed. */
export function indexFindings(project: Project): FindingIndex {
  const findings = project.asFound();
  const index = indexes.get(findings) ?? indexOf(findings);
  indexes.set(findings, index);
  return index;
}

function indexOf(findings: readonly Finding[]): FindingIndex {
  const byRow = new Map<number, Finding>();
  // The gravest come first, and speak for a query that several tell of.
  for (const finding of findings.toReversed()) for (const id of finding.shownBy) byRow.set(id, finding);
  const of = (row: QueryRow) => byRow.get(row.id) ?? null;
  return {
    of,
    isNPlusOne(row) {
      const finding = of(row);
      return (
        finding !== null &&
        finding !== undefined &&
        growsWithRows.has(finding.rule) &&
        finding.confidence !== "suspected"
      );
    },
  };
}

/** The expression that must change: the queryset that loads the rows, or where the framework takes one. Null where there is neither. */
export function querysetOf({ queryset, remedy }: Finding): Place | null {
  return changedBy(remedy) ?? queryset;
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
