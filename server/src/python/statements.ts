import type { Range } from "../text/range.ts";
import type { CompactTree } from "./compactTree.ts";
import { type HeaderToken, type NormalisedHeader, normaliseHeader, type Siblings } from "./header.ts";
import { childOfType, type SyntaxNode } from "./syntax.ts";

/**
 * A statement, or a clause or decorator that holds expressions of its own. Where a text has no
 * syntax errors, its headers do not overlap, and every call stands in exactly one of them.
 */
export interface Statement {
  /** With its body and clauses; without its decorators. */
  readonly range: Range;
  /** What it evaluates itself: up to its colon, or all of a simple statement. */
  readonly header: Range;
  readonly body: Range | null;
  /** The grammar's name without `_statement`, `_definition` or `_clause`: `for`, `expression`, `return`, `function`, `elif`, `decorator`. */
  readonly kind: string;
  /** Of the code that runs it, as CPython's `co_qualname`. */
  readonly qualname: string;
  /** Qualified name and normalised header: what two statements share that only their order tells apart. */
  readonly key: string;
  /** From 0, among the file's statements with this `key`. */
  readonly ordinal: number;
  /** `key` and `ordinal`: unique in the file. */
  readonly identity: string;
  /** The tokens of the header; those of statements with equal keys are equally many. */
  readonly tokens: readonly HeaderToken[];
  readonly node: SyntaxNode;
}

const clauses = new Set([
  "elif_clause",
  "except_clause",
  "case_clause",
  "decorator",
  "function_definition",
  "class_definition",
]);

export function isStatement({ named, type }: Pick<SyntaxNode, "named" | "type">): boolean {
  return named && (type.endsWith("_statement") || clauses.has(type));
}

/** What statements of one block say; each is a node of its tree. */
export class StatementReader {
  readonly #tree: CompactTree;
  readonly #text: string;

  constructor(tree: CompactTree, text: string) {
    this.#tree = tree;
    this.#text = text;
  }

  /** tree-sitter-python 0.25 takes `type(self).cache = {}` for the definition of a type alias, which has a name behind `type`. */
  kind(node: number): string {
    const type = this.#tree.type(node);
    const start = this.#tree.start(node);
    const isAssignment = type === "type_alias_statement" && /^type\s*[[(.]/.test(this.#text.slice(start, start + 20));
    return isAssignment ? "expression" : kindOfType(type);
  }

  /** @param qualname of the code that runs it */
  key(node: number, qualname: string): string {
    return `${qualname}\n${this.#tree.type(node)} ${this.#header(node).text}`;
  }

  tokens(node: number): readonly HeaderToken[] {
    return this.#header(node).tokens;
  }

  /** Behind what it evaluates itself. */
  headerEnd(node: number): number {
    const colon = this.#tree.childOfType(node, ":");
    return this.#tree.end(colon < 0 ? node : colon);
  }

  /** The node of its body; -1 where it has none. */
  body(node: number): number {
    const body = this.#tree.childByField(node, "body");
    if (body >= 0) return body;
    const consequence = this.#tree.childByField(node, "consequence");
    return consequence >= 0 ? consequence : this.#tree.childOfType(node, "block");
  }

  #header(node: number): NormalisedHeader {
    return normaliseHeader(this.#tree, this.#headerParts(node), this.#text);
  }

  /** A decorator belongs to what it decorates: `@property` alone would be the same one everywhere in a class. */
  #headerParts(node: number): readonly Siblings[] {
    const tree = this.#tree;
    const colon = tree.childOfType(node, ":");
    if (colon >= 0) return [{ parent: node, from: node + 1, to: colon }];
    const parent = tree.parent(node);
    const own = { parent, from: node, to: tree.behind(node) };
    const definition = tree.type(node) === "decorator" && parent >= 0 ? tree.childByField(parent, "definition") : -1;
    const name = definition < 0 ? -1 : tree.childByField(definition, "name");
    return name < 0 ? [own] : [own, { parent: definition, from: name, to: tree.behind(name) }];
  }
}

function kindOfType(type: string): string {
  let kind = kinds.get(type);
  if (kind === undefined) {
    kind = type.replace(/_(statement|definition|clause)$/, "");
    kinds.set(type, kind);
  }
  return kind;
}

const kinds = new Map<string, string>();

/** The colon before the body of a compound statement. */
export function headerColon(node: SyntaxNode): SyntaxNode | null {
  return childOfType(node, ":");
}
