import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { utf8ColumnToUtf16 } from "../text/columns.ts";
import { comparePositions, containsRange, type Range } from "../text/range.ts";
import { textAt } from "../text/testing.ts";
import { createPythonParser } from "./parser.ts";
import type { PythonFile } from "./pythonFile.ts";

/** `[co_qualname, lineno, end_lineno, col_offset, end_col_offset]`, as testdata/positions.py writes them. */
type Row = readonly [string, number, number, number, number];

const read = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");

let file: PythonFile;
beforeAll(async () => {
  file = (await createPythonParser()).parse(read("calls.txt"));
});

function rangeOfRow([, line, endLine, column, endColumn]: Row): Range {
  const at = (number: number, bytes: number) => ({
    line: number - 1,
    character: utf8ColumnToUtf16(file.lines.lineText(number - 1), bytes),
  });
  return { start: at(line, column), end: at(endLine, endColumn) };
}

/** The function whose frame it is, without the comprehensions and lambdas in it. */
function functionOf(qualname: string): string {
  return qualname.replace(/(\.<locals>)?\.?<(lambda|listcomp|setcomp|dictcomp|genexpr)>.*$/, "") || "<module>";
}

/** Instructions that are not about one call: of whole blocks, of comprehensions, and assertions, which are calls to CPython. */
const notOneCall = /^(@|class |with |async |for |assert|[[{(]|.* for | *self\.message\(\)$)/;

describe.each(["3.11", "3.12", "3.13"])("what CPython %s records", (version) => {
  const rows: readonly Row[] = JSON.parse(read(`positions-${version}.json`));

  it("lies in the statement of the function that it names", () => {
    for (const row of rows) {
      expect([file.statementAt(rangeOfRow(row))?.qualname, row]).toEqual([functionOf(row[0]), row]);
    }
  });

  it("lies in that statement's header, or is brought there", () => {
    for (const row of rows) {
      const statement = file.statementAt(rangeOfRow(row));
      if (statement === null) throw new Error(`No statement at ${row}.`);
      expect(containsRange(statement.header, file.withinHeader(rangeOfRow(row), statement))).toBe(true);
    }
  });

  it("is a call of the chain found for it", () => {
    let calls = 0;
    for (const row of rows) {
      const range = rangeOfRow(row);
      const text = textAt(file.text, range);
      if (!text.endsWith(")") || notOneCall.test(text)) continue;
      calls++;
      const chain = file.chainAt(range);
      const ends = chain?.links.filter(({ kind }) => kind === "call").map(({ expression }) => expression.end) ?? [];
      expect([ends.some((end) => comparePositions(end, range.end) === 0), text]).toEqual([true, text]);
    }
    expect(calls).toBeGreaterThan(45);
  });
});
