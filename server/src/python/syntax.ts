/**
 * One node of a parsed Python text. Unlike tree-sitter's own nodes it needs no freeing and no calls into WebAssembly (see compactTree.ts), and as long
 * as somebody holds a node of a tree, each of the tree's nodes is one object.
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
  /** Those of itself and all under it that have one of these types, in document order; quicker than looking at all of them (`preorder`). */
  ofTypes(types: ReadonlySet<string>): readonly SyntaxNode[];
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

export function isTrivia({ type }: Pick<SyntaxNode, "type">): boolean {
  return type === "comment" || type === "line_continuation";
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
