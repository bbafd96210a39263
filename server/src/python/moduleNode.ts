import type { SyntaxNode } from "./syntax.ts";

/** The module of a whole text, above those of its blocks. Their nodes have their own block's module as parent. */
export class ModuleNode implements SyntaxNode {
  readonly type = "module";
  readonly field = null;
  readonly named = true;
  readonly missing = false;
  readonly start = 0;
  readonly end: number;
  readonly parent = null;
  readonly #blocks: readonly SyntaxNode[];
  #children: readonly SyntaxNode[] | null = null;

  /** @param blocks the module of each, in their order */
  constructor(blocks: readonly SyntaxNode[], end: number) {
    this.#blocks = blocks;
    this.end = end;
  }

  get children(): readonly SyntaxNode[] {
    this.#children ??= this.#blocks.flatMap(({ children }) => children);
    return this.#children;
  }

  ofTypes(types: ReadonlySet<string>): readonly SyntaxNode[] {
    const within = this.#blocks.flatMap((block) => block.ofTypes(types).filter((node) => node !== block));
    return types.has(this.type) ? [this, ...within] : within;
  }
}
