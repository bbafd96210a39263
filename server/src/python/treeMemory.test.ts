import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it } from "vitest";
import { Language, Parser } from "web-tree-sitter";
import { type Grammar, grammarOf } from "./grammar.ts";
import { locateWasm } from "./parser.ts";
import { readByCursor } from "./treeCursor.ts";
import { TreeMemory, type WasmHeap } from "./treeMemory.ts";
import { TreeSitter } from "./treeSitter.ts";

/** How many files; `QUERYSIGHT_TREES=100000` takes all. */
const most = Number(process.env["QUERYSIGHT_TREES"] ?? 60);

const { core, python } = locateWasm();
if (typeof core !== "string" || typeof python !== "string") throw new Error("paths are expected");
const module: WasmHeap & { wasmBinary: Uint8Array } = { wasmBinary: readFileSync(core) };
let parser: Parser;
let grammar: Grammar;
let memory: TreeMemory;
beforeAll(async () => {
  await Parser.init(module);
  const language = await Language.load(readFileSync(python));
  parser = new Parser();
  parser.setLanguage(language);
  grammar = grammarOf(language);
  memory = new TreeMemory(module, language, grammar);
});

/** Files of the standard library and of this project, as evenly spread as that many can be. */
function sources(): readonly string[] {
  const library = execFileSync("python3", ["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"], {
    encoding: "utf8",
  }).trim();
  const own = fileURLToPath(new URL("../../..", import.meta.url));
  const files = [
    ...globSync("{demo,recorder}/**/*.py", { cwd: own, exclude: (name) => name.startsWith(".") }).map((file) =>
      join(own, file),
    ),
    ...globSync("**/*.py", { cwd: library }).map((file) => join(library, file)),
  ];
  const step = Math.max(1, files.length / most);
  const chosen = Array.from({ length: Math.floor(files.length / step) }, (_, at) => files[Math.floor(at * step)] ?? "");
  return chosen.map((file) => readFileSync(file, "utf8")).filter((text) => text.length < 200_000);
}

/** As given; cut off; with some brackets and colons missing; with characters beyond the Basic Multilingual Plane. */
function variants(text: string): readonly string[] {
  return [
    text,
    text.slice(0, (text.length * 5) / 7),
    text.replace(/[)\]:]/g, (bracket, at: number) => (at % 97 === 0 ? "" : bracket)),
    text.replace(/"/g, (quote, at: number) => (at % 31 === 0 ? '"😀é' : quote)),
  ];
}

it("reads what the cursor tells, node by node, in real files, whole and broken", () => {
  let [trees, withErrors] = [0, 0];
  for (const source of sources().flatMap(variants)) {
    const tree = parser.parse(source);
    if (tree === null) throw new Error("no tree");
    const told = readByCursor(tree, grammar);
    const read = memory.read(tree);
    const hasError = tree.rootNode.hasError;
    // The arrays are long, and what `expect` would print of them.
    if (Buffer.compare(bytes(told), bytes(read)) !== 0 || memory.hasError(tree) !== hasError) {
      const word = told.findIndex((each, at) => each !== read[at]);
      const offset = told[word - (word % 4) + 1] ?? 0;
      expect.fail(`differs at ${offset}: ${JSON.stringify(source.slice(Math.max(0, offset - 200), offset + 200))}`);
    }
    trees += 1;
    withErrors += hasError ? 1 : 0;
    tree.delete();
  }
  expect(trees).toBeGreaterThan(most);
  expect(withErrors).toBeGreaterThan(trees / 5);
}, 3_600_000);

it("is not relied on where it cannot be seen: then the cursor copies the same", async () => {
  // web-tree-sitter's module was made by this file, not by the one under test.
  const without = await TreeSitter.load(readFileSync(core), readFileSync(python));
  expect(without.isDirect).toBe(false);
  for (const source of sources().slice(0, 5)) {
    const tree = parser.parse(source);
    if (tree === null) throw new Error("no tree");
    expect(without.parse(source).tree.words).toEqual(memory.read(tree));
    tree.delete();
  }
});

it("refuses what does not look like a grammar", () => {
  const words = new Uint32Array(1_000).fill(7);
  const language = { 0: 16 } as unknown as Language;
  expect(() => new TreeMemory({ HEAPU32: words }, language, grammar)).toThrow();
  expect(() => new TreeMemory({}, language, grammar)).toThrow();
});

function bytes({ buffer, byteOffset, byteLength }: Int32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
