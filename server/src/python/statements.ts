import type { LineIndex } from "../text/columns.ts";
import type { Range } from "../text/range.ts";
import { type HeaderToken, normaliseHeader } from "./header.ts";
import type { Scopes } from "./scopes.ts";
import { childByField, childOfType, type SyntaxNode } from "./syntax.ts";

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

export function isStatement(node: SyntaxNode): boolean {
  return node.named && (node.type.endsWith("_statement") || clauses.has(node.type));
}

/** Reads statements in document order; the ordinals are those of all statements given so far. */
export class StatementReader {
  readonly #lines: LineIndex;
  readonly #scopes: Scopes;
  readonly #seen = new Map<string, number>();

  constructor(lines: LineIndex, scopes: Scopes) {
    this.#lines = lines;
    this.#scopes = scopes;
  }

  read(node: SyntaxNode): Statement {
    const colon = headerColon(node);
    const header = normaliseHeader(headerParts(node), this.#lines.text);
    const qualname = this.#scopes.qualnameAround(node);
    const key = `${qualname}\n${node.type} ${header.text}`;
    const ordinal = this.#seen.get(key) ?? 0;
    this.#seen.set(key, ordinal + 1);
    const body = childByField(node, "body") ?? childByField(node, "consequence") ?? childOfType(node, "block");
    return {
      range: this.#lines.rangeAt(node.start, node.end),
      header: this.#lines.rangeAt(node.start, colon?.end ?? node.end),
      body: body === null ? null : this.#lines.rangeAt(body.start, body.end),
      kind: this.#kindOf(node),
      qualname,
      key,
      ordinal,
      identity: `${key}\n${ordinal}`,
      tokens: header.tokens,
      node,
    };
  }

  /** tree-sitter-python 0.25 takes `type(self).cache = {}` for the definition of a type alias, which has a name behind `type`. */
  #kindOf({ type, start }: SyntaxNode): string {
    const isAssignment =
      type === "type_alias_statement" && /^type\s*[[(.]/.test(this.#lines.text.slice(start, start + 20));
    return isAssignment ? "expression" : type.replace(/_(statement|definition|clause)$/, "");
  }
}

/** The colon before the body of a compound statement. */
export function headerColon(node: SyntaxNode): SyntaxNode | null {
  return childOfType(node, ":");
}

/** A decorator belongs to what it decorates: `@property` alone would be the same one everywhere in a class. */
function headerParts(node: SyntaxNode): readonly SyntaxNode[] {
  const colon = headerColon(node);
  if (colon !== null) return node.children.slice(0, node.children.indexOf(colon));
  const definition = node.type === "decorator" && node.parent !== null ? childByField(node.parent, "definition") : null;
  const name = definition === null ? null : childByField(definition, "name");
  return name === null ? [node] : [node, name];
}
