import type { Language, TreeCursor } from "web-tree-sitter";

/**
 * One node of a parsed Python text, as plain data: unlike tree-sitter's own nodes it needs no freeing and no calls into WebAssembly.
 * Offsets are UTF-16 code units. Types and fields are those of tree-sitter-python's grammar; anonymous nodes (keywords, operators,
 * brackets) have their text as type. Comments stand among the children.
 */
export interface SyntaxNode {
  readonly type: string;
  readonly field: string | null;
  readonly named: boolean;
  /** Put in by the parser's error recovery or by a repair (repair.ts); it covers no text. */
  readonly missing: boolean;
  readonly start: number;
  readonly end: number;
  readonly parent: SyntaxNode | null;
  readonly children: readonly SyntaxNode[];
}

/** A node whose children are still being read. */
type GrowingNode = { -readonly [Key in keyof SyntaxNode]: SyntaxNode[Key] } & { parent: GrowingNode | null };

/** Most nodes are leaves: they share this. */
const noChildren: readonly SyntaxNode[] = [];

/** From offsets of the parsed text to those of the text that the tree is for. */
export type OffsetMap = (offset: number) => number;

/** Copies the tree under the cursor. Iterative, so that no nesting is too deep. */
export function readTree(cursor: TreeCursor, language: Language, original: OffsetMap | null = null): SyntaxNode {
  const grammar = grammarOf(language);
  const readNode = original === null ? readExact : readMapped(original);
  const root = readNode(cursor, grammar, null);
  let parent: GrowingNode = root;
  /** Children so far of each node between the root and `parent`. */
  const growing: SyntaxNode[][] = [[]];
  if (!cursor.gotoFirstChild()) return root;
  for (;;) {
    const node = readNode(cursor, grammar, parent);
    growing.at(-1)?.push(node);
    if (cursor.gotoFirstChild()) {
      parent = node;
      growing.push([]);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      // A copy holds no room for more: trees stay in memory.
      parent.children = growing.pop()?.slice() ?? noChildren;
      cursor.gotoParent();
      if (parent.parent === null) return root;
      parent = parent.parent;
    }
  }
}

/**
 * A copy for a text in which so many characters stand before.
 *
 * @returns `moved` finds the copies of the nodes that were asked for; empty where nothing had to be copied
 */
export function moveTree(
  root: SyntaxNode,
  offset: number,
  wanted: ReadonlySet<SyntaxNode>,
): { readonly root: SyntaxNode; readonly moved: ReadonlyMap<SyntaxNode, SyntaxNode> } {
  const moved = new Map<SyntaxNode, SyntaxNode>();
  if (offset === 0) return { root, moved };
  const copy = (node: SyntaxNode, parent: GrowingNode | null): GrowingNode => {
    const made = { ...node, start: node.start + offset, end: node.end + offset, parent };
    if (wanted.has(node)) moved.set(node, made);
    return made;
  };
  const copied = copy(root, null);
  const waiting = [copied];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.children.length === 0) continue;
    const parent = node;
    const children = node.children.map((child) => copy(child, parent));
    node.children = children;
    waiting.push(...children);
  }
  return { root: copied, moved };
}

/** What a grammar says of its node types, by their ids. */
interface Grammar {
  readonly types: readonly string[];
  readonly named: readonly boolean[];
  readonly fields: readonly (string | null)[];
}

/** Asked for once: each question to the cursor is a call into WebAssembly, and there are few of them that each node needs. */
function grammarOf(language: Language): Grammar {
  const known = grammars.get(language);
  if (known !== undefined) return known;
  const types = Array.from({ length: language.nodeTypeCount }, (_, id) => language.nodeTypeForId(id) ?? "");
  const named = types.map((_, id) => language.nodeTypeIsNamed(id));
  const fields = Array.from({ length: language.fieldCount + 1 }, (_, id) => language.fieldNameForId(id));
  const grammar = { types, named, fields };
  grammars.set(language, grammar);
  return grammar;
}

const grammars = new WeakMap<Language, Grammar>();

function readExact(cursor: TreeCursor, { types, named, fields }: Grammar, parent: GrowingNode | null): GrowingNode {
  const type = cursor.nodeTypeId;
  const start = cursor.startIndex;
  const end = cursor.endIndex;
  return {
    type: types[type] ?? "ERROR",
    field: fields[cursor.currentFieldId] ?? null,
    named: named[type] ?? true,
    missing: start === end && cursor.nodeIsMissing,
    start,
    end,
    parent,
    children: noChildren,
  };
}

/** What the text does not have was put in before it was parsed. */
function readMapped(original: OffsetMap): typeof readExact {
  return (cursor, grammar, parent) => {
    const node = readExact(cursor, grammar, parent);
    const isEmpty = node.start === node.end;
    node.start = original(node.start);
    node.end = original(node.end);
    node.missing ||= node.start === node.end && !isEmpty;
    return node;
  };
}

export function childByField(node: SyntaxNode, field: string): SyntaxNode | null {
  return node.children.find((child) => child.field === field) ?? null;
}

export function childOfType(node: SyntaxNode, type: string): SyntaxNode | null {
  return node.children.find((child) => child.type === type) ?? null;
}

/** Named children without comments and line continuations. */
export function operands(node: SyntaxNode): readonly SyntaxNode[] {
  return node.children.filter((child) => child.named && !isTrivia(child));
}

export function isTrivia(node: SyntaxNode): boolean {
  return node.type === "comment" || node.type === "line_continuation";
}

/** The expression inside any number of parentheses. */
export function unparenthesized(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.type === "parenthesized_expression") {
    const [content] = operands(inner);
    if (content === undefined) return inner;
    inner = content;
  }
  return inner;
}

/** The node and everything under it, in document order. */
export function* preorder(root: SyntaxNode): Generator<SyntaxNode> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index];
      if (child !== undefined) waiting.push(child);
    }
  }
}

/** The smallest named node that covers the span (an empty one: the character behind it). */
export function smallestCovering(root: SyntaxNode, start: number, end: number): SyntaxNode {
  let node = root;
  for (;;) {
    const inner = node.children.find(
      (child) => child.named && child.start <= start && end <= child.end && start < child.end,
    );
    if (inner === undefined) return node;
    node = inner;
  }
}
