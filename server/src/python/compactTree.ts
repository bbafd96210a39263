import type { Grammar } from "./grammar.ts";

/** From offsets of the parsed text to those of the text that the tree is for. */
export type OffsetMap = (offset: number) => number;

/** Words of a node in `CompactTree.words`. */
export const wordsPerNode = 4;

/**
 * A parsed text's whole tree in one array: nodes in document order, each before what it holds, by four words:
 *
 * 0. its type's id (16 bits), its field's id (8 bits), and in bit 24 whether it is missing (see SyntaxNode);
 * 1. where it starts, and
 * 2. where it ends, in UTF-16 code units;
 * 3. the index of the first node behind it and all that it holds.
 *
 * A node is its index. Texts that are open, and those that were recorded, are kept in this form; SyntaxNode is a view of it (treeNode.ts).
 */
export class CompactTree {
  readonly words: Int32Array;
  readonly grammar: Grammar;

  constructor(words: Int32Array, grammar: Grammar) {
    this.words = words;
    this.grammar = grammar;
  }

  /** Number of nodes; node 0 is the module. */
  get size(): number {
    return this.words.length / wordsPerNode;
  }

  typeId(node: number): number {
    return this.#word(node, 0) & 0xffff;
  }

  type(node: number): string {
    return this.grammar.types[this.typeId(node)] ?? "";
  }

  field(node: number): string | null {
    return this.grammar.fields[(this.#word(node, 0) >>> 16) & 0xff] ?? null;
  }

  isNamed(node: number): boolean {
    return this.grammar.named[this.typeId(node)] ?? true;
  }

  isMissing(node: number): boolean {
    return (this.#word(node, 0) & missingBit) !== 0;
  }

  start(node: number): number {
    return this.#word(node, 1);
  }

  end(node: number): number {
    return this.#word(node, 2);
  }

  /** The first node behind this one and all that it holds: the next child of the same node, if that has one. */
  behind(node: number): number {
    return this.#word(node, 3);
  }

  /** The node that holds it, found by looking back over what stands between; -1 for the module. */
  parent(node: number): number {
    let parent = node - 1;
    while (parent >= 0 && this.behind(parent) <= node) parent -= 1;
    return parent;
  }

  isLeaf(node: number): boolean {
    return this.behind(node) === node + 1;
  }

  /** -1 where there is none. */
  childOfType(node: number, type: string): number {
    const end = this.behind(node);
    for (let child = node + 1; child < end; child = this.behind(child)) if (this.type(child) === type) return child;
    return -1;
  }

  /** -1 where there is none. */
  childByField(node: number, field: string): number {
    const end = this.behind(node);
    for (let child = node + 1; child < end; child = this.behind(child)) if (this.field(child) === field) return child;
    return -1;
  }

  #word(node: number, word: number): number {
    return this.words[node * wordsPerNode + word] ?? 0;
  }
}

export const missingBit = 1 << 24;

/** Takes a tree's places from the text that was parsed to the one that it is for. What that does not have was put in, and counts as missing. */
export function mapOffsets(words: Int32Array, original: OffsetMap): void {
  for (let at = 0; at < words.length; at += wordsPerNode) {
    const [kind = 0, start = 0, end = 0] = words.subarray(at, at + 3);
    words[at + 1] = original(start);
    words[at + 2] = original(end);
    if (start !== end && words[at + 1] === words[at + 2]) words[at] = kind | missingBit;
  }
}
