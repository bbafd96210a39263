import type { Language, Tree } from "web-tree-sitter";
import { missingBit, wordsPerNode } from "./compactTree.ts";
import type { Grammar } from "./grammar.ts";

/** As far as it is used here: what Emscripten adds to the object that its module is made with. The views are others once the memory has grown. */
export interface WasmHeap {
  readonly HEAPU32?: Uint32Array;
}

/** A word's index in the memory, from an address in bytes. */
const wordAt = (address: number) => address >>> 2;

/** Words of `TSLanguage` (tree_sitter/parser.h, 32 bits). */
const language = {
  productions: 7,
  fields: 8,
  aliasLength: 9,
  fieldSlices: 16,
  fieldEntries: 17,
  publicIds: 19,
  aliases: 21,
} as const;

/** Words of `SubtreeHeapData` (lib/src/subtree.h, 32 bits). */
const heapNode = { padding: 1, size: 4, errorCost: 8, children: 9, symbol: 10, bits: 11, visibleChildren: 12 } as const;
const descendantsWord = 14;
const productionWord = 16;

/** Bits of a node's flags, in the heap and inline (there behind the one that says that it is inline). */
const visible = 1;
const extra = 4;

/**
 * Copies trees straight from the memory of tree-sitter's WebAssembly: a single look at each node, where its cursor takes some five calls. That needs
 * to know how tree-sitter 0.26 lays out its nodes and how a grammar lists its fields and aliases, which is no public interface: both modules' versions are
 * pinned, parser.ts compares with the cursor before it relies on this, and treeMemory.test.ts does so over many files.
 */
export class TreeMemory {
  readonly #heap: WasmHeap;
  /** By a symbol's own id. Several symbols can be one type. */
  readonly #typeIds: Uint16Array;
  /** For each production so many of its parts: the alias' id, or 0 for none, and the field's id from bit 16. */
  readonly #parts: Int32Array;
  readonly #partsWidth: number;
  #stack = new Int32Array(1_024);

  /** @throws Error where the memory does not look as expected. */
  constructor(heap: WasmHeap, of: Language, { types, fields }: Grammar) {
    this.#heap = heap;
    const words = heapOf(heap);
    const at = wordAt(addressOf(of));
    const word = (name: keyof typeof language) => words[at + language[name]] ?? 0;
    const productions = word("productions");
    const aliasLength = word("aliasLength") & 0xffff;
    if (word("fields") !== fields.length - 1 || productions > 10_000 || aliasLength > 1_000)
      throw new Error("tree-sitter's memory is laid out in another way.");
    const half = (address: number) => ((words[wordAt(address)] ?? 0) >>> ((address & 2) * 8)) & 0xffff;
    this.#typeIds = Uint16Array.from(types, (_, id) =>
      id === types.length - 1 ? id : half(word("publicIds") + id * 2),
    );
    const entries: { readonly production: number; readonly part: number; readonly value: number }[] = [];
    for (let production = 0; production < productions; production += 1) {
      for (let part = 0; part < aliasLength && production > 0; part += 1) {
        const alias = half(word("aliases") + (production * aliasLength + part) * 2);
        if (alias !== 0) entries.push({ production, part, value: alias });
      }
      const slice = words[wordAt(word("fieldSlices")) + production] ?? 0;
      const known = new Set<number>();
      for (let index = slice & 0xffff; index < (slice & 0xffff) + (slice >>> 16); index += 1) {
        const entry = words[wordAt(word("fieldEntries")) + index] ?? 0;
        const part = (entry >>> 16) & 0xff;
        // What is inherited the hidden node's own children have; the first one counts.
        if (entry >>> 24 === 0 && !known.has(part)) entries.push({ production, part, value: (entry & 0xffff) << 16 });
        if (entry >>> 24 === 0) known.add(part);
      }
    }
    this.#partsWidth = 1 + Math.max(0, ...entries.map(({ part }) => part));
    this.#parts = new Int32Array(productions * this.#partsWidth);
    for (const { production, part, value } of entries) {
      const index = production * this.#partsWidth + part;
      this.#parts[index] = (this.#parts[index] ?? 0) | value;
    }
  }

  /** Whether there is a syntax error in the tree. */
  hasError(tree: Tree): boolean {
    const words = heapOf(this.#heap);
    const root = wordAt(words[wordAt(addressOf(tree))] ?? 0);
    return (words[root + heapNode.errorCost] ?? 0) > 0;
  }

  /** See CompactTree. */
  read(tree: Tree): Int32Array {
    const memory = heapOf(this.#heap);
    const parts = this.#parts;
    const width = this.#partsWidth;
    const typeIds = this.#typeIds;
    const errorType = typeIds.length - 1;
    let stack = this.#stack;
    const root = wordAt(memory[wordAt(addressOf(tree))] as number);
    const rootChildren = memory[root + heapNode.children] as number;
    const nodes = 1 + (rootChildren === 0 ? 0 : (memory[root + descendantsWord] as number));
    const result = new Int32Array(nodes * wordsPerNode);
    const rootSymbol = (memory[root + heapNode.symbol] as number) & 0xffff;
    let position = memory[root + heapNode.padding] as number;
    result[0] = typeIds[Math.min(rootSymbol, errorType)] as number;
    result[1] = position >>> 1;
    result[2] = (position + (memory[root + heapNode.size] as number)) >>> 1;

    let written = wordsPerNode;
    let depth = 0;
    // Of the node whose children are read:
    /** Where its next child, two words, stands. */
    let child = root - 2 * rootChildren;
    /** Where its children end. */
    let childrenEnd = root;
    /** Where the parts of its production stand; -1 for none. */
    let production = rootChildren === 0 ? -1 : ((memory[root + productionWord] as number) >>> 16) * width;
    /** Number of its children so far that are no extras: a production's part. */
    let part = 0;
    let isFirst = true;
    /** The field that a hidden node hands down. */
    let inherited = 0;
    /** Where it was written; -1 for a hidden one. */
    let place = 0;
    for (;;) {
      if (child === childrenEnd) {
        if (place >= 0) result[place + 3] = written / wordsPerNode;
        if (depth === 0) break;
        depth -= 1;
        const frame = depth * 7;
        child = stack[frame] as number;
        childrenEnd = stack[frame + 1] as number;
        production = stack[frame + 2] as number;
        part = stack[frame + 3] as number;
        inherited = stack[frame + 4] as number;
        place = stack[frame + 5] as number;
        position = stack[frame + 6] as number;
        isFirst = false;
        continue;
      }
      const first = memory[child] as number;
      const second = memory[child + 1] as number;
      child += 2;
      let symbol: number;
      let bits: number;
      let size: number;
      let inner = 0;
      let innerChildren = 0;
      let isMissing: boolean;
      if ((first & 1) === 1) {
        symbol = (first >>> 8) & 0xff;
        bits = first >>> 1;
        isMissing = (bits & 16) !== 0;
        if (!isFirst) position += (second >>> 16) & 0xff;
        size = second >>> 24;
      } else {
        inner = first >>> 2;
        symbol = (memory[inner + heapNode.symbol] as number) & 0xffff;
        bits = memory[inner + heapNode.bits] as number;
        isMissing = (bits & 512) !== 0;
        if (!isFirst) position += memory[inner + heapNode.padding] as number;
        size = memory[inner + heapNode.size] as number;
        innerChildren = memory[inner + heapNode.children] as number;
        if (innerChildren > 0 && memory[inner + heapNode.visibleChildren] === 0) innerChildren = 0;
      }
      isFirst = false;
      let isVisible = (bits & visible) !== 0;
      let field = 0;
      if ((bits & extra) === 0) {
        const known = part < width ? (parts[production + part] as number) : 0;
        part += 1;
        const alias = known & 0xffff;
        if (alias !== 0) {
          symbol = alias;
          isVisible = true;
        }
        field = known >>> 16 === 0 ? inherited : known >>> 16;
      }
      let own = -1;
      if (isVisible) {
        own = written;
        const missing = size === 0 && isMissing ? missingBit : 0;
        result[written] = (typeIds[symbol > errorType ? errorType : symbol] as number) | (field << 16) | missing;
        result[written + 1] = position >>> 1;
        result[written + 2] = (position + size) >>> 1;
        written += wordsPerNode;
        if (innerChildren === 0) result[own + 3] = written / wordsPerNode;
      }
      if (innerChildren > 0) {
        const frame = depth * 7;
        if (frame + 7 > stack.length) {
          const larger = new Int32Array(stack.length * 2);
          larger.set(stack);
          stack = larger;
          this.#stack = larger;
        }
        stack[frame] = child;
        stack[frame + 1] = childrenEnd;
        stack[frame + 2] = production;
        stack[frame + 3] = part;
        stack[frame + 4] = inherited;
        stack[frame + 5] = place;
        stack[frame + 6] = position + size;
        depth += 1;
        childrenEnd = inner;
        child = inner - 2 * (memory[inner + heapNode.children] as number);
        production = ((memory[inner + productionWord] as number) >>> 16) * width;
        part = 0;
        inherited = own >= 0 ? 0 : field;
        place = own;
        isFirst = true;
      } else position += size;
    }
    if (written !== result.length) throw new Error("tree-sitter's memory is laid out in another way.");
    return result;
  }
}

function heapOf({ HEAPU32 }: WasmHeap): Uint32Array {
  if (HEAPU32 === undefined) throw new Error("tree-sitter's memory is not to be seen.");
  return HEAPU32;
}

/** web-tree-sitter keeps its objects' addresses under 0. */
function addressOf(object: Tree | Language): number {
  const address = (object as unknown as { readonly 0: number })[0];
  if (!Number.isInteger(address) || address <= 0) throw new Error("tree-sitter's objects are others.");
  return address;
}
