import type { Position, Range } from "../text/range.ts";
import type { CountAssertion } from "./countAssertions.ts";
import type { Definition } from "./definitions.ts";
import type { HeaderToken } from "./header.ts";
import type { Loop } from "./loops.ts";
import type { ParsedBlock } from "./parsedBlock.ts";
import type { Statement } from "./statements.ts";
import { moveTree, type SyntaxNode } from "./syntax.ts";

/** A block's contents where it stands in its text. Trees and tokens are moved when they are asked for: while somebody types, hardly any is. */
export class PlacedBlock {
  readonly block: ParsedBlock;
  /** Of its first character in the text. */
  readonly offset: number;
  /** Of its statements, in the file. */
  readonly ordinals: () => readonly number[];
  readonly statements: readonly Statement[];
  readonly definitions: readonly Definition[];
  readonly loops: readonly Loop[];
  readonly withs: readonly CountAssertion[];
  #tree: { readonly root: SyntaxNode; readonly moved: ReadonlyMap<SyntaxNode, SyntaxNode> } | null = null;

  constructor(block: ParsedBlock, offset: number, facts: BlockFacts, ordinals: () => readonly number[]) {
    this.block = block;
    this.offset = offset;
    this.ordinals = ordinals;
    const placed = new Map<Statement, Statement>();
    this.statements = facts.statements.map((ranges, index) => {
      const local = block.statements[index] as Statement;
      const statement = new PlacedStatement(this, local, ranges, index);
      placed.set(local, statement);
      return statement;
    });
    const withStatement = <T extends { readonly statement: Statement }>(each: T): T => ({
      ...each,
      statement: placed.get(each.statement) ?? each.statement,
    });
    this.definitions = facts.definitions.map(withStatement);
    this.loops = facts.loops.map(withStatement);
    this.withs = facts.withs.map(withStatement);
  }

  get end(): number {
    return this.offset + this.block.text.length;
  }

  /** A module of the block's statements alone. */
  get root(): SyntaxNode {
    return this.#placedTree().root;
  }

  nodeOf(local: Statement): SyntaxNode {
    return this.#placedTree().moved.get(local.node) ?? local.node;
  }

  #placedTree() {
    if (this.#tree === null) {
      const nodes = new Set(this.block.statements.map(({ node }) => node));
      this.#tree = moveTree(this.block.root, this.offset, nodes);
    }
    return this.#tree;
  }
}

interface Ranges {
  readonly range: Range;
  readonly header: Range;
  readonly body: Range | null;
}

class PlacedStatement implements Statement {
  readonly range: Range;
  readonly header: Range;
  readonly body: Range | null;
  readonly kind: string;
  readonly qualname: string;
  readonly key: string;
  readonly #index: number;
  readonly #block: PlacedBlock;
  readonly #local: Statement;
  #tokens: readonly HeaderToken[] | null = null;

  constructor(block: PlacedBlock, local: Statement, { range, header, body }: Ranges, index: number) {
    this.range = range;
    this.header = header;
    this.body = body;
    this.kind = local.kind;
    this.qualname = local.qualname;
    this.key = local.key;
    this.#index = index;
    this.#block = block;
    this.#local = local;
  }

  get ordinal(): number {
    return this.#block.ordinals()[this.#index] ?? 0;
  }

  get identity(): string {
    return `${this.key}\n${this.ordinal}`;
  }

  get node(): SyntaxNode {
    return this.#block.nodeOf(this.#local);
  }

  get tokens(): readonly HeaderToken[] {
    const { offset } = this.#block;
    this.#tokens ??= this.#local.tokens.map(({ text, start, end }) => ({
      text,
      start: start + offset,
      end: end + offset,
    }));
    return this.#tokens;
  }
}

/** A block's contents with the ranges that they have below so many lines; their statements are still the block's own. */
interface BlockFacts {
  readonly statements: readonly Ranges[];
  readonly definitions: readonly Definition[];
  readonly loops: readonly Loop[];
  readonly withs: readonly CountAssertion[];
}

/** Where each block stood last: mostly it stands on the same line again. */
const last = new WeakMap<ParsedBlock, { readonly line: number; readonly facts: BlockFacts }>();

/** @param ordinals see `PlacedBlock` */
export function placeBlock(
  block: ParsedBlock,
  offset: number,
  line: number,
  ordinals: () => readonly number[],
): PlacedBlock {
  const known = last.get(block);
  const facts = known?.line === line ? known.facts : factsBelow(block, line);
  if (facts !== known?.facts) last.set(block, { line, facts });
  return new PlacedBlock(block, offset, facts, ordinals);
}

function factsBelow(block: ParsedBlock, line: number): BlockFacts {
  const position = (at: Position): Position => ({ line: at.line + line, character: at.character });
  const range = ({ start, end }: Range): Range => ({ start: position(start), end: position(end) });
  const maybe = (each: Range | null): Range | null => (each === null ? null : range(each));
  return {
    statements: block.statements.map((each) => ({
      range: range(each.range),
      header: range(each.header),
      body: maybe(each.body),
    })),
    definitions: block.definitions.map((each) => ({
      ...each,
      range: range(each.range),
      nameRange: range(each.nameRange),
    })),
    loops: block.loops.map((each) => ({
      ...each,
      range: range(each.range),
      header: range(each.header),
      body: range(each.body),
      iterable: maybe(each.iterable),
      keywordPosition: position(each.keywordPosition),
      lens: range(each.lens),
    })),
    withs: block.withs.map((each) => ({
      ...each,
      range: range(each.range),
      countRange: maybe(each.countRange),
      block: maybe(each.block),
    })),
  };
}
