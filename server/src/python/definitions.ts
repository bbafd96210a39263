import type { LineIndex } from "../text/columns.ts";
import type { Range } from "../text/range.ts";
import type { Scopes } from "./scopes.ts";
import type { Statement } from "./statements.ts";
import { childByField, type SyntaxNode } from "./syntax.ts";

/** A class or function with its name. */
export interface Definition {
  readonly kind: "class" | "function";
  readonly name: string;
  /** Its own: what the frames of its code are called (`co_qualname`). */
  readonly qualname: string;
  /** With its body and its decorators. */
  readonly range: Range;
  readonly nameRange: Range;
  /** `def` or `class` to the colon. */
  readonly statement: Statement;
}

export function isDefinition({ type }: Pick<SyntaxNode, "type">): boolean {
  return type === "function_definition" || type === "class_definition";
}

/** A definition without its statement. */
export type DefinitionFacts = Omit<Definition, "statement">;

export function readDefinition(node: SyntaxNode, scopes: Scopes, lines: LineIndex): DefinitionFacts {
  const name = childByField(node, "name");
  const outer = node.parent?.type === "decorated_definition" ? node.parent : node;
  return {
    kind: node.type === "class_definition" ? "class" : "function",
    name: name === null ? "" : lines.text.slice(name.start, name.end),
    qualname: scopes.qualnameOf(node),
    range: lines.rangeAt(outer.start, outer.end),
    nameRange: lines.rangeAt(name?.start ?? node.start, name?.end ?? node.start),
  };
}
