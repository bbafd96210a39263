import { LineIndex } from "../text/columns.ts";
import { comparePositions, containsRange, type Position, type Range } from "../text/range.ts";
import { type Chain, isOutermostOfChain, outermostOfChain, readChain } from "./chains.ts";
import type { CountAssertion } from "./countAssertions.ts";
import type { Definition } from "./definitions.ts";
import { leavesLoop } from "./loopEnds.ts";
import { iterableOf, type Loop } from "./loops.ts";
import { ModuleNode } from "./moduleNode.ts";
import type { ParsedBlock, SaidStatement } from "./parsedBlock.ts";
import { type PlacedBlock, placeBlock } from "./placedBlock.ts";
import { returnedChains } from "./returns.ts";
import type { Statement } from "./statements.ts";
import { preferredQuote } from "./strings.ts";
import { type SyntaxNode, smallestCovering } from "./syntax.ts";
import { type Turns, turnsAround } from "./turns.ts";

const stringStarts: ReadonlySet<string> = new Set(["string_start"]);
const identifiers: ReadonlySet<string> = new Set(["identifier"]);
const links: ReadonlySet<string> = new Set(["call", "attribute", "subscript", "await"]);

/** One Python text, parsed. All lists are in document order, all ranges those of the text as given. */
export class PythonFile {
  readonly text: string;
  readonly lines: LineIndex;
  /** The parts of the text, each parsed by itself: the same object for the same text, wherever it stands. */
  readonly blocks: readonly ParsedBlock[];
  /** Some part of the text is not Python as the grammar knows it; everything else is read all the same. */
  readonly hasErrors: boolean;
  /** For each block, and for the end of the text: its offset, its line, and how many statements come before it. */
  readonly #offsets: Uint32Array;
  readonly #linesBefore: Uint32Array;
  readonly #statementsBefore: Uint32Array;

  readonly #placed: (PlacedBlock | undefined)[] = [];
  readonly #chainsOf = new Map<PlacedBlock, readonly Chain[]>();
  #statements: readonly Statement[] | null = null;
  #definitions: readonly Definition[] | null = null;
  #loops: readonly Loop[] | null = null;
  #withs: readonly CountAssertion[] | null = null;
  /** The block that `blockOfStatement` answered last. */
  #asked = 0;
  #ordinals: readonly (readonly number[])[] | null = null;
  #chains: readonly Chain[] | null = null;
  #root: WeakRef<SyntaxNode> | null = null;
  #quote: "'" | '"' | null = null;
  #loopsByStart: ReadonlyMap<number, readonly Loop[]> | null = null;

  /** @param blocks all of the text, in its order */
  constructor(text: string, blocks: readonly ParsedBlock[]) {
    this.text = text;
    this.lines = new LineIndex(text);
    this.blocks = blocks;
    this.hasErrors = blocks.some((block) => block.hasErrors);
    this.#offsets = sumsBefore(blocks, (block) => block.text.length);
    this.#linesBefore = sumsBefore(blocks, (block) => block.lineEnds);
    this.#statementsBefore = sumsBefore(blocks, (block) => block.statements.length);
  }

  get statements(): readonly Statement[] {
    this.#statements ??= this.#placedBlocks().flatMap(({ statements }) => statements);
    return this.#statements;
  }

  get definitions(): readonly Definition[] {
    this.#definitions ??= this.#placedBlocks().flatMap(({ definitions }) => definitions);
    return this.#definitions;
  }

  get loops(): readonly Loop[] {
    this.#loops ??= this.#placedBlocks().flatMap(({ loops }) => loops);
    return this.#loops;
  }

  /** Assertions on the number of queries. */
  get withs(): readonly CountAssertion[] {
    this.#withs ??= this.#placedBlocks().flatMap(({ withs }) => withs);
    return this.#withs;
  }

  get statementCount(): number {
    return this.#statementsBefore[this.blocks.length] ?? 0;
  }

  /** One of `statements`, without placing all of them. */
  statement(index: number): Statement | undefined {
    const block = this.blockOfStatement(index);
    return block < 0 ? undefined : this.#placedBlock(block).statements[index - this.firstStatement(block)];
  }

  /** What one of `statements` says, as its block has it: its positions count from there. */
  said(index: number): SaidStatement | undefined {
    const block = this.blockOfStatement(index);
    return this.blocks[block]?.said(index - this.firstStatement(block));
  }

  /** An index into `blocks`; -1 where there is no such statement. */
  blockOfStatement(index: number): number {
    if (index < 0 || index >= this.statementCount) return -1;
    // Mostly they are asked for in their order.
    if (this.firstStatement(this.#asked) > index || index >= this.firstStatement(this.#asked + 1)) {
      this.#asked = lastUpTo(this.#statementsBefore, index);
    }
    return this.#asked;
  }

  /** The block that holds a line (from 0). */
  blockOfLine(line: number): number {
    return Math.min(lastUpTo(this.#linesBefore, line), this.blocks.length - 1);
  }

  /** The line (from 0) on which a block begins. */
  lineOfBlock(block: number): number {
    return this.#linesBefore[block] ?? 0;
  }

  /** The index of a block's first statement, or of the first one behind it where it has none. */
  firstStatement(block: number): number {
    return this.#statementsBefore[block] ?? 0;
  }

  /** The whole text's module. The nodes below it are the same that statements and chains have. */
  get root(): SyntaxNode {
    let root = this.#root?.deref();
    if (root === undefined) {
      root = new ModuleNode(
        this.#placedBlocks().map((block) => block.root),
        this.text.length,
      );
      this.#root = new WeakRef(root);
    }
    return root;
  }

  /** The quote that the file's own strings prefer. */
  get quote(): "'" | '"' {
    this.#quote ??= preferredQuote(this.root.ofTypes(stringStarts), this.text);
    return this.#quote;
  }

  /** The parts of the text in which something is not Python, whole lines each; what they hold may not all have been read. */
  get broken(): readonly Range[] {
    return this.blocks.flatMap((block, index) => {
      const offset = this.#offsets[index] ?? 0;
      return block.hasErrors ? [this.lines.rangeAt(offset, offset + block.text.length)] : [];
    });
  }

  /** Every chain with a call in it; the chains in another's arguments come after it. */
  get chains(): readonly Chain[] {
    this.#chains ??= this.#placedBlocks().flatMap((block) => this.#chainsIn(block));
    return this.#chains;
  }

  /** The statement whose header holds the range, else the innermost one around it. */
  statementAt(range: Range): Statement | null {
    let index = this.#lastStartingBefore(range.start);
    const nearest = this.statements[index];
    if (nearest !== undefined && containsRange(nearest.header, range)) return nearest;
    for (; index >= 0; index--) {
      const statement = this.statements[index];
      if (statement !== undefined && containsRange(statement.range, range)) return statement;
    }
    return null;
  }

  /** Whether a comment may stand at the end of a line (from 0): it is no part of a string, and does not go on behind a backslash. */
  takesComment(line: number): boolean {
    if (line < 0 || line >= this.lines.lineCount) return false;
    const text = this.lines.lineText(line);
    if (/\\\s*$/.test(text)) return false;
    const end = this.lines.offsetAt({ line, character: text.length });
    let node: SyntaxNode | null = smallestCovering(
      this.root,
      Math.max(0, end - 1),
      Math.min(end + 1, this.text.length),
    );
    while (node !== null && node.type !== "string") node = node.parent;
    return node === null || node.end <= end;
  }

  /** The first statement that starts in the line, else the one whose header goes through it. Lines count from 0. */
  statementAtLine(line: number): Statement | null {
    const starting = this.statements.find((statement) => statement.header.start.line === line);
    if (starting !== undefined) return starting;
    return this.statements.findLast(({ header }) => header.start.line <= line && line <= header.end.line) ?? null;
  }

  /** The smallest named node that covers the span (see `smallestCovering`). */
  nodeAround(start: number, end: number): SyntaxNode {
    return smallestCovering(this.#blockAround(start, end)?.root ?? this.root, start, end);
  }

  /** Those that begin and end within the range, in document order. Asked for each recorded place: not all statements are looked at. */
  statementsWithin(range: Range): readonly Statement[] {
    const { statements } = this;
    let [from, to] = [0, statements.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const start = statements[middle]?.range.start ?? range.start;
      if (comparePositions(start, range.start) < 0) from = middle + 1;
      else to = middle;
    }
    const found: Statement[] = [];
    for (let at = from; at < statements.length; at += 1) {
      const statement = statements[at];
      if (statement === undefined || comparePositions(statement.range.start, range.end) > 0) break;
      if (containsRange(range, statement.range)) found.push(statement);
    }
    return found;
  }

  /** The loops around the range, innermost first, whether it stands in their headers or their bodies. */
  loopsAround(range: Range): readonly Loop[] {
    return this.loops.filter((loop) => containsRange(loop.range, range)).reverse();
  }

  /** The loop that a node of this text is; null for one that is none. */
  loopOf(node: SyntaxNode): Loop | null {
    this.#loopsByStart ??= Map.groupBy(this.loops, ({ range }) => this.lines.offsetAt(range.start));
    const found = this.#loopsByStart.get(node.start)?.find(({ range }) => this.lines.offsetAt(range.end) === node.end);
    return found ?? null;
  }

  /** The loops that run the range again and again; see python/turns.ts. */
  turnsAround(range: Range): readonly Turns[] {
    return turnsAround(this, range);
  }

  /** The innermost class or function around the range, decorators included. */
  definitionAt(range: Range): Definition | null {
    return this.definitions.findLast((definition) => containsRange(definition.range, range)) ?? null;
  }

  /**
   * The outermost chain that the range is a step of: for a recorded call (which in a chain of several lines starts at its method's name) the
   * whole chain around it. A whole loop or comprehension means what it iterates over. Any other range that holds whole expressions
   * (a statement, where no columns were recorded) gives the only chain in it that stands in no other's arguments; null where there
   * are several.
   */
  chainAt(range: Range): Chain | null {
    const start = this.lines.offsetAt(range.start);
    const end = this.lines.offsetAt(range.end);
    const node = this.nodeAround(start, end);
    const isWhole = node.start === start && node.end === end;
    const outermost = outermostOfChain((isWhole ? iterableOf(node) : null) ?? node);
    if (outermost !== null) return readChain(outermost, this.lines);
    const within = this.chainsIn(range);
    const [first] = within;
    if (first === undefined) return null;
    return within.every((chain) => containsRange(first.range, chain.range)) ? first : null;
  }

  /**
   * What a range recorded in the statement really is about. Python 3.11 gives the instructions that run a `for` loop the range of the whole
   * loop, body included, and a class's making the whole class: that is the iterable, and the header.
   */
  withinHeader(range: Range, statement: Statement): Range {
    if (containsRange(statement.header, range)) return range;
    const iterable = iterableOf(statement.node);
    return iterable === null ? statement.header : this.lines.rangeAt(iterable.start, iterable.end);
  }

  /** The chains with a call that lie wholly within the range. */
  chainsIn(range: Range): readonly Chain[] {
    const start = this.lines.offsetAt(range.start);
    const end = this.lines.offsetAt(range.end);
    return this.#blocksBetween(start, end)
      .flatMap((block) => this.#chainsIn(block))
      .filter((chain) => containsRange(range, chain.range));
  }

  /** The chains assigned to the name (or dotted text) in the code of that qualified name. */
  chainsAssignedTo(name: string, qualname: string): readonly Chain[] {
    return this.chains.filter(
      (chain) => chain.target?.text === name && this.statementAt(chain.range)?.qualname === qualname,
    );
  }

  /** The name, or one like it, that nothing in the outermost function or class around the range goes by. */
  freeName(wanted: string, range: Range): string {
    const around = this.definitions.find((definition) => containsRange(definition.range, range))?.statement.node;
    const taken = new Set<string>();
    for (const { start, end } of (around ?? this.root).ofTypes(identifiers)) taken.add(this.text.slice(start, end));
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
    return name;
  }

  /** Whether the loop around the range is always left behind it; see python/loopEnds.ts. */
  leavesLoop(range: Range): boolean {
    return leavesLoop(this, range);
  }

  /** The chains that a function's value is made of; see python/returns.ts. */
  returnedChains(qualname: string, some = false): readonly Chain[] | null {
    return returnedChains(this, qualname, some);
  }

  #chainsIn(block: PlacedBlock): readonly Chain[] {
    const known = this.#chainsOf.get(block);
    if (known !== undefined) return known;
    const chains: Chain[] = [];
    for (const node of block.root.ofTypes(links)) {
      if (!isOutermostOfChain(node)) continue;
      const chain = readChain(node, this.lines);
      if (chain.calls.length > 0 || chain.rootCall !== null) chains.push(chain);
    }
    this.#chainsOf.set(block, chains);
    return chains;
  }

  /** The one block that holds the span; null where it goes through several. */
  #blockAround(start: number, end: number): PlacedBlock | null {
    const index = lastUpTo(this.#offsets, start);
    return index < this.blocks.length && end <= (this.#offsets[index + 1] ?? 0) ? this.#placedBlock(index) : null;
  }

  /** Those that the span touches. */
  #blocksBetween(start: number, end: number): readonly PlacedBlock[] {
    const found: PlacedBlock[] = [];
    for (let index = 0; index < this.blocks.length && (this.#offsets[index] ?? 0) <= end; index++) {
      if ((this.#offsets[index + 1] ?? 0) >= start) found.push(this.#placedBlock(index));
    }
    return found;
  }

  #placedBlocks(): readonly PlacedBlock[] {
    return this.blocks.map((_, index) => this.#placedBlock(index));
  }

  /** Of most blocks of a text that is being typed nobody asks. */
  #placedBlock(index: number): PlacedBlock {
    let placed = this.#placed[index];
    if (placed === undefined) {
      const ordinalsOf = () => this.#ordinalsOf(index);
      const block = this.blocks[index] as ParsedBlock;
      placed = placeBlock(block, this.#offsets[index] ?? 0, this.lineOfBlock(index), ordinalsOf);
      this.#placed[index] = placed;
    }
    return placed;
  }

  /** Of a block's statements, among all of the file's with equal keys. */
  #ordinalsOf(block: number): readonly number[] {
    if (this.#ordinals === null) {
      const counts = new Map<string, number>();
      this.#ordinals = this.blocks.map(({ keys }) =>
        keys.map((key) => {
          const ordinal = counts.get(key) ?? 0;
          counts.set(key, ordinal + 1);
          return ordinal;
        }),
      );
    }
    return this.#ordinals[block] ?? [];
  }

  #lastStartingBefore(position: Position): number {
    let low = 0;
    let high = this.statements.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const statement = this.statements[middle];
      if (statement !== undefined && comparePositions(statement.header.start, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** For each block the sum of all before it, and the sum of all. */
function sumsBefore(blocks: readonly ParsedBlock[], of: (block: ParsedBlock) => number): Uint32Array {
  const sums = new Uint32Array(blocks.length + 1);
  let sum = 0;
  for (const [index, block] of blocks.entries()) {
    sum += of(block);
    sums[index + 1] = sum;
  }
  return sums;
}

/** The last index of rising numbers, the first of which is 0, that holds no more than this. */
function lastUpTo(sums: Uint32Array, most: number): number {
  let low = 0;
  let high = sums.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] ?? 0) <= most) low = middle;
    else high = middle;
  }
  return low;
}
