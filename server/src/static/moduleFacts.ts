import { type Argument, readCall } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { childByField, operands, type SyntaxNode, unparenthesized } from "../python/syntax.ts";

/** What one module says of itself as far as models, managers and imports go: plain data without a tree, small enough to keep for many files. */
export interface ModuleFacts {
  /** By the name that the module has for it. */
  readonly imports: ReadonlyMap<string, Imported>;
  /** Modules of which everything is imported, as written. */
  readonly wildcards: readonly string[];
  readonly classes: ReadonlyMap<string, ClassFacts>;
  /** What its own functions return, by name; null where that is no chain of calls, or names no model's manager. */
  readonly functions: ReadonlyMap<string, readonly ChainFacts[] | null>;
  /** What plain names are given at the module's own level, as text without whitespace: `OrderManager` is `Manager.from_queryset(OrderQuerySet)`. */
  readonly values: ReadonlyMap<string, string>;
}

export interface Imported {
  /** As written, with the dots of a relative one. */
  readonly module: string;
  /** Null where the module itself is meant: all of it by an alias, its first part without one. */
  readonly name: string | null;
}

export interface ClassFacts {
  readonly name: string;
  /** As written, without whitespace. */
  readonly bases: readonly string[];
  /** Of `class Meta`, by name, as text. */
  readonly meta: ReadonlyMap<string, string>;
  /** Everything that the body binds. */
  readonly members: ReadonlySet<string>;
  /** Attributes whose value is a call: fields and managers. */
  readonly calls: ReadonlyMap<string, CallFacts>;
  /** The values of other attributes, as text without whitespace. */
  readonly values: ReadonlyMap<string, string>;
  /** What plain methods return, by name; null where that is no chain of calls. */
  readonly returns: ReadonlyMap<string, readonly ChainFacts[] | null>;
}

export interface CallFacts {
  /** All of it, without whitespace. */
  readonly text: string;
  /** What is called, as written: `models.ForeignKey`. */
  readonly callee: string;
  readonly arguments: readonly ArgumentFacts[];
}

export type ArgumentFacts = Pick<Argument, "text" | "keyword" | "stringValue">;

/** `self.filter(…).select_related("customer")` */
export interface ChainFacts {
  /** What stands before the first method call. */
  readonly root: string;
  readonly calls: readonly { readonly name: string; readonly arguments: readonly ArgumentFacts[] }[];
  /** Nothing stands behind the last call. */
  readonly endsInCall: boolean;
}

/** Classes whose methods say what becomes of a queryset. */
const ofQuerysets = /QuerySet|Manager/;

export function moduleFacts(file: PythonFile): ModuleFacts {
  const imports = new Map<string, Imported>();
  const wildcards: string[] = [];
  const classes = new Map<string, ClassFacts>();
  const functions = new Map<string, readonly ChainFacts[] | null>();
  const values = new Map<string, string>();
  for (const node of moduleStatements(file.root)) {
    const definition = node.type === "decorated_definition" ? childByField(node, "definition") : node;
    if (node.type === "import_from_statement" || node.type === "import_statement")
      readImport(file, node, imports, wildcards);
    else if (definition?.type === "class_definition") {
      const read = readClass(file, definition);
      classes.set(read.name, read);
    } else if (definition?.type === "function_definition") {
      const name = textOf(file, childByField(definition, "name"));
      const isPlain = definition === node && /\.objects\b/.test(file.text.slice(node.start, node.end));
      functions.set(name, isPlain ? readReturns(file, name) : null);
    } else {
      const assigned = assignment(file, node);
      if (assigned !== null) values.set(assigned.name, compact(file, assigned.value));
    }
  }
  for (const [name, imported] of importsWithin(file))
    if (![imports, classes, functions, values].some((all) => all.has(name))) imports.set(name, imported);
  return { imports, wildcards, classes, functions, values };
}

/** What functions import by themselves, mostly to avoid circles; nothing that two of them use for different things. */
function importsWithin(file: PythonFile): ReadonlyMap<string, Imported> {
  const found = new Map<string, Imported | null>();
  for (const { kind, qualname, node } of file.statements) {
    if (qualname === "<module>" || (kind !== "import_from" && kind !== "import")) continue;
    const own = new Map<string, Imported>();
    readImport(file, node, own, []);
    for (const [name, imported] of own) {
      const known = found.get(name);
      const isSame = known === undefined || (known?.module === imported.module && known.name === imported.name);
      found.set(name, isSame ? imported : null);
    }
  }
  return new Map([...found].flatMap(([name, imported]) => (imported === null ? [] : [[name, imported] as const])));
}

/** The module's own statements, with those of its `if`, `try` and `with`. */
function* moduleStatements(root: SyntaxNode): Generator<SyntaxNode> {
  for (const node of root.children) {
    if (/^(if|try|with)_statement$/.test(node.type) || /^(elif|else|except|finally)_clause$|^block$/.test(node.type))
      yield* moduleStatements(node);
    else yield node;
  }
}

function readImport(file: PythonFile, node: SyntaxNode, imports: Map<string, Imported>, wildcards: string[]): void {
  const isFrom = node.type === "import_from_statement";
  const origin = childByField(node, "module_name");
  const module = origin === null ? "" : compact(file, origin);
  if (node.children.some(({ type }) => type === "wildcard_import")) wildcards.push(module);
  for (const imported of node.children.filter(({ field }) => field === "name")) {
    const own = compact(file, childByField(imported, "name") ?? imported);
    const alias = childByField(imported, "alias");
    if (isFrom) imports.set(alias === null ? own : compact(file, alias), { module, name: own });
    else if (alias !== null) imports.set(compact(file, alias), { module: own, name: null });
    // `import a.b` binds `a`.
    else imports.set(own.split(".")[0] ?? own, { module: own.split(".")[0] ?? own, name: null });
  }
}

function readClass(file: PythonFile, node: SyntaxNode): ClassFacts {
  const name = textOf(file, childByField(node, "name"));
  const list = childByField(node, "superclasses");
  const members = new Set<string>();
  const calls = new Map<string, CallFacts>();
  const values = new Map<string, string>();
  const returns = new Map<string, readonly ChainFacts[] | null>();
  let meta: ReadonlyMap<string, string> = new Map();
  const bases = list === null ? [] : operands(list).flatMap((base) => baseText(file, base));
  const readsMethods = [name, ...bases].some((each) => ofQuerysets.test(each));
  for (const statement of moduleStatements(childByField(node, "body") ?? node)) {
    const isDecorated = statement.type === "decorated_definition";
    const definition = isDecorated ? childByField(statement, "definition") : statement;
    const assigned = assignment(file, statement);
    if (assigned !== null) {
      members.add(assigned.name);
      const value = unparenthesized(assigned.value);
      if (value.type === "call") calls.set(assigned.name, readCallFacts(file, value));
      else values.set(assigned.name, compact(file, value));
    } else if (definition?.type === "class_definition" || definition?.type === "function_definition") {
      const own = textOf(file, childByField(definition, "name"));
      members.add(own);
      if (definition.type === "class_definition" && own === "Meta") meta = readMeta(file, definition);
      if (definition.type === "function_definition" && !isDecorated && readsMethods)
        returns.set(own, readReturns(file, `${name}.${own}`));
    }
  }
  return { name, bases, meta, members, calls, values, returns };
}

function baseText(file: PythonFile, base: SyntaxNode): readonly string[] {
  return base.type === "keyword_argument" || base.type === "comment" ? [] : [compact(file, base)];
}

function readMeta(file: PythonFile, node: SyntaxNode): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const statement of childByField(node, "body")?.children ?? []) {
    const assigned = assignment(file, statement);
    if (assigned !== null) found.set(assigned.name, compact(file, assigned.value));
  }
  return found;
}

function readCallFacts(file: PythonFile, node: SyntaxNode): CallFacts {
  const callee = childByField(node, "function");
  const read = readCall(node, file.lines);
  return {
    text: compact(file, node),
    callee: callee === null ? "" : compact(file, callee),
    arguments: read.arguments.map(argumentFacts),
  };
}

function readReturns(file: PythonFile, qualname: string): readonly ChainFacts[] | null {
  const chains = file.returnedChains(qualname);
  return (
    chains?.map(({ root, rootCall, calls, links }) => ({
      // `super()` is a call already.
      root: rootCall !== null && calls.length === 0 ? "" : root,
      calls: calls.map(({ name, arguments: args }) => ({ name, arguments: args.map(argumentFacts) })),
      endsInCall: links.at(-1)?.kind === "call",
    })) ?? null
  );
}

export function argumentFacts({ text, keyword, stringValue }: ArgumentFacts): ArgumentFacts {
  return { text, keyword, stringValue };
}

function assignment(file: PythonFile, node: SyntaxNode): { readonly name: string; readonly value: SyntaxNode } | null {
  const content = node.type === "expression_statement" ? operands(node)[0] : undefined;
  if (content?.type !== "assignment") return null;
  const left = childByField(content, "left");
  const right = childByField(content, "right");
  return left?.type !== "identifier" || right === null ? null : { name: textOf(file, left), value: right };
}

function textOf(file: PythonFile, node: SyntaxNode | null): string {
  return node === null ? "" : file.text.slice(node.start, node.end);
}

/** Strings keep their spaces: none of what is read here has any. */
function compact(file: PythonFile, { start, end }: SyntaxNode): string {
  return file.text.slice(start, end).replace(/\s+/g, "");
}
