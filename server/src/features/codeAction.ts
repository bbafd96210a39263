import type { Place } from "../correlate/correlation.ts";
import { editKey, wishOf } from "../fixes/fixFor.ts";
import type { Finding } from "../insights/finding.ts";
import { comparePositions, type Range } from "../text/range.ts";
import type { Action, QuickFix, WithheldFix } from "./action.ts";
import { staleNote } from "./diagnostics.ts";
import { querysetOf } from "./firing.ts";
import { ignoreAction } from "./ignoreAction.ts";
import { loopsOf } from "./loops.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/**
 * The fixes for a range, and the comments that silence what its diagnostics name: of the findings that its diagnostics name, and of those that fire there, whose queryset is written there, or
 * that fire within a loop whose first line is there. One action a queryset.
 */
export function codeActions(
  project: Project,
  path: string,
  range: Range,
  findingIds: readonly string[],
): readonly Action[] {
  const named = new Set(findingIds);
  const loops = loopsOf(project, path).filter(({ header }) => sharesLine(header, range));
  const concerned = project.findings().filter((finding) => {
    if (named.has(finding.id)) return true;
    const queryset = querysetOf(finding);
    const places = queryset === null ? finding.fires : [queryset, ...finding.fires];
    const inLoop = finding.fires.some((place) => loops.some((loop) => standsIn(place, path, loop.range)));
    return inLoop || places.some((place) => standsOnLineOf(place, path, range));
  });
  const ids = new Set(concerned.map(({ id }) => id));
  const cures = curesOf(project.findings())
    .filter(({ cures }) => cures.some(({ id }) => ids.has(id)))
    .flatMap((cure) => actionsOf(project, cure));
  const ignoring = concerned
    .filter(({ id, at }) => named.has(id) && at.path === path)
    .flatMap((finding) => ignoreAction(project, finding) ?? []);
  return [...cures, ...ignoring];
}

/**
 * A fix of some of these findings, as it is offered now, else why there is none; null where they are not there any more.
 * @param title of the one that is meant; null for the best
 */
export function offeredFix(project: Project, findingIds: readonly string[], title: string | null): Action | null {
  const actions = curesOf(project.findings())
    .filter(({ cures }) => cures.some(({ id }) => findingIds.includes(id)))
    .flatMap((cure) => actionsOf(project, cure))
    .filter((action) => title === null || action.title === title);
  return actions.find(({ kind }) => kind === "fix") ?? actions[0] ?? null;
}

function actionsOf(project: Project, { findings, cures }: Cure): readonly Action[] {
  const others = cures.flatMap((finding) => alternativesTo(project, finding));
  return [actionFor(project, findings, cures), ...[...Map.groupBy(others, editsKey).values()].flatMap(asOne)];
}

function editsKey({ edits }: QuickFix): string {
  return JSON.stringify(edits);
}

/** What is one edit for several findings is one choice. */
function asOne([first, ...others]: readonly QuickFix[]): readonly QuickFix[] {
  if (first === undefined) return [];
  return [{ ...first, findingIds: [first, ...others].flatMap(({ findingIds }) => findingIds) }];
}

/** One edit: what it must take into account, and the findings that it is offered for. */
export interface Cure {
  readonly findings: readonly Finding[];
  readonly cures: readonly Finding[];
}

/** Findings on one queryset together, as far as one edit may hold them; what has mere advice stands by itself. */
export function querysetsOf(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const keyOf = ({ id, remedy }: Finding): string => editKey(remedy) ?? id;
  return [...Map.groupBy(findings, keyOf).values()];
}

/**
 * The edits that cure these findings, which must be all of the project's. Those on one queryset share one edit. What was merely suspected, from
 * a single row, never rides along: its own edit holds the others' and its own.
 */
export function curesOf(findings: readonly Finding[]): readonly Cure[] {
  return querysetsOf(findings).flatMap((group) => {
    const seen = group.filter(({ confidence }) => confidence !== "suspected");
    const suspected = group.filter(({ confidence }) => confidence === "suspected");
    const guesses = suspected.map((guess) => ({ findings: [...seen, guess], cures: [guess] }));
    return seen.length > 0 ? [{ findings: seen, cures: seen }, ...guesses] : guesses;
  });
}

function actionFor(project: Project, findings: readonly Finding[], cures: readonly Finding[]): Action {
  const findingIds = cures.map(({ id }) => id);
  const stale = findings.find((finding) => finding.stale);
  if (stale !== undefined)
    return withheld(findings, findingIds, `Record the tests again first. ${staleNote(project, stale)}`, true);
  const result = project.fixFor(findings);
  if (!result.ok) return withheld(findings, findingIds, result.withheld.reason);
  const { title, edits, safety, keepsCounts } = result.fix;
  return {
    kind: "fix",
    title: oneLine(title),
    findingIds,
    edits,
    preferred: safety === "safe",
    verifiable: true,
    ...(keepsCounts ? { keepsCounts } : {}),
  };
}

/** Choices beside the best one. */
function alternativesTo(project: Project, finding: Finding): readonly QuickFix[] {
  if (finding.stale) return [];
  return project.alternativesFor(finding).map(({ title, edits }) => ({
    kind: "fix",
    title: oneLine(title),
    findingIds: [finding.id],
    edits,
    preferred: false,
    verifiable: true,
  }));
}

function withheld(
  findings: readonly Finding[],
  findingIds: readonly string[],
  reason: string,
  stale = false,
): WithheldFix {
  return { kind: "withheld", title: wish(findings), findingIds, reason: oneLine(reason, 500), stale };
}

function wish(findings: readonly Finding[]): string {
  const wanted = wishOf(findings.map(({ remedy }) => remedy));
  return wanted === null ? "Load the rows together" : oneLine(wanted);
}

function standsOnLineOf(place: Place, path: string, range: Range): boolean {
  return place.path === path && place.placement.state !== "gone" && sharesLine(place.placement.range, range);
}

function standsIn(place: Place, path: string, loop: Range): boolean {
  if (place.path !== path || place.placement.state === "gone") return false;
  const { start } = place.placement.range;
  return comparePositions(loop.start, start) <= 0 && comparePositions(start, loop.end) < 0;
}

function sharesLine(a: Range, b: Range): boolean {
  return a.start.line <= b.end.line && b.start.line <= a.end.line;
}
