import type { PartContents } from "../correlate/correlation.ts";
import { comparePositions, containsRange, type Range } from "../text/range.ts";
import type { Project, PythonLoop, PythonOutline, TemplateLoop } from "./project.ts";

/** A loop of either language, as lenses and hovers need it. */
export interface Loop {
  /** Header and body, opening tag to closing tag; without its `else`, which is run once at most. */
  readonly range: Range;
  /** All functions around: what those that are only defined in it execute, when they are called elsewhere, is none of its turns, and a call in it stands there itself. */
  readonly functions: readonly Range[];
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
  if (language === "python") {
    const file = project.correlator.pythonFile(path);
    return file === null ? [] : outerFirst(pythonLoops(file.loops, file.definitions));
  }
  return outerFirst(templateLoops(project.correlator.templateFile(path)?.loops ?? []));
}

/** The loops of a part of a file, outer ones first, on lines that count from its own. */
export function loopsIn(contents: PartContents): readonly Loop[] {
  if (contents.language === "template") return outerFirst(templateLoops(contents.loops));
  return outerFirst(pythonLoops(contents.loops, contents.definitions));
}

function outerFirst(loops: readonly Loop[]): readonly Loop[] {
  return [...loops].sort(
    (a, b) => comparePositions(a.range.start, b.range.start) || comparePositions(b.range.end, a.range.end),
  );
}

function pythonLoops(loops: readonly PythonLoop[], definitions: PythonOutline["definitions"]): readonly Loop[] {
  const functions = definitions.filter(({ kind }) => kind === "function").map((each) => each.range);
  return loops.map((loop, index) => {
    const { header, lens, statement, iterable } = loop;
    return {
      ...{ range: withoutElse(loop), header, lens, functions },
      statement: statement.range,
      once: iterable === null || holdsLoop(iterable, loops, index + 1) ? null : iterable,
    };
  });
}

/** A comprehension's element stands before its clauses, and a loop that is half typed has no body. */
function withoutElse({ range, header, body }: PythonLoop): Range {
  const isBlock = comparePositions(body.start, header.end) >= 0 && comparePositions(body.start, body.end) < 0;
  return isBlock ? { start: range.start, end: body.end } : range;
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
    .map(({ range, openRange, empty }) => ({
      ...{ header: openRange, lens: openRange, statement: openRange },
      range: empty === null ? range : { start: range.start, end: empty.start },
      functions: [],
      once: openRange,
    }));
}
