import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import { PythonFile } from "./pythonFile.ts";
import { repair } from "./repair.ts";
import { type OffsetMap, preorder, readTree, type SyntaxNode } from "./syntax.ts";

/** tree-sitter's two WebAssembly modules, each a file's path or its bytes. */
export interface WasmModules {
  readonly core: string | Uint8Array;
  readonly python: string | Uint8Array;
}

export interface PythonParser {
  /** Any text parses: what the grammar cannot read is mended as far as possible (repair.ts), the rest becomes error nodes (`hasErrors`). */
  parse(text: string): PythonFile;
}

/** @throws Error where a module is missing or is no WebAssembly. */
export async function createPythonParser(modules: WasmModules = locateWasm()): Promise<PythonParser> {
  await Parser.init({ wasmBinary: bytesOf(modules.core) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(bytesOf(modules.python)));
  return { parse: (text) => parse(parser, text) };
}

/** In a bundle the modules lie beside its file; in a checkout they come from their packages. */
export function locateWasm(): WasmModules {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = { core: join(here, "web-tree-sitter.wasm"), python: join(here, "tree-sitter-python.wasm") };
  if (existsSync(bundled.core) && existsSync(bundled.python)) return bundled;
  const packages = createRequire(import.meta.url);
  return {
    core: packages.resolve("web-tree-sitter/web-tree-sitter.wasm"),
    python: packages.resolve("tree-sitter-python/tree-sitter-python.wasm"),
  };
}

function parse(parser: Parser, text: string): PythonFile {
  // A lone carriage return ends a line for Python and for editors, but not for the grammar.
  const source = text.replace(/\r(?!\n)/g, "\n");
  const given = read(parser, source);
  const repaired = given.hasErrors ? repair(source) : null;
  if (repaired === null) return new PythonFile(text, given.root, given.hasErrors);
  const mended = read(parser, repaired.text, (offset) => repaired.original(offset));
  if (!mended.hasErrors) return new PythonFile(text, mended.root, !repaired.isValid);
  const isBetter = charactersInError(mended.root) < charactersInError(given.root);
  return new PythonFile(text, (isBetter ? mended : given).root, true);
}

interface ParsedTree {
  readonly root: SyntaxNode;
  readonly hasErrors: boolean;
}

function read(parser: Parser, source: string, original: OffsetMap | null = null): ParsedTree {
  const tree = parser.parse(source);
  if (tree === null) throw new Error("tree-sitter has no language set.");
  const cursor = tree.walk();
  try {
    return { root: readTree(cursor, tree.language, original), hasErrors: tree.rootNode.hasError };
  } finally {
    cursor.delete();
    tree.delete();
  }
}

/** How much of the text the grammar could not read. */
function charactersInError(root: SyntaxNode): number {
  let count = 0;
  for (const { type, start, end, parent } of preorder(root))
    if (type === "ERROR" && parent?.type !== "ERROR") count += end - start;
  return count;
}

function bytesOf(wasm: string | Uint8Array): Uint8Array {
  return typeof wasm === "string" ? readFileSync(wasm) : wasm;
}
