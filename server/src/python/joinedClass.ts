import { CompactTree, wordsPerNode } from "./compactTree.ts";
import { widthOf } from "./logicalLines.ts";

/** A part of a class, parsed by itself. */
export interface ClassPiece {
  readonly tree: CompactTree;
  /** Where it begins in the class's text. */
  readonly start: number;
}

/**
 * The tree of a class, from those of its pieces (see classPieces.ts): what stands in their modules stands in the class's body. Where parsing all of
 * the class meets no syntax error it is the very tree that this gives.
 *
 * @param text of the class
 * @returns null where the first piece is more or less than a class that has begun
 */
export function joinClass(text: string, [head, ...others]: readonly ClassPiece[]): CompactTree | null {
  const around = head === undefined ? null : aroundBody(head.tree);
  if (head === undefined || around === null) return null;
  const body = around.at(-1) ?? 0;
  const parts = others.map(({ tree, start }) => ({ tree, start, from: tree.type(0) === "module" ? 1 : 0 }));
  const size = parts.reduce((sum, { tree, from }) => sum + tree.size - from, head.tree.size);
  const words = new Int32Array(size * wordsPerNode);
  words.set(head.tree.words);
  let written = head.tree.size;
  // Comments behind the beginning of the body are within it now.
  let within = { behind: written, end: head.tree.end(lastChild(head.tree) ?? 0) };
  for (const [index, { tree, start, from }] of parts.entries()) {
    copyNodes(tree, from, { to: words, node: written, offset: start });
    const isLast = index === parts.length - 1;
    const last =
      isLast && from > 0 ? lastWithin(text, start, tree, widthBefore(text, head.tree.start(body))) : lastChild(tree);
    if (from === 0) within = { behind: written + tree.size, end: start + tree.end(0) };
    else if (last !== null) within = { behind: written + tree.behind(last) - from, end: start + tree.end(last) };
    written += tree.size - from;
  }
  for (const node of around) setEnd(words, node, within);
  const last = parts.at(-1);
  setEnd(words, 0, { behind: size, end: last === undefined ? head.tree.end(0) : last.start + last.tree.end(0) });
  return new CompactTree(words, head.tree.grammar);
}

/** The class's body and what is around it but the module, outermost first; null where there is anything else but comments. */
function aroundBody(tree: CompactTree): readonly number[] | null {
  if (tree.type(0) !== "module") return null;
  const [outer, ...more] = childrenOf(tree).filter((node) => tree.type(node) !== "comment");
  if (outer === undefined || more.length > 0) return null;
  const isDecorated = tree.type(outer) === "decorated_definition";
  const definition = isDecorated ? tree.childByField(outer, "definition") : outer;
  if (definition < 0 || tree.type(definition) !== "class_definition") return null;
  const body = tree.childByField(definition, "body");
  if (body < 0 || tree.behind(body) !== tree.behind(outer)) return null;
  return isDecorated ? [outer, definition, body] : [definition, body];
}

/**
 * The last of the module's nodes that belongs to the class's body: comments behind all others do as far as they stand no further left (tree-sitter-python
 * 0.25, src/scanner.c, `first_comment_indent_length`).
 */
function lastWithin(text: string, start: number, tree: CompactTree, margin: number): number | null {
  const children = childrenOf(tree);
  const lastCode = children.findLastIndex((node) => tree.type(node) !== "comment");
  const outside = children.findIndex(
    (node, index) => index > lastCode && widthBefore(text, start + tree.start(node)) < margin,
  );
  return (outside < 0 ? children.at(-1) : children[outside - 1]) ?? null;
}

function widthBefore(text: string, offset: number): number {
  return widthOf(text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset));
}

function childrenOf(tree: CompactTree): readonly number[] {
  const children: number[] = [];
  for (let child = 1; child < tree.size; child = tree.behind(child)) children.push(child);
  return children;
}

function lastChild(tree: CompactTree): number | null {
  return childrenOf(tree).at(-1) ?? null;
}

function copyNodes(
  tree: CompactTree,
  from: number,
  { to, node, offset }: { readonly to: Int32Array; readonly node: number; readonly offset: number },
): void {
  const { words } = tree;
  const shift = node - from;
  for (let read = from * wordsPerNode, at = node * wordsPerNode; read < words.length; read += 4, at += 4) {
    to[at] = words[read] as number;
    to[at + 1] = (words[read + 1] as number) + offset;
    to[at + 2] = (words[read + 2] as number) + offset;
    to[at + 3] = (words[read + 3] as number) + shift;
  }
}

function setEnd(
  words: Int32Array,
  node: number,
  { behind, end }: { readonly behind: number; readonly end: number },
): void {
  words[node * wordsPerNode + 2] = end;
  words[node * wordsPerNode + 3] = behind;
}
