import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { containsRange, type Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";
import { placeMoved } from "./pythonPlacement.ts";
import { alignStatements } from "./statementAlignment.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** How a program is written down; none of it changes what the program means. */
interface Style {
  readonly indent: string;
  readonly quote: string;
  readonly lineEnd: string;
  readonly layout: "line" | "parentheses" | "backslash" | "arguments";
  readonly noise: readonly string[];
}

const style: fc.Arbitrary<Style> = fc.record({
  indent: fc.constantFrom("    ", "\t", "  "),
  quote: fc.constantFrom("'", '"', '"""'),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  layout: fc.constantFrom("line", "parentheses", "backslash", "arguments"),
  noise: fc.array(fc.constantFrom("", "# é😀 'comment'", "     # deep", ""), { maxLength: 3 }),
});

/** A query of two method calls, the first of them the one that a recorded range ends with. */
function query(name: string, { quote, layout, indent }: Style): string {
  const value = `${quote}é😀${quote}`;
  switch (layout) {
    case "line":
      return `${name}.objects.filter(a=${value}, b=[1, 2]).all()`;
    case "parentheses":
      return `(\n${indent}${name}.objects  # here\n${indent}.filter(a=${value}, b=[1, 2])\n${indent}.all()\n)`;
    case "backslash":
      return `${name}.objects \\\n${indent}.filter(a=(${value}), b=[1, 2]) \\\n${indent}.all()`;
    case "arguments":
      return `${name}.objects.filter(\n  a=${value},  # why\n  b=[1, 2,],\n).all()`;
  }
}

type Kind = "assign" | "loop" | "return" | "branch";

interface Program {
  readonly functions: readonly { readonly name: string; readonly body: readonly (readonly [Kind, string])[] }[];
}

/** Few names, so that many statements are equal. */
const program: fc.Arbitrary<Program> = fc.record({
  functions: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("f", "g", "A.h", "B.h"),
      body: fc.array(
        fc.tuple(fc.constantFrom<Kind>("assign", "loop", "return", "branch"), fc.constantFrom("Order", "Item", "Tag")),
        { minLength: 1, maxLength: 5 },
      ),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 4 },
  ),
});

function write({ functions }: Program, written: Style): string {
  const { indent, noise, lineEnd } = written;
  const lines: string[] = [];
  for (const { name, body } of functions) {
    const [owner, method] = name.split(".");
    const depth = method === undefined ? 0 : 1;
    if (depth === 1) lines.push(`class ${owner}:`);
    lines.push(`${indent.repeat(depth)}def ${method ?? owner}(self):`);
    const inner = indent.repeat(depth + 1);
    for (const [kind, model] of body) {
      const expression = query(model, written);
      if (kind === "assign") lines.push(`${inner}x = ${expression}`);
      if (kind === "return") lines.push(`${inner}return ${expression}`);
      if (kind === "loop") lines.push(`${inner}for o in ${expression}:`, `${inner}${indent}print(o.${model})`);
      if (kind === "branch") lines.push(`${inner}if (${expression}):`, `${inner}${indent}pass`);
      lines.push(...noise);
    }
  }
  return `${lines.join("\n")}\n`.replace(/\n/g, lineEnd);
}

/** The ranges of the `filter` calls as CPython 3.12 records them, in document order, each with its model's name. */
function filterCalls(file: PythonFile): readonly { readonly name: string; readonly range: Range }[] {
  return file.chains.flatMap((chain) => {
    const call = chain.calls.find(({ name }) => name === "filter");
    return call === undefined
      ? []
      : [{ name: chain.root, range: { start: chain.rootRange.start, end: call.range.end } }];
  });
}

function siteAt(file: PythonFile, range: Range): Site {
  const bytes = (line: number, character: number) => Buffer.byteLength(file.lines.lineText(line).slice(0, character));
  return {
    id: 1,
    fileId: 1,
    path: "a.py",
    kind: "python",
    qualname: "",
    functionLine: 1,
    line: range.start.line + 1,
    column: bytes(range.start.line, range.start.character),
    endLine: range.end.line + 1,
    endColumn: bytes(range.end.line, range.end.character),
    token: null,
  };
}

function functions(file: PythonFile): ReadonlySet<string> {
  return new Set(file.definitions.map(({ qualname }) => qualname));
}

describe("a recorded call", () => {
  it("is found again in the same program written in another style", () => {
    fc.assert(
      fc.property(program, style, style, (given, before, after) => {
        const recorded = parser.parse(write(given, before));
        const today = parser.parse(write(given, after));
        expect(recorded.hasErrors || today.hasErrors).toBe(false);
        expect(today.statements.map(({ identity }) => identity)).toEqual(
          recorded.statements.map(({ identity }) => identity),
        );
        const alignment = alignStatements(recorded, today);
        const now = filterCalls(today);
        for (const [index, { range }] of filterCalls(recorded).entries()) {
          const placement = placeMoved(siteAt(recorded, range), recorded, today, alignment);
          expect(placement).toMatchObject({ state: "moved", range: now[index]?.range });
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is found at an equal one, in its own function or one that took its place, or nowhere, when functions and statements come, go and move", () => {
    fc.assert(
      fc.property(program, program, style, (before, after, written) => {
        const recorded = parser.parse(write(before, written));
        const today = parser.parse(write(after, written));
        const alignment = alignStatements(recorded, today);
        const now = filterCalls(today);
        for (const { name, range } of filterCalls(recorded)) {
          const placement = placeMoved(siteAt(recorded, range), recorded, today, alignment);
          if (placement.state === "gone") continue;
          expect(now).toContainEqual({ name, range: placement.range });
          expect(containsRange(placement.statement, placement.range)).toBe(true);
          const was = recorded.statementAt(range)?.qualname ?? "";
          const is = today.statementAt(placement.range)?.qualname ?? "";
          const isRenamed = !functions(today).has(was) && !functions(recorded).has(is);
          expect(is === was || isRenamed).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
