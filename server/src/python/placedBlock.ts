import type { Position, Range } from "../text/range.ts";
import type { CountAssertion, CountAssertionFacts } from "./countAssertions.ts";
import type { Definition, DefinitionFacts } from "./definitions.ts";
import type { HeaderToken } from "./header.ts";
import type { Loop, LoopFacts } from "./loops.ts";
import type { ParsedBlock, StatementRanges, Within } from "./parsedBlock.ts";
import type { Statement } from "./statements.ts";
import type { SyntaxNode } from "./syntax.ts";
import { TreeNode } from "./treeNode.ts";

/** A block's contents where it stands in its text. All but its place is found when it is asked for: while somebody types, hardly anything is. */
export class PlacedBlock {
  readonly block: ParsedBlock;
  /** Of its first character in the text. */
  readonly offset: number;
  readonly facts: BlockFacts;
  /** Of its statements, in the file. */
  readonly ordinals: () => readonly number[];
  #statements: readonly Statement[] | null = null;
  #definitions: readonly Definition[] | null = null;
  #loops: readonly Loop[] | null = null;
  #withs: readonly CountAssertion[] | null = null;
  /** Whoever holds a node holds the root, and with it the nodes that were made. */
  #root: WeakRef<TreeNode> | null = null;

  constructor(facts: BlockFacts, offset: number, ordinals: () => readonly number[]) {
    this.block = facts.block;
    this.offset = offset;
    this.facts = facts;
    this.ordinals = ordinals;
  }

  get end(): number {
    return this.offset + this.block.text.length;
  }

  get statements(): readonly Statement[] {
    this.#statements ??= this.block.statements.map((_, index) => new PlacedStatement(this, index));
    return this.#statements;
  }

  get definitions(): readonly Definition[] {
    this.#definitions ??= this.#withStatements(this.facts.definitions);
    return this.#definitions;
  }

  get loops(): readonly Loop[] {
    this.#loops ??= this.#withStatements(this.facts.loops);
    return this.#loops;
  }

  get withs(): readonly CountAssertion[] {
    this.#withs ??= this.#withStatements(this.facts.withs);
    return this.#withs;
  }

  /** A module of the block's statements alone. */
  get root(): TreeNode {
    let root = this.#root?.deref();
    if (root === undefined) {
      root = TreeNode.rootOf(this.block.tree, this.offset);
      this.#root = new WeakRef(root);
    }
    return root;
  }

  nodeOf(statement: number): SyntaxNode {
    return this.root.at(this.block.statements[statement] ?? 0);
  }

  #withStatements<Facts>(facts: readonly Within<Facts>[]): readonly (Facts & { readonly statement: Statement })[] {
    return facts.map((each) => ({ ...each, statement: this.statements[each.statement] as Statement }));
  }
}

class PlacedStatement implements Statement {
  readonly #block: PlacedBlock;
  readonly #index: number;
  #tokens: readonly HeaderToken[] | null = null;

  constructor(block: PlacedBlock, index: number) {
    this.#block = block;
    this.#index = index;
  }

  get range(): Range {
    return this.#ranges.range;
  }

  get header(): Range {
    return this.#ranges.header;
  }

  get body(): Range | null {
    return this.#ranges.body;
  }

  get kind(): string {
    return this.#block.block.kind(this.#index);
  }

  get qualname(): string {
    return this.#block.block.qualnames[this.#index] ?? "";
  }

  get key(): string {
    return this.#block.block.keys[this.#index] ?? "";
  }

  get ordinal(): number {
    return this.#block.ordinals()[this.#index] ?? 0;
  }

  get identity(): string {
    return `${this.key}\n${this.ordinal}`;
  }

  get node(): SyntaxNode {
    return this.#block.nodeOf(this.#index);
  }

  get tokens(): readonly HeaderToken[] {
    const { offset, block } = this.#block;
    this.#tokens ??= block.tokens(this.#index).map(({ text, start, end }) => ({
      text,
      start: start + offset,
      end: end + offset,
    }));
    return this.#tokens;
  }

  get #ranges(): StatementRanges {
    return this.#block.facts.ranges(this.#index);
  }
}

/** Where each block stood last: mostly it stands on the same line again. */
const last = new WeakMap<ParsedBlock, BlockFacts>();

/** @param ordinals see `PlacedBlock` */
export function placeBlock(
  block: ParsedBlock,
  offset: number,
  line: number,
  ordinals: () => readonly number[],
): PlacedBlock {
  let facts = last.get(block);
  if (facts?.line !== line) {
    facts = new BlockFacts(block, line);
    last.set(block, facts);
  }
  return new PlacedBlock(facts, offset, ordinals);
}

/** A block's contents with the ranges that they have below so many lines. */
class BlockFacts {
  readonly block: ParsedBlock;
  readonly line: number;
  readonly #ranges = new Map<number, StatementRanges>();
  #definitions: readonly Within<DefinitionFacts>[] | null = null;
  #loops: readonly Within<LoopFacts>[] | null = null;
  #withs: readonly Within<CountAssertionFacts>[] | null = null;

  constructor(block: ParsedBlock, line: number) {
    this.block = block;
    this.line = line;
  }

  /** The same objects each time. */
  ranges(statement: number): StatementRanges {
    let known = this.#ranges.get(statement);
    if (known === undefined) {
      const { range, header, body } = this.block.ranges(statement);
      known = { range: this.#range(range), header: this.#range(header), body: this.#maybe(body) };
      this.#ranges.set(statement, known);
    }
    return known;
  }

  get definitions(): readonly Within<DefinitionFacts>[] {
    this.#definitions ??= this.#below(this.block.definitions, (each) => ({
      ...each,
      range: this.#range(each.range),
      nameRange: this.#range(each.nameRange),
    }));
    return this.#definitions;
  }

  get loops(): readonly Within<LoopFacts>[] {
    this.#loops ??= this.#below(this.block.loops, (each) => ({
      ...each,
      range: this.#range(each.range),
      header: this.#range(each.header),
      body: this.#range(each.body),
      iterable: this.#maybe(each.iterable),
      keywordPosition: this.#position(each.keywordPosition),
      lens: this.#range(each.lens),
    }));
    return this.#loops;
  }

  get withs(): readonly Within<CountAssertionFacts>[] {
    this.#withs ??= this.#below(this.block.withs, (each) => ({
      ...each,
      range: this.#range(each.range),
      countRange: this.#maybe(each.countRange),
      block: this.#maybe(each.block),
    }));
    return this.#withs;
  }

  #below<Fact>(facts: readonly Fact[], moved: (fact: Fact) => Fact): readonly Fact[] {
    return this.line === 0 ? facts : facts.map(moved);
  }

  #position({ line, character }: Position): Position {
    return { line: line + this.line, character };
  }

  #range({ start, end }: Range): Range {
    return { start: this.#position(start), end: this.#position(end) };
  }

  #maybe(range: Range | null): Range | null {
    return range === null ? null : this.#range(range);
  }
}
