import type { StaticFinding } from "../static/staticFinding.ts";
import type { Range } from "../text/range.ts";
import type { Action } from "./action.ts";
import { ignoreAction } from "./ignoreAction.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/**
 * What cures what reading alone found on the lines of a range: one edit a queryset, never the preferred one, and none that recorded tests could
 * verify. Then the comments that silence what the range's diagnostics name.
 */
export function staticActions(
  project: Project,
  path: string,
  range: Range,
  findingIds: readonly string[],
): readonly Action[] {
  const named = new Set(findingIds);
  const all = project.staticFindings();
  const concerned = all.filter(
    (finding) => named.has(finding.id) || placesOf(finding).some((place) => standsOnLineOf(place, path, range)),
  );
  const groups = Map.groupBy(concerned, (finding) => editKey(finding));
  const cures = [...groups.keys()].map((key) =>
    actionFor(
      project,
      all.filter((each) => editKey(each) === key),
    ),
  );
  const ignoring = concerned
    .filter(({ id, at }) => named.has(id) && at.path === path)
    .flatMap((finding) => ignoreAction(project, { ...finding, stale: false }) ?? []);
  return [...cures, ...ignoring];
}

function actionFor(project: Project, findings: readonly StaticFinding[]): Action {
  const findingIds = findings.map(({ id }) => id);
  const result = project.staticFixFor(findings);
  if (result.ok) {
    const { title, edits } = result.fix;
    return { kind: "fix", title: oneLine(title), findingIds, edits, preferred: false, verifiable: false };
  }
  const title = findings.some(({ remedy }) => remedy.kind === "advice")
    ? "Ask for the rows together"
    : "Load the rows together";
  return { kind: "withheld", title, findingIds, reason: oneLine(result.withheld.reason, 500), stale: false };
}

/** Those at one queryset become one edit; advice stands by itself. */
export function editKey({ id, remedy }: StaticFinding): string {
  if (remedy.kind === "advice" || remedy.chain.placement.state === "gone") return id;
  const { start, end } = remedy.chain.placement.range;
  return `${remedy.chain.path}@${start.line}:${start.character}-${end.line}:${end.character}`;
}

function placesOf({ fires, queryset, loop }: StaticFinding): readonly StaticFinding["at"][] {
  return queryset === null ? [...fires, loop] : [...fires, loop, queryset];
}

function standsOnLineOf(place: StaticFinding["at"], path: string, range: Range): boolean {
  if (place.path !== path || place.placement.state === "gone") return false;
  const { start, end } = place.placement.range;
  return start.line <= range.end.line && range.start.line <= end.line;
}
