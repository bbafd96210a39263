import { expect } from "vitest";
import { Correlator } from "../../server/src/correlate/correlator.ts";
import type { Action } from "../../server/src/features/action.ts";
import { codeActions } from "../../server/src/features/codeAction.ts";
import { codeLenses, type Lens } from "../../server/src/features/codeLens.ts";
import { diagnostics } from "../../server/src/features/diagnostics.ts";
import { renderMarkdown } from "../../server/src/features/document.ts";
import { endpoints } from "../../server/src/features/endpoints.ts";
import { hover } from "../../server/src/features/hover.ts";
import { inlayHints } from "../../server/src/features/inlayHint.ts";
import { planText } from "../../server/src/features/plan.ts";
import type { Project } from "../../server/src/features/project.ts";
import { report } from "../../server/src/features/report.ts";
import { alternativesFor, fixFor } from "../../server/src/fixes/fixFor.ts";
import { guardFor } from "../../server/src/fixes/guard.ts";
import { analyse } from "../../server/src/insights/analyse.ts";
import type { PythonParser } from "../../server/src/python/parser.ts";
import { comparePositions, type Range } from "../../server/src/text/range.ts";
import type { TraceReader } from "../../server/src/trace/model.ts";

/** All of the server between the store and the protocol, over a trace and texts in memory. */
export function projectOf(
  reader: TraceReader,
  texts: ReadonlyMap<string, string>,
  parser: PythonParser,
  correlator = new Correlator(reader, { read: (path) => texts.get(path) ?? null }, parser),
): Project {
  const context = { reader, correlator };
  const findings = analyse(reader, correlator);
  return {
    name: "shop",
    reader,
    correlator,
    texts: { read: (path) => texts.get(path) ?? null },
    staticFindings: () => [],
    staticFixFor: () => ({ ok: false, withheld: { reason: "Nothing is read here." } }),
    findings: () => findings,
    asFound: () => findings,
    placeNow: (place) => place,
    fixFor: (wanted) => fixFor(wanted, context),
    alternativesFor: (finding) => alternativesFor(finding, context),
    guardFor: (scopeId) => guardFor(scopeId, context),
    measuredBefore: () => new Map(),
  };
}

/** Asks all that an editor and a terminal ask: nothing throws, and all that is answered stands in the texts. Answers the lenses, by path. */
export function checkAnswers(
  project: Project,
  texts: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Lens[]> {
  const ends = new Map([...texts].map(([path, text]) => [path, text.split(/\r\n|\r|\n/)]));
  const stands = (path: string, { start, end }: Range): void => {
    const lines = ends.get(path);
    if (lines === undefined) throw new Error(`${path} is no file of today.`);
    expect(comparePositions(start, end)).toBeLessThanOrEqual(0);
    expect(end.line).toBeLessThan(lines.length);
    for (const { line, character } of [start, end]) {
      expect(character).toBeGreaterThanOrEqual(0);
      expect(character).toBeLessThanOrEqual((lines[line] ?? "").length);
    }
  };
  const checkActions = (actions: readonly Action[]): void => {
    for (const action of actions)
      if (action.kind === "fix") for (const edit of action.edits) stands(edit.file, edit.range);
  };
  const lenses = new Map<string, readonly Lens[]>();
  for (const path of texts.keys()) {
    const found = codeLenses(project, path);
    lenses.set(path, found);
    for (const { range, places, title } of found) {
      stands(path, range);
      expect(title).not.toMatch(/NaN|undefined|\bnull\b/);
      for (const { place } of places) if (place.placement.state !== "gone") stands(place.path, place.placement.range);
      const shown = hover(project, path, range.start, 0);
      if (shown !== null) {
        stands(path, shown.range);
        expect(renderMarkdown(shown.blocks)).not.toMatch(/NaN|undefined/);
      }
    }
    const all = { start: { line: 0, character: 0 }, end: { line: ends.get(path)?.length ?? 0, character: 0 } };
    for (const { position } of inlayHints(project, path, all)) stands(path, { start: position, end: position });
    checkActions(codeActions(project, path, all, []));
  }
  for (const [path, given] of diagnostics(project)) {
    for (const { range, related } of given) {
      stands(path, range);
      for (const place of related) stands(place.path, place.range);
    }
  }
  report(project);
  endpoints(project, "file:///project", (path) => `file:///project/${path}`);
  for (const scope of project.reader.scopes()) {
    for (const { statementId, db } of project.reader.rowsOfScope(scope.id)) {
      const plan = project.reader.plan(statementId, db);
      if (plan !== null) planText(plan, project.reader.probes(statementId, db));
    }
    project.guardFor(scope.id);
  }
  return lenses;
}
