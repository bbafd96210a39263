import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commonEnds } from "../text/commonEnds.ts";
import { type Cuts, cutAgain, cutBlocks } from "./blocks.ts";
import { ClassParser } from "./classParser.ts";
import { parseMended } from "./mended.ts";
import { ParsedBlock } from "./parsedBlock.ts";
import { PythonFile } from "./pythonFile.ts";
import { TreeSitter } from "./treeSitter.ts";

/** tree-sitter's two WebAssembly modules, each a file's path or its bytes. */
export interface WasmModules {
  readonly core: string | Uint8Array;
  readonly python: string | Uint8Array;
}

export interface PythonParser {
  /** Any text parses: what the grammar cannot read is mended as far as possible (repair.ts), the rest becomes error nodes (`hasErrors`). */
  /** @param before the same file as it was parsed last, where there is such a thing: what both have in common is not read again */
  parse(text: string, before?: PythonFile): PythonFile;
}

/**
 * @param cut where texts are cut into blocks that are parsed by themselves: else as blocks.ts says
 * @throws Error where a module is missing or is no WebAssembly.
 */
export async function createPythonParser(
  modules: WasmModules = locateWasm(),
  cut: ((text: string) => readonly number[]) | null = null,
): Promise<PythonParser> {
  return new BlockParser(await TreeSitter.load(bytesOf(modules.core), bytesOf(modules.python)), cut);
}

/** Characters of blocks that are kept, whichever texts they stand in: the longest unused go first. */
const mostCharacters = 1_000_000;

/**
 * Parses block by block, and each block once while it is in use: of a text that is being typed all but one are known, and of a text that was
 * recorded all that were not edited since. What comes of a text depends on nothing but the text.
 */
class BlockParser implements PythonParser {
  readonly #parser: TreeSitter;
  readonly #classes: ClassParser;
  readonly #cut: ((text: string) => readonly number[]) | null;
  readonly #kept = new Map<string, ParsedBlock>();
  readonly #cuts = new WeakMap<PythonFile, Cuts>();
  #characters = 0;

  constructor(parser: TreeSitter, cut: ((text: string) => readonly number[]) | null) {
    this.#parser = parser;
    this.#classes = new ClassParser(parser);
    this.#cut = cut;
  }

  parse(text: string, before?: PythonFile): PythonFile {
    // A lone carriage return ends a line for Python and for editors, but not for the grammar.
    const source = text.includes("\r") ? text.replace(/\r(?!\n)/g, "\n") : text;
    const cuts = before === undefined ? undefined : this.#cuts.get(before);
    const file =
      before === undefined || cuts === undefined || source !== text
        ? this.#parseAll(text, source)
        : this.#parseAgain(text, before, cuts);
    this.#forget(file.blocks);
    return file;
  }

  #parseAll(text: string, source: string): PythonFile {
    const cuts = this.#cut === null ? cutBlocks(source) : null;
    const starts = cuts?.starts ?? this.#cut?.(source) ?? [0];
    const blocks = starts.map((start, index) => {
      const end = starts[index + 1] ?? text.length;
      return this.#block(text.slice(start, end), source.slice(start, end), false);
    });
    const file = new PythonFile(text, blocks);
    if (cuts !== null && source === text) this.#cuts.set(file, cuts);
    return file;
  }

  /** Blocks that lie in what both texts have in common are the same. */
  #parseAgain(text: string, before: PythonFile, known: Cuts): PythonFile {
    const common = commonEnds(before.text, text);
    const cuts = cutAgain(text, before.text, known, common);
    const { starts } = cuts;
    const shift = text.length - before.text.length;
    const same = new Map<number, ParsedBlock>();
    for (const [index, block] of before.blocks.entries()) {
      const start = known.starts[index] ?? 0;
      const end = start + block.text.length;
      if (end <= common.start) same.set(start, block);
      else if (start >= before.text.length - common.end) same.set(start + shift, block);
    }
    const blocks = starts.map((start, index) => {
      const end = starts[index + 1] ?? text.length;
      const block = same.get(start);
      if (block?.text.length === end - start) return block;
      const part = copyOf(text.slice(start, end));
      return this.#block(part, part, true);
    });
    const file = new PythonFile(text, blocks);
    this.#cuts.set(file, cuts);
    return file;
  }

  #block(text: string, source: string, isTyped: boolean): ParsedBlock {
    const known = this.#kept.get(text);
    if (known !== undefined) {
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return known;
    }
    const { tree, hasErrors } = this.#classes.parse(source, isTyped) ?? parseMended(this.#parser, source);
    const block = new ParsedBlock(text, tree, hasErrors);
    this.#kept.set(text, block);
    this.#characters += text.length;
    return block;
  }

  /** @param latest what was just read: it stays, though it may not have been looked for */
  #forget(latest: readonly ParsedBlock[]): void {
    if (this.#characters <= mostCharacters) return;
    for (const block of latest) {
      if (this.#kept.delete(block.text)) this.#kept.set(block.text, block);
    }
    for (const [text] of this.#kept) {
      // Some room, so that not every key has to look.
      if (this.#characters <= 0.9 * mostCharacters) return;
      this.#kept.delete(text);
      this.#characters -= text.length;
    }
  }
}

/** V8's slices keep all of the text that they were cut from: a block that stays would keep what a whole file was at one key. */
function copyOf(slice: string): string {
  return ` ${slice}`.slice(1);
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

function bytesOf(wasm: string | Uint8Array): Uint8Array {
  return typeof wasm === "string" ? readFileSync(wasm) : wasm;
}
