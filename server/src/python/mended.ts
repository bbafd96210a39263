import { type CompactTree, mapOffsets } from "./compactTree.ts";
import { repair } from "./repair.ts";
import { TreeNode } from "./treeNode.ts";
import type { ParsedText, TreeSitter } from "./treeSitter.ts";

/**
 * Parses a text, and mends what the grammar cannot read (repair.ts).
 *
 * @param source none of its lines ends with a carriage return alone
 */
export function parseMended(parser: TreeSitter, source: string): ParsedText {
  const given = parser.parse(source);
  const repaired = given.hasErrors ? repair(source) : null;
  if (repaired === null) return given;
  const mended = parser.parse(repaired.text);
  mapOffsets(mended.tree.words, (offset) => repaired.original(offset));
  if (!mended.hasErrors) return { tree: mended.tree, hasErrors: !repaired.isValid };
  const isBetter = charactersInError(mended.tree) < charactersInError(given.tree);
  return { tree: (isBetter ? mended : given).tree, hasErrors: true };
}

const errors: ReadonlySet<string> = new Set(["ERROR"]);

/** How much of the text the grammar could not read. */
function charactersInError(tree: CompactTree): number {
  const found = TreeNode.rootOf(tree).ofTypes(errors);
  return found
    .filter(({ parent }) => parent?.type !== "ERROR")
    .reduce((count, { start, end }) => count + end - start, 0);
}
