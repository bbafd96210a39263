import type { Place } from "../correlate/correlation.ts";
import type { Finding, Severity } from "../insights/finding.ts";
import type { Range } from "../text/range.ts";
import { placeKey, querysetOf } from "./firing.ts";
import type { Project } from "./project.ts";
import { oneLine } from "./untrusted.ts";

/** One cause, at the place where it fires. */
export interface Diagnostic {
  readonly range: Range;
  readonly severity: Severity;
  /** The rule: stable, for settings and for search. */
  readonly code: string;
  readonly message: string;
  /** What a quick fix starts from, without reading the code again. */
  readonly data: DiagnosticData;
  readonly related: readonly RelatedPlace[];
}

export interface DiagnosticData {
  readonly findingId: string;
}

export interface RelatedPlace {
  readonly path: string;
  readonly range: Range;
  readonly message: string;
}

/** By rule, what this person wants of Problems over what the project says. */
export type Severities = Readonly<Record<string, Severity | "off">>;

const relatedLimit = 10;

/** Of the whole project, by file. A finding whose line was edited away has no place to stand, and is left out. */
export function diagnostics(project: Project, severities: Severities = {}): ReadonlyMap<string, readonly Diagnostic[]> {
  const placed = project.findings().flatMap((finding) => {
    const severity = severities[finding.rule] ?? finding.severity;
    const diagnostic = severity === "off" ? null : diagnosticOf(project, finding, severity);
    return diagnostic === null ? [] : [{ path: finding.at.path, diagnostic }];
  });
  const byFile = Map.groupBy(placed, ({ path }) => path);
  return new Map([...byFile].map(([path, group]) => [path, group.map(({ diagnostic }) => diagnostic)]));
}

function diagnosticOf(project: Project, finding: Finding, severity: Severity): Diagnostic | null {
  const { placement } = finding.at;
  if (placement.state === "gone") return null;
  return {
    range: placement.range,
    severity: severityOf(finding, severity),
    code: finding.rule,
    message: oneLine(finding.message, 1_000) + (finding.stale ? ` ${staleNote(project, finding)}` : ""),
    data: { findingId: finding.id },
    related: relatedPlaces(finding),
  };
}

/** Hints stay hints: a suspicion is never raised. */
function severityOf(finding: Finding, wanted: Severity): Severity {
  if (finding.severity === "hint") return "hint";
  return finding.stale && wanted !== "hint" ? "information" : wanted;
}

/** What an edit since the recording leaves unknown; says which file, where it is one of the finding's own places. */
export function staleNote(project: Project, finding: Finding): string {
  const edited = [querysetOf(finding), ...finding.fires].find((place) => place?.placement.state === "gone");
  const where =
    edited === undefined || edited === null
      ? ""
      : ` in ${oneLine(edited.path)}:${project.correlator.lineNow(edited.site)}`;
  return `(Recorded before an edit${where}: not yet verified.)`;
}

/** Both ends: the queryset that loaded the rows, or the loop that asks, then the other places where it fires. */
function relatedPlaces(finding: Finding): readonly RelatedPlace[] {
  const place = querysetOf(finding);
  const isHere = place !== null && placeKey(place) === placeKey(finding.at);
  const queryset = place === null || isHere ? [] : related(place, "The queryset that loads the rows");
  const loop = finding.loop === undefined || finding.loop === null ? [] : related(finding.loop, "The loop that asks");
  const others = finding.fires.slice(1).flatMap((place) => related(place, "Fires here too"));
  return [...queryset, ...loop, ...others].slice(0, relatedLimit);
}

function related({ path, placement }: Place, message: string): readonly RelatedPlace[] {
  return placement.state === "gone" ? [] : [{ path, range: placement.range, message }];
}
