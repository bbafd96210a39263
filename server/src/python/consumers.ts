import { childByField, type SyntaxNode } from "./syntax.ts";
import { functionAround, isWritten, textOf, variablesIn } from "./variables.ts";

const takesAnyIterable: ReadonlySet<string> = new Set(
  "list tuple set frozenset sorted len any all sum min max enumerate zip bool iter reversed map filter".split(" "),
);

/**
 * Whether a value is only ever read in ways that a list allows as well as a queryset: looped over, measured, tested, indexed, sliced, handed to
 * Python's own functions. A variable that it is assigned to is followed through its function.
 */
export function isReadAsList(node: SyntaxNode, text: string): boolean {
  const outer = node.parent;
  switch (outer?.type) {
    case "parenthesized_expression":
      return isReadAsList(outer, text);
    case "for_statement":
    case "for_in_clause":
      return node.field === "right";
    case "if_statement":
    case "elif_clause":
    case "while_statement":
      return node.field === "condition";
    case "not_operator":
    case "list_splat":
    case "if_clause":
      return true;
    case "subscript":
      return node.field === "value";
    case "argument_list":
      return isTaken(outer, text);
    case "assignment":
      return isVariableReadAsList(node, outer, text);
    default:
      return false;
  }
}

function isTaken(list: SyntaxNode, text: string): boolean {
  const callee = list.parent === null ? null : childByField(list.parent, "function");
  if (callee?.type === "identifier") return takesAnyIterable.has(textOf(callee, text));
  const method = callee?.type === "attribute" ? childByField(callee, "attribute") : null;
  return method !== null && /^(join|extend|update|union|writerows)$/.test(textOf(method, text));
}

function isVariableReadAsList(value: SyntaxNode, assignment: SyntaxNode, text: string): boolean {
  const left = childByField(assignment, "left");
  if (value.field !== "right" || left?.type !== "identifier") return false;
  const nodes = variablesIn(functionAround(assignment), textOf(left, text), text);
  return nodes.every((node) => (isWritten(node) ? node === left : isReadAsList(node, text)));
}
