import { LineIndex } from "../text/columns.ts";
import type { Range } from "../text/range.ts";
import type { CompactTree } from "./compactTree.ts";
import { type CountAssertionFacts, mayAssertCounts, readCountAssertion } from "./countAssertions.ts";
import { type DefinitionFacts, isDefinition, readDefinition } from "./definitions.ts";
import type { Grammar } from "./grammar.ts";
import type { HeaderToken } from "./header.ts";
import { isLoop, isReadWhole, type LoopFacts, readLoop } from "./loops.ts";
import { Scopes } from "./scopes.ts";
import { isStatement, type Statement, StatementReader } from "./statements.ts";
import { TreeNode } from "./treeNode.ts";

/** Something that stands in a statement, by that statement's index in its block. */
export type Within<Facts> = Facts & { readonly statement: number };

/** Where a statement and its parts begin and end; see Statement. */
export interface StatementRanges {
  readonly range: Range;
  readonly header: Range;
  readonly body: Range | null;
}

/**
 * What stands in a part of a text (see blocks.ts): all positions, offsets and indexes count from the part's own beginning. What is read from the
 * tree is read when it is first asked for, for all of the block, and kept: a block is the same in each text that it stands in.
 */
export class ParsedBlock {
  readonly text: string;
  readonly tree: CompactTree;
  readonly hasErrors: boolean;
  /** How many lines end in it. */
  readonly lineEnds: number;
  readonly #reader: StatementReader;
  #nodes: BlockNodes | null = null;
  #lines: LineIndex | null = null;
  #qualnames: readonly string[] | null = null;
  #keys: readonly string[] | null = null;
  #definitions: readonly Within<DefinitionFacts>[] | null = null;
  #loops: readonly Within<LoopFacts>[] | null = null;
  #withs: readonly Within<CountAssertionFacts>[] | null = null;

  constructor(text: string, tree: CompactTree, hasErrors: boolean) {
    this.text = text;
    this.tree = tree;
    this.hasErrors = hasErrors;
    this.lineEnds = countLineEnds(text);
    this.#reader = new StatementReader(tree, text);
  }

  /** The nodes of its statements in the tree, in document order; a statement's index here is what the others go by. */
  get statements(): readonly number[] {
    return this.#found.statements;
  }

  kind(statement: number): string {
    return this.#reader.kind(this.#node(statement));
  }

  tokens(statement: number): readonly HeaderToken[] {
    return this.#reader.tokens(this.#node(statement));
  }

  said(statement: number): SaidStatement {
    return new SaidStatement(this, statement);
  }

  get qualnames(): readonly string[] {
    if (this.#qualnames === null) {
      const root = TreeNode.rootOf(this.tree);
      const scopes = new Scopes(this.text);
      this.#qualnames = this.statements.map((node) => scopes.qualnameAround(root.at(node)));
    }
    return this.#qualnames;
  }

  get keys(): readonly string[] {
    const { qualnames } = this;
    this.#keys ??= this.statements.map((node, index) => this.#reader.key(node, qualnames[index] ?? ""));
    return this.#keys;
  }

  /** Of one statement, made anew each time: of most nobody asks, and of no other so often. */
  ranges(statement: number): StatementRanges {
    const { tree } = this;
    const node = this.#node(statement);
    const body = this.#reader.body(node);
    const range = this.lines.rangeAt(tree.start(node), tree.end(node));
    const header = { start: range.start, end: this.lines.positionAt(this.#reader.headerEnd(node)) };
    return { range, header, body: body < 0 ? null : this.lines.rangeAt(tree.start(body), tree.end(body)) };
  }

  get definitions(): readonly Within<DefinitionFacts>[] {
    if (this.#definitions === null) {
      const root = TreeNode.rootOf(this.tree);
      const scopes = new Scopes(this.text);
      this.#definitions = this.#found.definitions.map(({ node, statement }) => ({
        ...readDefinition(root.at(node), scopes, this.lines),
        statement,
      }));
    }
    return this.#definitions;
  }

  get loops(): readonly Within<LoopFacts>[] {
    if (this.#loops === null) {
      const root = TreeNode.rootOf(this.tree);
      this.#loops = this.#found.loops.flatMap(({ node, statement }) => {
        const loop = root.at(node);
        return isReadWhole(loop) ? [{ ...readLoop(loop, this.lines), statement }] : [];
      });
    }
    return this.#loops;
  }

  get withs(): readonly Within<CountAssertionFacts>[] {
    this.#withs ??= mayAssertCounts(this.text) ? this.#readWiths() : [];
    return this.#withs;
  }

  /** Those of the block alone. */
  get lines(): LineIndex {
    this.#lines ??= new LineIndex(this.text);
    return this.#lines;
  }

  #readWiths(): readonly Within<CountAssertionFacts>[] {
    const root = TreeNode.rootOf(this.tree);
    return this.#found.calls.flatMap(({ node, statement }) => {
      const found = readCountAssertion(root.at(node), statement < 0 ? null : this.ranges(statement).body, this.lines);
      return found === null ? [] : [{ ...found, statement }];
    });
  }

  #node(statement: number): number {
    return this.statements[statement] ?? 0;
  }

  get #found(): BlockNodes {
    this.#nodes ??= findNodes(this.tree);
    return this.#nodes;
  }
}

/** What one statement says, wherever its block stands: its positions count from the block's beginning. */
export class SaidStatement implements Pick<Statement, "kind" | "qualname" | "key" | "tokens"> {
  readonly #block: ParsedBlock;
  readonly #index: number;

  constructor(block: ParsedBlock, index: number) {
    this.#block = block;
    this.#index = index;
  }

  get kind(): string {
    return this.#block.kind(this.#index);
  }

  get qualname(): string {
    return this.#block.qualnames[this.#index] ?? "";
  }

  get key(): string {
    return this.#block.keys[this.#index] ?? "";
  }

  get tokens(): readonly HeaderToken[] {
    return this.#block.tokens(this.#index);
  }
}

/** A node of the block's tree, and the index of the statement that begins last before it or at it. */
interface NodeWithin {
  readonly node: number;
  readonly statement: number;
}

interface BlockNodes {
  readonly statements: readonly number[];
  readonly definitions: readonly NodeWithin[];
  readonly loops: readonly NodeWithin[];
  readonly calls: readonly NodeWithin[];
}

const statementBit = 1;
const definitionBit = 2;
const loopBit = 4;
const callBit = 8;

function findNodes(tree: CompactTree): BlockNodes {
  const roles = rolesOf(tree.grammar);
  const statements: number[] = [];
  const [definitions, loops, calls]: [NodeWithin[], NodeWithin[], NodeWithin[]] = [[], [], []];
  for (let node = 0; node < tree.size; node += 1) {
    const role = roles[tree.typeId(node)] as number;
    if (role === 0 || tree.isMissing(node)) continue;
    if ((role & statementBit) !== 0) statements.push(node);
    const statement = statements.length - 1;
    if (statement < 0) continue;
    if ((role & definitionBit) !== 0) definitions.push({ node, statement });
    if ((role & loopBit) !== 0) loops.push({ node, statement });
    if ((role & callBit) !== 0) calls.push({ node, statement });
  }
  return { statements, definitions, loops, calls };
}

/** What a node of each type is here. */
function rolesOf(grammar: Grammar): Uint8Array {
  let known = roles.get(grammar);
  if (known === undefined) {
    known = Uint8Array.from(grammar.types, (type, id) => {
      const node = { type, named: grammar.named[id] ?? true };
      const ofStatement = isStatement(node) ? statementBit : 0;
      return (
        ofStatement |
        (isDefinition(node) ? definitionBit : 0) |
        (isLoop(node) ? loopBit : 0) |
        (type === "call" ? callBit : 0)
      );
    });
    roles.set(grammar, known);
  }
  return known;
}

const roles = new WeakMap<Grammar, Uint8Array>();

function countLineEnds(text: string): number {
  if (text.includes("\r")) return new LineIndex(text).lineCount - 1;
  let count = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) count += 1;
  return count;
}
