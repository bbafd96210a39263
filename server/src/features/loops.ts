import type { PartContents } from "../correlate/correlation.ts";
import { comparePositions, containsRange, type Range } from "../text/range.ts";
import type { Project, PythonLoop, TemplateLoop } from "./project.ts";

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
  /** What a run of it evaluates once, before all turns; null where there is no such thing, as for `while`. */
  readonly once: Range | null;
}

/** The loops of a recorded file, outer ones first. */
export function loopsOf(project: Project, path: string): readonly Loop[] {
  const language = project.correlator.languageOf(path);
  if (language === null) return [];
  if (language === "python") return outerFirst(pythonLoops(project.correlator.pythonFile(path)?.loops ?? []));
  return outerFirst(templateLoops(project.correlator.templateFile(path)?.loops ?? []));
}

/** The loops of a part of a file, outer ones first, on lines that count from its own. */
export function loopsIn(contents: PartContents): readonly Loop[] {
  return outerFirst(contents.language === "python" ? pythonLoops(contents.loops) : templateLoops(contents.loops));
}

function outerFirst(loops: readonly Loop[]): readonly Loop[] {
  return [...loops].sort(
    (a, b) => comparePositions(a.range.start, b.range.start) || comparePositions(b.range.end, a.range.end),
  );
}

function pythonLoops(loops: readonly PythonLoop[]): readonly Loop[] {
  return loops.map(({ range, header, lens, statement, iterable }, index) => ({
    ...{ range, header, lens },
    statement: statement.range,
    once: iterable === null || holdsLoop(iterable, loops, index + 1) ? null : iterable,
  }));
}

/** @param from the loop's own index and one: what stands in it comes behind it, in document order */
function holdsLoop(iterable: Range, loops: readonly { readonly range: Range }[], from: number): boolean {
  for (let index = from; index < loops.length; index++) {
    const range = loops[index]?.range;
    if (range === undefined || comparePositions(range.start, iterable.end) > 0) return false;
    if (containsRange(iterable, range)) return true;
  }
  return false;
}

function templateLoops(loops: readonly TemplateLoop[]): readonly Loop[] {
  return loops
    .filter(({ isOpen }) => !isOpen)
    .map(({ range, openRange }) => ({
      ...{ range, header: openRange, lens: openRange, statement: openRange },
      once: openRange,
    }));
}
