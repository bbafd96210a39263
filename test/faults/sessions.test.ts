import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../../server/src/python/parser.ts";
import { MemoryRuns, openMemoryTrace } from "../../server/src/trace/testing.ts";
import { checkAnswers, projectOf } from "./answers.ts";
import { cases, patience } from "./cases.ts";
import { recordSlices, type Slice } from "./demoSegment.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { type EditedFile, editsOf } from "./sources.ts";

let parser: PythonParser;
let slices: readonly Slice[];
beforeAll(async () => {
  parser = await createPythonParser();
  slices = await recordSlices();
});

const readerOf = (run: string, bytes: string | Uint8Array) =>
  openMemoryTrace(new MemoryRuns().write(run, "main", bytes).describe(run, { state: "complete" })).reader;

test(
  "whatever of a recording is broken, all that is asked is answered, with places that are there",
  () => {
    let shown = 0;
    const check = (mutant: Mutant): void => {
      const { run, texts } = mutant.slice;
      const lenses = checkAnswers(projectOf(readerOf(run, mutant.bytes), texts, parser), texts);
      for (const found of lenses.values()) shown += found.length;
    };
    const { numRuns } = cases("recordings");
    fc.assert(fc.property(mutantsOf(slices, 4), check), cases("recordings"));
    expect(shown / numRuns).toBeGreaterThan(0.5);
  },
  patience,
);

test(
  "whatever becomes of the files, no lens stands on a line that had none",
  () => {
    const readers = slices.map((slice) => readerOf(slice.run, `${slice.lines.join("\n")}\n`));
    const before = slices.map((slice, at) => {
      const reader = readers[at];
      if (reader === undefined) throw new Error("Each slice has a reader.");
      return {
        reader,
        lines: linesFor(checkAnswers(projectOf(reader, slice.texts, parser), slice.texts), slice.texts),
      };
    });
    let kept = 0;
    const check = ({ slice, path, text, cut }: EditedFile): void => {
      const { reader, lines } = before[slice] ?? before[0] ?? { reader: readers[0], lines: new Set<string>() };
      if (reader === undefined) throw new Error("Each slice has a reader.");
      const texts = new Map([...(slices[slice]?.texts ?? []), [path, text]]);
      const isCut = (line: string): boolean => {
        const before = cut.get(line.slice(path.length + 2));
        return line.startsWith(`${path}: `) && before !== undefined && lines.has(`${path}: ${before}`);
      };
      const now = lensLines(checkAnswers(projectOf(reader, texts, parser), texts), texts);
      expect([...now].filter((line) => !lines.has(line) && !isCut(line))).toEqual([]);
      for (const line of now) if (line.startsWith(`${path}: `)) kept += 1;
    };
    const { numRuns } = cases("sources");
    fc.assert(fc.property(editsOf(slices), check), cases("sources"));
    expect(kept / numRuns).toBeGreaterThan(0.2);
  },
  patience,
);

/** Those, and where their statements begin: a comprehension that cannot be read leaves its queries to the statement around it. */
function linesFor(lenses: ReturnType<typeof checkAnswers>, texts: ReadonlyMap<string, string>): ReadonlySet<string> {
  const begins = [...lenses].map(([path, found]) => {
    const file = path.endsWith(".py") ? parser.parse(texts.get(path) ?? "") : null;
    const statements = found.map(({ range }) => file?.statementAtLine(range.start.line)?.range ?? range);
    return [path, found.map((lens, at) => ({ ...lens, range: statements[at] ?? lens.range }))] as const;
  });
  return new Set([...lensLines(lenses, texts), ...lensLines(new Map(begins), texts)]);
}

/** The text of each line that has a lens, after its path. */
function lensLines(lenses: ReturnType<typeof checkAnswers>, texts: ReadonlyMap<string, string>): ReadonlySet<string> {
  return new Set(
    [...lenses].flatMap(([path, found]) => {
      const lines = (texts.get(path) ?? "").split(/\r\n|\r|\n/);
      return found.map(({ range }) => `${path}: ${lines[range.start.line]?.trim()}`);
    }),
  );
}
