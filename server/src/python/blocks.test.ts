import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { commonEnds } from "../text/commonEnds.ts";
import { blockStarts, cutAgain, cutBlocks } from "./blocks.ts";
import { classPieces } from "./classPieces.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";
import type { PythonFile } from "./pythonFile.ts";

const demo = fileURLToPath(new URL("../../../demo", import.meta.url));
const files = globSync(["*.py", "*/*.py", "*/*/*.py"], { cwd: demo })
  .map((path) => readFileSync(`${demo}/${path}`, "utf8"))
  .filter((text) => text.length > 500);

let inBlocks: PythonParser;
let inOne: PythonParser;
beforeAll(async () => {
  inBlocks = await createPythonParser();
  inOne = await createPythonParser(undefined, () => [0]);
});

/** All that others read of a file, nodes by what they are and where. */
function seen(file: PythonFile) {
  const withStatement = <T extends { readonly statement: { readonly identity: string } }>(each: T) => ({
    ...each,
    statement: each.statement.identity,
  });
  return {
    hasErrors: file.hasErrors,
    statements: file.statements.map(({ range, header, body, kind, qualname, identity, tokens, node }) => {
      return { range, header, body, kind, qualname, identity, tokens, node: [node.type, node.start, node.end] };
    }),
    definitions: file.definitions.map(withStatement),
    loops: file.loops.map(withStatement),
    withs: file.withs.map(withStatement),
    chains: file.chains.map(({ range, root, links }) => ({ range, root, links: links.map(({ range }) => range) })),
    quote: file.quote,
  };
}

function cut(text: string): readonly string[] {
  const starts = blockStarts(text);
  return starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length));
}

describe("where a text is cut", () => {
  test.each([
    [
      "before definitions, with their decorators",
      ["import a\nx = 1\n\n", "@one\n@two(\n  1)\ndef f():\n  pass\n", "class C: pass\n"],
    ],
    [
      "behind what is indented, and not before its clauses",
      ["try:\n  a()\nexcept X:\n  b()\nelse:\n  c()\n", "d()\ne()\n"],
    ],
    ["not within brackets, strings and continued lines", ['x = (\n1,\n)\ny = """\ndef f():\n"""\nz = 1 + \\\n2\n']],
    [
      "not at a backslash before what is indented",
      ["def f():\n  a()\n\\\n  b()\n", "c()\n", "\\\n\\\r\ndef g(): pass\n"],
    ],
    [
      "not at strings with quotes, hashes and brackets in them",
      ["a = '\\'(#'\nb = \"it's [\"\nc = r'\\'  # ({\n", "def f(): pass\n"],
    ],
    ["at the next definition, where a bracket stays open", ["x = f(1,\ny = 2\n", "@one\ndef f(): pass\n"]],
    ["not where a string stays open: nobody knows what is in it", ['x = """\ny = 2\ndef f(): pass\n']],
    ["after a line at which a short string stays open", ["x = 'it\n", "def f(): pass\r\n", "def g(): pass\n"]],
  ])("%s", (_, blocks) => {
    expect(cut(blocks.join(""))).toEqual(blocks);
  });

  test("long runs of simple statements are cut, and nothing is lost", () => {
    const text = Array.from({ length: 500 }, (_, index) => `NUMBER_${index} = ${index}\n`).join("");
    expect(cut(text).length).toBeGreaterThan(3);
    expect(cut(text).join("")).toBe(text);
  });
});

test("each file of the demo reads as when it is parsed as a whole", () => {
  expect(files.length).toBeGreaterThan(10);
  for (const text of files) expect(seen(inBlocks.parse(text))).toEqual(seen(inOne.parse(text)));
});

const change = fc.record({
  at: fc.nat(),
  length: fc.nat(30),
  instead: fc.constantFrom(
    "",
    "\n",
    "(",
    '"""',
    "'",
    "def f():\n    pass\n",
    "x = 1\n",
    "@a\n",
    "\r\n",
    "    ",
    "@b(",
    ")\n",
    "class",
    "😀",
    "\\\n",
    "else:\n",
  ),
});

function changed(text: string, { at, length, instead }: { at: number; length: number; instead: string }): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + instead + text.slice(start + length);
}

test("after any edits it is cut as if it had never been cut before", () => {
  const small = fc.constantFrom(
    "import a\n\n\n@one\ndef f():\n    g(1)\n\n\n@two(\n    3)\nclass C:\n    x = 'a'\n\n\nif a:\n    b()\nc = [\n  1,\n]\n",
    '"""Says."""\nx = """\ndef f(): pass\n"""\n\ndef g():\n    return f"{a(\n1)}"\n@a\n@b(\ndef h(): pass\n\\\n  d()\nwith a: pass\n',
  );
  const texts = fc.record({
    file: fc.oneof(small, small, fc.constantFrom(...files)),
    changes: fc.array(change, { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(texts, ({ file, changes }) => {
      let text = file;
      let cuts = cutBlocks(text);
      for (const each of changes) {
        const before = text;
        text = changed(text, each);
        cuts = cutAgain(text, before, cuts, commonEnds(before, text));
        const { starts, isFree } = cutBlocks(text);
        expect({ starts: cuts.starts, isFree: cuts.isFree }).toEqual({ starts, isFree });
      }
    }),
    { numRuns: 3_000 },
  );
});

/** All of the demo's longest file in one class, which is large enough to be parsed in pieces. */
const inClass = `@decorated\nclass Large(Base):\n${files
  .filter((text) => !text.includes("from __future__") && !/import \*/.test(text))
  .sort((a, b) => b.length - a.length)
  .slice(0, 8)
  .join("\n\n")
  .replace(/^(?=.)/gm, "    ")}\n# what follows\nx = Large()\n`;

/** tree-sitter reads on where Python knows no line end. */
const noPython = /\b(def|class|async)[ \t]*\r?\n/;

test("after any edits it reads as if it had never read another text", async () => {
  const texts = fc.record({
    file: fc.oneof(fc.constantFrom(...files), fc.constant(inClass)),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  });
  expect(blockStarts(inClass)).toHaveLength(2);
  expect(classPieces(inClass.slice(0, blockStarts(inClass)[1]))?.length).toBeGreaterThan(10);
  await fc.assert(
    fc.asyncProperty(texts, async ({ file, changes }) => {
      const fresh = await createPythonParser(undefined, blockStarts);
      let text = file;
      let typed = inBlocks.parse(text);
      for (const each of changes) {
        text = changed(text, each);
        typed = inBlocks.parse(text, typed);
      }
      expect(cut(text).join("")).toBe(text);
      expect(seen(typed)).toEqual(seen(fresh.parse(text)));
      const whole = inOne.parse(text);
      if (!whole.hasErrors && !noPython.test(text)) expect(seen(typed)).toEqual(seen(whole));
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("what is typed in one function leaves all others what they are, also while it is no Python", () => {
  const text = "def f():\n    return one()\n\n\ndef g():\n    return two()\n\n\ndef h():\n    return three()\n";
  const before = inBlocks.parse(text);
  const typed = inBlocks.parse(text.replace("two()", "two(for ["));
  expect(typed.hasErrors).toBe(true);
  const identities = (file: PythonFile) =>
    file.statements.map(({ identity }) => identity).filter((id) => !/\bg\b/.test(id));
  expect(identities(typed)).toEqual(expect.arrayContaining(identities(before)));
  expect(typed.statements.at(-1)?.range).toEqual(before.statements.at(-1)?.range);
  expect(typed.statements.at(-1)?.node.end).toBe(typed.text.length - 1);
});
