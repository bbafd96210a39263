import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import { blockStarts } from "./blocks.ts";
import { ParsedBlock } from "./parsedBlock.ts";
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

/**
 * @param cut where texts are cut into blocks that are parsed by themselves
 * @throws Error where a module is missing or is no WebAssembly.
 */
export async function createPythonParser(
  modules: WasmModules = locateWasm(),
  cut: (text: string) => readonly number[] = blockStarts,
): Promise<PythonParser> {
  await Parser.init({ wasmBinary: bytesOf(modules.core) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(bytesOf(modules.python)));
  return new BlockParser(parser, cut);
}

/** Characters of blocks that are kept, whichever texts they stand in: the longest unused go first. */
const mostCharacters = 1_000_000;

/**
 * Parses block by block, and each block once while it is in use: of a text that is being typed all but one are known, and of a text that was
 * recorded all that were not edited since. What comes of a text depends on nothing but the text.
 */
class BlockParser implements PythonParser {
  readonly #parser: Parser;
  readonly #cut: (text: string) => readonly number[];
  readonly #kept = new Map<string, ParsedBlock>();
  #characters = 0;

  constructor(parser: Parser, cut: (text: string) => readonly number[]) {
    this.#parser = parser;
    this.#cut = cut;
  }

  parse(text: string): PythonFile {
    // A lone carriage return ends a line for Python and for editors, but not for the grammar.
    const source = text.includes("\r") ? text.replace(/\r(?!\n)/g, "\n") : text;
    const starts = this.#cut(source);
    const blocks = starts.map((start, index) => {
      const end = starts[index + 1] ?? text.length;
      return this.#block(text.slice(start, end), source.slice(start, end));
    });
    this.#forget();
    return new PythonFile(text, blocks);
  }

  #block(text: string, source: string): ParsedBlock {
    const known = this.#kept.get(text);
    if (known !== undefined) {
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return known;
    }
    const { root, hasErrors } = parse(this.#parser, source);
    const block = new ParsedBlock(text, root, hasErrors);
    this.#kept.set(text, block);
    this.#characters += text.length;
    return block;
  }

  #forget(): void {
    for (const [text] of this.#kept) {
      if (this.#characters <= mostCharacters) return;
      this.#kept.delete(text);
      this.#characters -= text.length;
    }
  }
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

/** `source` ends all its lines with line feeds. */
function parse(parser: Parser, source: string): ParsedTree {
  const given = read(parser, source);
  const repaired = given.hasErrors ? repair(source) : null;
  if (repaired === null) return given;
  const mended = read(parser, repaired.text, (offset) => repaired.original(offset));
  if (!mended.hasErrors) return { root: mended.root, hasErrors: !repaired.isValid };
  const isBetter = charactersInError(mended.root) < charactersInError(given.root);
  return { root: (isBetter ? mended : given).root, hasErrors: true };
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
