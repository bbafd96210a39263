import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { comparePositions, containsRange, type Range } from "../text/range.ts";
import { insertCall } from "./chainEdits.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const whole = readFileSync(new URL("testdata/calls.txt", import.meta.url), "utf8");

/** The text as it is while somebody types: pieces missing, doubled or strange. */
const halfWritten = fc
  .array(
    fc.record({
      at: fc.nat(whole.length),
      length: fc.nat(40),
      instead: fc.constantFrom(
        "",
        "(",
        ")",
        "[",
        "'",
        '"""',
        "\\\n",
        "\r",
        ".",
        "for x in ",
        "await ",
        "é😀",
        "\0",
        "lambda: ",
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((changes) =>
    changes.reduce((text, { at, length, instead }) => text.slice(0, at) + instead + text.slice(at + length), whole),
  );

it("reads any text, and all that it gives lies within it", () => {
  fc.assert(
    fc.property(halfWritten, (text) => {
      const file = parser.parse(text);
      const all: Range = file.lines.rangeAt(0, text.length);
      const check = (range: Range) => {
        expect(comparePositions(range.start, range.end)).toBeLessThanOrEqual(0);
        expect(containsRange(all, range)).toBe(true);
      };
      let last = all.start;
      for (const { header, range, body } of file.statements) {
        for (const given of [header, range, body ?? range]) check(given);
        if (!file.hasErrors) expect(comparePositions(last, header.start)).toBeLessThanOrEqual(0);
        last = header.end;
      }
      expect(new Set(file.statements.map(({ identity }) => identity)).size).toBe(file.statements.length);
      for (const { range, header, body, lens } of file.loops)
        for (const given of [range, header, body, lens]) check(given);
      for (const { range, block } of file.withs) for (const given of [range, block ?? range]) check(given);
      for (const chain of file.chains) {
        for (const { range, expression } of chain.links) {
          check(range);
          expect(containsRange(chain.range, expression)).toBe(true);
        }
        check(chain.rootRange);
        expect(file.chainAt(chain.range)?.range).toEqual(chain.range);
        for (const edit of insertCall(file, chain, "end", "all", [])) check(edit.range);
      }
    }),
    { numRuns: 150 },
  );
});

it("nests as deep as a text can", () => {
  for (const text of [
    "(".repeat(20_000),
    `x = ${"a.b(".repeat(5_000)}`,
    `x = ${"1 + ".repeat(20_000)}1`,
    "if a: ".repeat(5_000),
  ]) {
    const file = parser.parse(text);
    expect(file.statements.length + file.chains.length).toBeGreaterThanOrEqual(0);
    expect(file.chainAt(file.lines.rangeAt(text.length - 1, text.length))).toBeDefined();
  }
});

it("ends with thousands of lines of which each leaves something open", () => {
  for (const line of [
    'x = f"{',
    'x = f"""{',
    "x = f\"\"\"{'''",
    "x = foo(",
    "x = foo(]",
    "x = ('a",
    "x = {",
    "x = [f'{a:",
  ]) {
    const broken = `def f():\n${`    ${line}\n`.repeat(3_000)}`;
    expect(parser.parse(broken).hasErrors, line).toBe(true);
  }
  for (const text of [
    `x = ${"(".repeat(10_000)}${"]".repeat(10_000)}`,
    `x = f"${"{a:".repeat(10_000)}`,
    `x = a${".b()".repeat(10_000)}`,
  ])
    expect(parser.parse(text).chains.length).toBeLessThanOrEqual(1);
});
