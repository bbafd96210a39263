import type { ParsedBlock } from "../python/parsedBlock.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import { comparePositions, type Range } from "../text/range.ts";

/** What one definition, or the module, runs itself: its statements without those of the definitions in it. */
export interface Scope {
  /** The index of its `def` or `class`; -1 for the module. */
  readonly definition: number;
  readonly kind: "module" | "class" | "function";
  /** Its own name; "" for the module. */
  readonly name: string;
  /** Indexes into the file's statements. */
  readonly statements: readonly number[];
  /** For each of them the place in `statements` of the one that it stands in; -1 at the outermost level. */
  readonly parents: readonly number[];
  /** The definitions that stand right in it. */
  readonly children: readonly Scope[];
  /** How many statements stand in it, those of its definitions included: they follow its own in the file. */
  readonly size: number;
  /** Whether both are the same part of equal blocks: then all in them is equal, statement by statement. */
  isSameAs(other: Scope): boolean;
  /** How many of `statements`, from the first and from the last, are the same because the blocks that they stand in are equal. */
  sameEnds(other: Scope): { readonly start: number; readonly end: number };
}

/** The same in a block by itself: indexes are those of its statements. */
interface LocalScope extends Omit<Scope, "isSameAs" | "sameEnds" | "children" | "size"> {
  size: number;
  readonly statements: number[];
  readonly parents: number[];
  readonly children: LocalScope[];
}

/** The module with everything in it. */
export function scopeTree(file: PythonFile): Scope {
  const tree = trees.get(file) ?? new ModuleScope(file);
  trees.set(file, tree);
  return tree;
}

/** A recorded text is compared with each state of today's. */
const trees = new WeakMap<PythonFile, Scope>();

/** Put together of its blocks' at each key that is typed; those are read once. */
class ModuleScope implements Scope {
  readonly definition = -1;
  readonly kind = "module";
  readonly name = "";
  readonly statements: readonly number[];
  readonly parents: readonly number[];
  readonly children: readonly Scope[];
  readonly size: number;
  readonly #blocks: readonly ParsedBlock[];

  constructor(file: PythonFile) {
    this.#blocks = file.blocks;
    const statements: number[] = [];
    const parents: number[] = [];
    const children: Scope[] = [];
    for (const [index, block] of file.blocks.entries()) {
      const local = localScopes(block);
      const first = file.firstStatement(index);
      const placesBefore = statements.length;
      for (const statement of local.statements) statements.push(first + statement);
      for (const parent of local.parents) parents.push(parent < 0 ? -1 : placesBefore + parent);
      for (const child of local.children) children.push(new DefinitionScope(block, first, child));
    }
    this.statements = statements;
    this.parents = parents;
    this.children = children;
    this.size = file.statementCount;
  }

  isSameAs(other: Scope): boolean {
    return other === this;
  }

  sameEnds(other: Scope): { readonly start: number; readonly end: number } {
    if (!(other instanceof ModuleScope)) return nothing;
    const [one, two] = [this.#blocks, other.#blocks];
    const most = Math.min(one.length, two.length);
    const isSame = (a: number, b: number) => isSameBlock(one[a] as ParsedBlock, two[b] as ParsedBlock);
    let [first, last, start, end] = [0, 0, 0, 0];
    for (; first < most && isSame(first, first); first++) start += ownCount(one[first]);
    for (; last < most - first && isSame(one.length - 1 - last, two.length - 1 - last); last++)
      end += ownCount(one[one.length - 1 - last]);
    return { start, end };
  }
}

const nothing = { start: 0, end: 0 };

/** The statements at a block's outermost level. */
function ownCount(block: ParsedBlock | undefined): number {
  return block === undefined ? 0 : localScopes(block).statements.length;
}

class DefinitionScope implements Scope {
  readonly #block: ParsedBlock;
  /** The index of the block's first statement in its file. */
  readonly #first: number;
  readonly #local: LocalScope;
  #statements: readonly number[] | null = null;
  #children: readonly Scope[] | null = null;

  constructor(block: ParsedBlock, first: number, local: LocalScope) {
    this.#block = block;
    this.#first = first;
    this.#local = local;
  }

  get definition(): number {
    return this.#first + this.#local.definition;
  }

  get kind() {
    return this.#local.kind;
  }

  get name(): string {
    return this.#local.name;
  }

  get statements(): readonly number[] {
    this.#statements ??= this.#local.statements.map((index) => this.#first + index);
    return this.#statements;
  }

  get parents(): readonly number[] {
    return this.#local.parents;
  }

  get children(): readonly Scope[] {
    this.#children ??= this.#local.children.map((child) => new DefinitionScope(this.#block, this.#first, child));
    return this.#children;
  }

  get size(): number {
    return this.#local.size;
  }

  sameEnds() {
    return nothing;
  }

  isSameAs(other: Scope): boolean {
    return (
      other instanceof DefinitionScope &&
      this.#local.definition === other.#local.definition &&
      isSameBlock(this.#block, other.#block)
    );
  }
}

/** What is read of a block depends on nothing but its text. */
export function isSameBlock(one: ParsedBlock, other: ParsedBlock): boolean {
  return one === other || one.text === other.text;
}

function measure(scope: LocalScope): number {
  scope.size = scope.children.reduce((size, child) => size + measure(child), scope.statements.length);
  return scope.size;
}

/** What stands at a block's outermost level, with everything in it. */
function localScopes(block: ParsedBlock): LocalScope {
  const known = locals.get(block);
  if (known !== undefined) return known;
  const read = readScopes(block);
  locals.set(block, read);
  return read;
}

const locals = new WeakMap<ParsedBlock, LocalScope>();

/** Linear in the number of statements, without looking at any syntax tree. */
function readScopes(block: ParsedBlock): LocalScope {
  const names = new Map(block.definitions.map(({ statement, name }) => [statement, name]));
  const module = emptyScope(-1, "module", "");
  /** The statements around the current one, outermost first. */
  const open: { readonly range: Range; readonly scope: LocalScope; readonly place: number }[] = [];
  for (const index of block.statements.keys()) {
    const { range } = block.ranges(index);
    let outer = open.at(-1);
    while (outer !== undefined && comparePositions(range.start, outer.range.end) >= 0) {
      open.pop();
      outer = open.at(-1);
    }
    const scope = outer?.scope ?? module;
    const place = scope.statements.push(index) - 1;
    scope.parents.push(outer?.place ?? -1);
    const kind = block.kind(index);
    if (kind === "function" || kind === "class") {
      const inner = emptyScope(index, kind, names.get(index) ?? "");
      scope.children.push(inner);
      open.push({ range, scope: inner, place: -1 });
    } else {
      open.push({ range, scope, place });
    }
  }
  measure(module);
  return module;
}

function emptyScope(definition: number, kind: Scope["kind"], name: string): LocalScope {
  return { definition, kind, name, statements: [], parents: [], children: [], size: 0 };
}

/** For each statement the index of the innermost one around it; -1 at the outermost level. */
export function enclosingStatements(file: PythonFile): readonly number[] {
  const known = enclosing.get(file);
  if (known !== undefined) return known;
  const result: number[] = file.statements.map(() => -1);
  for (const scope of scopesIn(scopeTree(file))) {
    for (const [place, index] of scope.statements.entries()) {
      result[index] = scope.statements[scope.parents[place] ?? -1] ?? scope.definition;
    }
  }
  enclosing.set(file, result);
  return result;
}

/** The index of one of the file's statements; -1 for null. */
export function indexOfStatement(file: PythonFile, statement: Statement | null): number {
  let known = indexes.get(file);
  if (known === undefined) {
    known = new Map(file.statements.map((each, index) => [each, index]));
    indexes.set(file, known);
  }
  return statement === null ? -1 : (known.get(statement) ?? -1);
}

const indexes = new WeakMap<PythonFile, ReadonlyMap<Statement, number>>();
const enclosing = new WeakMap<PythonFile, readonly number[]>();

/** The scope and all in it. */
export function scopesIn(scope: Scope): readonly Scope[] {
  return [scope, ...scope.children.flatMap(scopesIn)];
}

/** What a statement says, whatever function it stands in. */
export function localKey({ key, qualname }: Pick<Statement, "key" | "qualname">): string {
  return key.slice(qualname.length + 1);
}
