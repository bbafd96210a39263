import type { Tree } from "web-tree-sitter";
import { missingBit, wordsPerNode } from "./compactTree.ts";
import type { Grammar } from "./grammar.ts";

/**
 * Copies a tree (see CompactTree) by web-tree-sitter's cursor: five calls into WebAssembly for each node, and so as much time again as parsing
 * takes. treeMemory.ts does the same at once; this one says what is right.
 */
export function readByCursor(tree: Tree, { types }: Grammar): Int32Array {
  const cursor = tree.walk();
  const errorType = types.length - 1;
  const words: number[] = [];
  /** Where each node between the root and this one begins in `words`. */
  const open: number[] = [];
  const read = () => {
    const type = cursor.nodeTypeId;
    const { startIndex, endIndex } = cursor;
    const missing = startIndex === endIndex && cursor.nodeIsMissing ? missingBit : 0;
    open.push(words.length);
    words.push(Math.min(type, errorType) | (cursor.currentFieldId << 16) | missing, startIndex, endIndex, 0);
  };
  const close = () => {
    words[(open.pop() ?? 0) + 3] = words.length / wordsPerNode;
  };
  try {
    read();
    for (;;) {
      if (!cursor.gotoFirstChild()) {
        close();
        while (!cursor.gotoNextSibling()) {
          if (!cursor.gotoParent()) return Int32Array.from(words);
          close();
        }
      }
      read();
    }
  } finally {
    cursor.delete();
  }
}
