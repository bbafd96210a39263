import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import { comparePositions } from "../text/range.ts";

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
}

interface GrowingScope extends Scope {
  readonly statements: number[];
  readonly parents: number[];
  readonly children: GrowingScope[];
}

/** The module with everything in it. */
export function scopeTree(file: PythonFile): Scope {
  const tree = trees.get(file) ?? readScopes(file);
  trees.set(file, tree);
  return tree;
}

/** A recorded text is compared with each state of today's. */
const trees = new WeakMap<PythonFile, Scope>();

/** Linear in the number of statements, without looking at any syntax tree: all of them are read with every key that is typed. */
function readScopes(file: PythonFile): Scope {
  const names = new Map(file.definitions.map(({ statement, name }) => [statement, name]));
  const module = emptyScope(-1, "module", "");
  /** The statements around the current one, outermost first. */
  const open: { readonly statement: Statement; readonly scope: GrowingScope; readonly place: number }[] = [];
  for (const [index, statement] of file.statements.entries()) {
    let outer = open.at(-1);
    while (outer !== undefined && comparePositions(statement.range.start, outer.statement.range.end) >= 0) {
      open.pop();
      outer = open.at(-1);
    }
    const scope = outer?.scope ?? module;
    const place = scope.statements.push(index) - 1;
    scope.parents.push(outer?.place ?? -1);
    const { kind } = statement;
    if (kind === "function" || kind === "class") {
      const inner = emptyScope(index, kind, names.get(statement) ?? "");
      scope.children.push(inner);
      open.push({ statement, scope: inner, place: -1 });
    } else {
      open.push({ statement, scope, place });
    }
  }
  return module;
}

function emptyScope(definition: number, kind: Scope["kind"], name: string): GrowingScope {
  return { definition, kind, name, statements: [], parents: [], children: [] };
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
export function localKey({ key, qualname }: Statement): string {
  return key.slice(qualname.length + 1);
}
