import { Language, Parser, type Tree } from "web-tree-sitter";
import { CompactTree } from "./compactTree.ts";
import { type Grammar, grammarOf } from "./grammar.ts";
import { readByCursor } from "./treeCursor.ts";
import { TreeMemory, type WasmHeap } from "./treeMemory.ts";

export interface ParsedText {
  readonly tree: CompactTree;
  /** Some of the text the grammar does not know. */
  readonly hasErrors: boolean;
}

/** tree-sitter with its grammar for Python: from a text to a copy of its tree. */
export class TreeSitter {
  readonly #parser: Parser;
  readonly #grammar: Grammar;
  /** Null where the memory is not as it is known: then the cursor copies. */
  readonly #memory: TreeMemory | null;

  private constructor(parser: Parser, grammar: Grammar, memory: TreeMemory | null) {
    this.#parser = parser;
    this.#grammar = grammar;
    this.#memory = memory;
  }

  /**
   * @param core WebAssembly of web-tree-sitter
   * @param python that of the grammar
   * @throws Error where either is none
   */
  static async load(core: Uint8Array, python: Uint8Array): Promise<TreeSitter> {
    const module: WasmHeap & { readonly wasmBinary: Uint8Array } = { wasmBinary: core };
    heap ??= module;
    await Parser.init(module);
    const parser = new Parser();
    const language = await Language.load(python);
    parser.setLanguage(language);
    const grammar = grammarOf(language);
    return new TreeSitter(parser, grammar, trustedMemory(parser, language, grammar));
  }

  /** Whether trees are read from memory. */
  get isDirect(): boolean {
    return this.#memory !== null;
  }

  parse(source: string): ParsedText {
    const tree = parsed(this.#parser, source);
    try {
      const words = this.#memory?.read(tree) ?? readByCursor(tree, this.#grammar);
      const hasErrors = this.#memory?.hasError(tree) ?? tree.rootNode.hasError;
      return { tree: new CompactTree(words, this.#grammar), hasErrors };
    } finally {
      tree.delete();
    }
  }
}

/** web-tree-sitter makes its module once in a process, and adds its memory to the object that it is made with. */
let heap: WasmHeap | null = null;

/** Aliases and fields of many kinds, hidden nodes, format strings, comments; then what is missing and what is wrong. */
const samples = [
  `# é😀
from a.b import (c as d, e)
@f.g
async def h[T: i](j, *k: T, l: int = 1, **m) -> n:
    """o"""
    async with p as q, r: pass
    for s, (t, u) in v.w(x, *y, z=1)[1:2]: # a
        if b := c and d: yield e
        elif f"g{h!r:>{i}}" "j": raise k from l
        else: return lambda m: {n: [o async for o in p if q], **r}
    try: print >>s, t
    except u as v: del w, x
    finally: match y:
            case A(b=1) | {"c": [-1, *d]} if e: pass
type F[G] = H
`,
  "i = (j +\nk[\nclass l(: m n\ndef f(:\n  return )\nx = [1, 2\ny = $\n",
];

/** Null unless what is read from memory is what the cursor tells, node by node. */
function trustedMemory(parser: Parser, language: Language, grammar: Grammar): TreeMemory | null {
  try {
    const memory = new TreeMemory(heap ?? {}, language, grammar);
    return samples.every((sample) => isRead(parsed(parser, sample), memory, grammar)) ? memory : null;
  } catch {
    return null;
  }
}

function isRead(tree: Tree, memory: TreeMemory, grammar: Grammar): boolean {
  try {
    const told = readByCursor(tree, grammar);
    const read = memory.read(tree);
    const isSame = told.length === read.length && told.every((word, index) => word === read[index]);
    return isSame && memory.hasError(tree) === tree.rootNode.hasError;
  } finally {
    tree.delete();
  }
}

function parsed(parser: Parser, source: string): Tree {
  const tree = parser.parse(source);
  if (tree === null) throw new Error("tree-sitter has no language set.");
  return tree;
}
