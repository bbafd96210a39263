import { isReadAsList } from "../python/consumers.ts";
import type { Loop } from "../python/loops.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { childByField, preorder, type SyntaxNode } from "../python/syntax.ts";
import { functionAround, isWritten, rowSource, textOf, variablesIn } from "../python/variables.ts";

/** `order.customer.address.city`: the attributes that are read of a loop's variable, from left to right. */
export interface RowUse {
  /** The variable. */
  readonly row: SyntaxNode;
  readonly steps: readonly { readonly name: string; readonly node: SyntaxNode }[];
  /** Not every turn comes there: it stands in a condition, or behind a `continue`. */
  readonly isConditional: boolean;
}

/** The uses of a loop's own variables that its turns come to; none of those in `except`, `raise` and functions that are made there. */
export function rowUses(file: PythonFile, loop: Loop): readonly RowUse[] {
  const node = loopNode(file, loop);
  if (node === null) return [];
  const names = new Set(targetsOf(node).flatMap((target) => namesIn(target, file.text)));
  const found: RowUse[] = [];
  for (const use of preorder(node)) {
    if (use.type !== "identifier" || use.field !== "object" || !names.has(textOf(use, file.text))) continue;
    if (use.parent?.type !== "attribute" || rowSource(use, file.text)?.loop !== node) continue;
    const context = contextOf(use, node);
    if (context === "unlikely") continue;
    const steps = stepsFrom(use, file.text);
    const written = steps.findIndex((step) => isWritten(step.node) || step.node.parent?.type === "delete_statement");
    const read = written === -1 ? steps : steps.slice(0, written);
    if (read.length > 0) found.push({ row: use, steps: read, isConditional: context === "conditional" });
  }
  return found;
}

/** The node of a loop: its statement's, else the comprehension's. */
export function loopNode(file: PythonFile, loop: Loop): SyntaxNode | null {
  let node: SyntaxNode | null = file.nodeAround(
    file.lines.offsetAt(loop.range.start),
    file.lines.offsetAt(loop.range.end),
  );
  while (node !== null && file.loopOf(node) !== loop) node = node.parent;
  return node;
}

/** What the loop's variables are assigned to: of a comprehension those of all its clauses. */
export function targetsOf(loop: SyntaxNode): readonly SyntaxNode[] {
  const clauses = loop.type === "for_statement" ? [loop] : loop.children.filter(({ type }) => type === "for_in_clause");
  return clauses.flatMap((clause) => childByField(clause, "left") ?? []);
}

export function namesIn(target: SyntaxNode, text: string): readonly string[] {
  return [...preorder(target)].filter(({ type }) => type === "identifier").map((node) => textOf(node, text));
}

function stepsFrom(use: SyntaxNode, text: string): RowUse["steps"] {
  const steps: { readonly name: string; readonly node: SyntaxNode }[] = [];
  for (let node: SyntaxNode | null = use.parent; node?.type === "attribute"; node = node.parent) {
    const name = childByField(node, "attribute");
    if (name === null) break;
    steps.push({ name: textOf(name, text), node });
    if (node.field !== "object") break;
  }
  return steps;
}

/** How surely a turn of the loop comes to a node in it. */
function contextOf(use: SyntaxNode, loop: SyntaxNode): "each" | "conditional" | "unlikely" {
  let isConditional = false;
  let inner = use;
  for (let outer = use.parent; outer !== null && inner !== loop; outer = outer.parent) {
    if (/^(except|finally)_clause|except_group_clause|raise_statement|assert_statement|lambda$/.test(outer.type))
      return "unlikely";
    isConditional ||= isCondition(outer, inner);
    // What stands behind `continue` or `break` of a condition runs in some turns only.
    if (outer.type === "block" && outer.parent === loop) isConditional ||= leavesBefore(outer, inner);
    inner = outer;
  }
  return isConditional ? "conditional" : "each";
}

function isCondition(outer: SyntaxNode, inner: SyntaxNode): boolean {
  switch (outer.type) {
    case "if_statement":
    case "elif_clause":
    case "match_statement":
      return inner.field !== "condition" || outer.type === "elif_clause";
    case "else_clause":
    case "case_clause":
      return true;
    case "conditional_expression":
      // `a if condition else b`
      return outer.children.filter(({ named }) => named)[1] !== inner;
    case "boolean_operator":
      return inner.field === "right";
    case "list_comprehension":
    case "set_comprehension":
    case "dictionary_comprehension":
    case "generator_expression":
      return inner.type !== "if_clause" && outer.children.some(({ type }) => type === "if_clause");
    default:
      return false;
  }
}

function leavesBefore(block: SyntaxNode, inner: SyntaxNode): boolean {
  return block.children
    .slice(0, block.children.indexOf(inner))
    .some((statement) =>
      [...preorder(statement)].some(({ type }) => /^(continue|break|return|raise)_statement$/.test(type)),
    );
}

/** The name that it is assigned to is read at all. */
function isReadLater(assignment: SyntaxNode, text: string): boolean {
  const left = childByField(assignment, "left");
  return (
    left?.type === "identifier" &&
    variablesIn(functionAround(assignment), textOf(left, text), text).some((node) => !isWritten(node))
  );
}

/** Whether a queryset's rows are surely asked for where its expression stands: it is gone through, measured, tested. */
export function isEvaluated(node: SyntaxNode, text: string): boolean {
  let outer = node;
  while (outer.parent?.type === "parenthesized_expression" || outer.parent?.type === "await") outer = outer.parent;
  return isReadAsList(outer, text) && (outer.parent?.type !== "assignment" || isReadLater(outer.parent, text));
}
