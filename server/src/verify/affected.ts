import type { Place } from "../correlate/correlation.ts";
import type { Project } from "../features/project.ts";
import type { Finding } from "../insights/finding.ts";
import { comparePositions, containsRange, type Range, type TextEdit } from "../text/range.ts";
import { withContainers } from "../text/testIds.ts";

/** What a change of the code concerns in the recording. */
export interface Affected {
  /** Scopes that executed an edited statement, or evaluated a queryset that was built by one. */
  readonly scopes: ReadonlySet<number>;
  /** The recorded tests of these scopes, sorted: all of a class where its set-up is one of them. */
  readonly tests: readonly string[];
}

/** To be asked before the edits are made: their ranges are those of today's texts. */
export function affectedBy(project: Project, edits: readonly TextEdit[]): Affected {
  const sites = new Set<number>();
  for (const [path, group] of Map.groupBy(edits, ({ file }) => file)) {
    const places = project.correlator.sitesNow(path);
    const others = group.filter((edit) => !isImport(edit));
    // An import runs whenever its file is loaded, and changes nothing by itself.
    for (const edit of others.length > 0 ? others : group) {
      for (const { site } of placesOf(project, path, edit.range, places)) sites.add(site.id);
    }
  }
  const scopes = project.reader.scopesThrough([...sites]);
  return { scopes: new Set(scopes), tests: testsOf(project, scopes) };
}

/** What shows these findings, and the tests that cover them. */
export function affectedByFindings(project: Project, findings: readonly Finding[]): Affected {
  const rows = findings.flatMap(({ shownBy }) => [...shownBy]);
  const scopes = rows.flatMap((id) => project.reader.row(id)?.scopeId ?? []);
  return {
    scopes: new Set(scopes),
    tests: [...new Set(findings.flatMap(({ coveringTests }) => coveringTests))].sort(),
  };
}

function isImport({ newText }: TextEdit): boolean {
  return /^\s*(from\s+\S+\s+import|import)\s/.test(newText);
}

/**
 * The sites that tell who runs a piece of code: those in the statements that it touches, else (a new line, a statement that asks
 * nothing itself) those in the narrowest piece of code around it that has any: its block, its function, its class, its file.
 */
function placesOf(project: Project, path: string, range: Range, places: readonly Place[]): readonly Place[] {
  const touched = places.filter(({ placement }) => placement.state !== "gone" && meets(placement.statement, range));
  if (touched.length > 0) return touched;
  const file = path.endsWith(".py") ? project.correlator.pythonFile(path) : null;
  const definitions = file?.definitions.filter((definition) => containsRange(definition.range, range)) ?? [];
  for (const around of [file?.statementAt(range), ...definitions.toReversed()]) {
    const inside = around ? places.filter((place) => standsIn(place, around.range)) : [];
    if (inside.length > 0) return inside;
  }
  return places;
}

function meets(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.end) <= 0 && comparePositions(b.start, a.end) <= 0;
}

function standsIn({ placement }: Place, range: Range): boolean {
  return placement.state !== "gone" && containsRange(range, placement.range);
}

function testsOf(project: Project, scopeIds: readonly number[]): readonly string[] {
  const named = new Set(scopeIds.flatMap((id) => project.reader.scope(id).test ?? []));
  const recorded = project.reader.testEnds().filter(({ counts }) => counts);
  const concerned = recorded.filter(({ test }) => withContainers(test).some((name) => named.has(name)));
  return [...new Set(concerned.map(({ test }) => test))].sort();
}
