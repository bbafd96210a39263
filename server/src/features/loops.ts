import { comparePositions, type Range } from "../text/range.ts";
import type { Project } from "./project.ts";

/** A loop of either language, as lenses and hovers need it. */
export interface Loop {
  /** All of it: header and body, opening tag to closing tag. */
  readonly range: Range;
  /** What a pointer rests on to ask for the loop. */
  readonly header: Range;
  /** What a lens stands above. */
  readonly lens: Range;
  /** The statement (or tag) it belongs to: one lens each. */
  readonly statement: Range;
}

/** The loops of a recorded file, outer ones first. */
export function loopsOf(project: Project, path: string): readonly Loop[] {
  const language = project.reader.filesAt(path)[0]?.language;
  if (language === undefined) return [];
  const loops = language === "python" ? pythonLoops(project, path) : templateLoops(project, path);
  return [...loops].sort(
    (a, b) => comparePositions(a.range.start, b.range.start) || comparePositions(b.range.end, a.range.end),
  );
}

function pythonLoops(project: Project, path: string): readonly Loop[] {
  const loops = project.correlator.pythonFile(path)?.loops ?? [];
  return loops.map(({ range, header, lens, statement }) => ({ range, header, lens, statement: statement.range }));
}

function templateLoops(project: Project, path: string): readonly Loop[] {
  const loops = project.correlator.templateFile(path)?.loops ?? [];
  return loops.map(({ range, openRange }) => ({ range, header: openRange, lens: openRange, statement: openRange }));
}
