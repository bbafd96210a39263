import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import { PythonFile } from "./pythonFile.ts";
import { readTree } from "./syntax.ts";

/** tree-sitter's two WebAssembly modules, each a file's path or its bytes. */
export interface WasmModules {
  readonly core: string | Uint8Array;
  readonly python: string | Uint8Array;
}

export interface PythonParser {
  /** Any text parses: what the grammar cannot read becomes error nodes (`hasErrors`). */
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
  const tree = parser.parse(text.replace(/\r(?!\n)/g, "\n"));
  if (tree === null) throw new Error("tree-sitter has no language set.");
  const cursor = tree.walk();
  try {
    return new PythonFile(text, readTree(cursor, tree.language), tree.rootNode.hasError);
  } finally {
    cursor.delete();
    tree.delete();
  }
}

function bytesOf(wasm: string | Uint8Array): Uint8Array {
  return typeof wasm === "string" ? readFileSync(wasm) : wasm;
}
