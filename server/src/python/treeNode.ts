import { type CompactTree, wordsPerNode } from "./compactTree.ts";
import { membership } from "./grammar.ts";
import type { SyntaxNode } from "./syntax.ts";

/**
 * The node of a tree, seen in a text in which so many characters stand before what was parsed. Made when its parent is asked for its children, and
 * then always the same object: who holds a node holds all nodes of that tree that were ever asked for, and who holds none holds nothing
 * but the compact tree.
 */
export class TreeNode implements SyntaxNode {
  readonly parent: TreeNode | null;
  readonly #tree: CompactTree;
  readonly #offset: number;
  readonly #index: number;
  #children: readonly TreeNode[] | null = null;

  private constructor(tree: CompactTree, offset: number, index: number, parent: TreeNode | null) {
    this.#tree = tree;
    this.#offset = offset;
    this.#index = index;
    this.parent = parent;
  }

  static rootOf(tree: CompactTree, offset = 0): TreeNode {
    return new TreeNode(tree, offset, 0, null);
  }

  get type(): string {
    return this.#tree.type(this.#index);
  }

  get field(): string | null {
    return this.#tree.field(this.#index);
  }

  get named(): boolean {
    return this.#tree.isNamed(this.#index);
  }

  get missing(): boolean {
    return this.#tree.isMissing(this.#index);
  }

  get start(): number {
    return this.#tree.start(this.#index) + this.#offset;
  }

  get end(): number {
    return this.#tree.end(this.#index) + this.#offset;
  }

  get children(): readonly TreeNode[] {
    if (this.#children !== null) return this.#children;
    const tree = this.#tree;
    const end = tree.behind(this.#index);
    if (end === this.#index + 1) return noChildren;
    const children: TreeNode[] = [];
    for (let child = this.#index + 1; child < end; child = tree.behind(child))
      children.push(new TreeNode(tree, this.#offset, child, this));
    // A copy holds no room for more: a node is kept with all around it.
    this.#children = children.slice();
    return this.#children;
  }

  ofTypes(types: ReadonlySet<string>): readonly TreeNode[] {
    const { words, grammar } = this.#tree;
    const wanted = membership(grammar, types);
    const end = this.#tree.behind(this.#index);
    const found: TreeNode[] = [];
    let near: TreeNode = this;
    for (let index = this.#index; index < end; index += 1) {
      if (wanted[(words[index * wordsPerNode] as number) & 0xffff] === 0) continue;
      // The next one is mostly near the last one.
      while (index >= this.#tree.behind(near.#index) && near.parent !== null) near = near.parent;
      near = near.at(index);
      found.push(near);
    }
    return found;
  }

  /** This node, or the one within it, that has the index in the compact tree. */
  at(index: number): TreeNode {
    let node: TreeNode = this;
    while (node.#index !== index) {
      const { children } = node;
      let [low, high] = [0, children.length];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if ((children[middle] as TreeNode).#index <= index) low = middle;
        else high = middle;
      }
      const inner = children[low];
      if (inner === undefined) return node;
      node = inner;
    }
    return node;
  }
}

/** Most nodes are leaves: they share this. */
const noChildren: readonly TreeNode[] = [];
