import { isComprehension } from "./scopes.ts";
import { childByField, childOfType, operands, preorder, type SyntaxNode, unparenthesized } from "./syntax.ts";

/** Where a loop's rows come from, as far as one function tells. */
export interface RowSource {
  /** The `for` statement or comprehension. */
  readonly loop: SyntaxNode;
  /** What is iterated over, without `enumerate()`, `list()` and their like. */
  readonly iterable: SyntaxNode;
}

/**
 * The loop whose variable a name is, at a place in its body; null where the name is anything else there, where the body gives it
 * another value, or where another function or lambda stands between.
 */
export function rowSource(use: SyntaxNode, text: string): RowSource | null {
  const name = textOf(use, text);
  let inner = use;
  for (let outer = use.parent; outer !== null; outer = outer.parent) {
    if (outer.type === "function_definition" || outer.type === "lambda" || outer.type === "class_definition")
      return null;
    const clause = bindingClause(outer, inner, name, text);
    if (clause !== null) {
      const iterable = childByField(clause, "right");
      const left = childByField(clause, "left");
      const others = variablesIn(outer, name, text).filter((node) => isWritten(node) && !isWithin(node, left));
      return iterable === null || left === null || others.length > 0
        ? null
        : sourceOf(outer, left, name, iterable, text);
    }
    inner = outer;
  }
  return null;
}

/** The nodes that mean the variable: no attributes, no keywords of calls. */
export function variablesIn(root: SyntaxNode, name: string, text: string): readonly SyntaxNode[] {
  return [...preorder(root)].filter((node) => isVariable(node) && textOf(node, text) === name);
}

/** All variables that an expression reads from around it, each once; what its own comprehensions and lambdas bind is left out. */
export function variablesRead(root: SyntaxNode, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const bound = new Set<string>();
  for (const node of preorder(root)) {
    if (!isVariable(node)) continue;
    (isWritten(node) ? bound : names).add(textOf(node, text));
  }
  return new Set([...names].filter((name) => !bound.has(name)));
}

/** Whether the variable is given a value there: assigned, looped over, imported, a parameter, deleted, … */
export function isWritten(variable: SyntaxNode): boolean {
  let inner = variable;
  for (let outer = variable.parent; outer !== null; outer = outer.parent) {
    switch (outer.type) {
      case "pattern_list":
      case "tuple_pattern":
      case "list_pattern":
      case "list_splat_pattern":
      case "dictionary_splat_pattern":
      case "expression_list":
      case "tuple":
      case "list":
        break;
      case "assignment":
      case "augmented_assignment":
      case "for_statement":
      case "for_in_clause":
        return inner.field === "left";
      case "named_expression":
      case "default_parameter":
      case "typed_default_parameter":
      case "function_definition":
      case "class_definition":
        return inner.field === "name";
      case "as_pattern_target":
      case "delete_statement":
      case "global_statement":
      case "nonlocal_statement":
      case "parameters":
      case "lambda_parameters":
      case "aliased_import":
      case "dotted_name":
      case "case_pattern":
        return true;
      case "typed_parameter":
        return inner.field !== "type";
      default:
        return false;
    }
    inner = outer;
  }
  return false;
}

/** The function around a node, or the whole module. */
export function functionAround(node: SyntaxNode): SyntaxNode {
  let outer = node;
  while (outer.parent !== null && outer.type !== "function_definition") outer = outer.parent;
  return outer;
}

/**
 * The values that a function gives a variable of its own, in order; null where it gets any in another way than by a plain assignment (as
 * a parameter, by `+=`, in a loop, …).
 */
export function assignedValues(within: SyntaxNode, name: string, text: string): readonly SyntaxNode[] | null {
  const values: SyntaxNode[] = [];
  for (const node of variablesIn(within, name, text)) {
    if (!isWritten(node)) continue;
    const assignment = node.parent;
    const value = assignment?.type === "assignment" ? childByField(assignment, "right") : null;
    if (value === null || functionAround(node) !== within) return null;
    values.push(withoutCopies(value, text));
  }
  return values.length === 0 ? null : values;
}

/** `list(x)`, `sorted(x, …)`, `(await x)`: the same rows. */
export function withoutCopies(node: SyntaxNode, text: string): SyntaxNode {
  const inner = unparenthesized(node);
  const [first] = inner.type === "call" ? argumentsOf(inner) : [];
  const callee = inner.type === "call" ? childByField(inner, "function") : null;
  if (inner.type === "await") {
    const [awaited] = operands(inner);
    return awaited === undefined ? inner : withoutCopies(awaited, text);
  }
  const copies = callee?.type === "identifier" && /^(list|tuple|sorted|reversed|iter)$/.test(textOf(callee, text));
  return copies && first !== undefined ? withoutCopies(first, text) : inner;
}

export function textOf({ start, end }: SyntaxNode, text: string): string {
  return text.slice(start, end);
}

function isVariable(node: SyntaxNode): boolean {
  if (node.type !== "identifier" || node.field === "attribute") return false;
  return !(node.parent?.type === "keyword_argument" && node.field === "name");
}

/** The `for` of `outer` that binds the name for what `inner` is part of. */
function bindingClause(outer: SyntaxNode, inner: SyntaxNode, name: string, text: string): SyntaxNode | null {
  const binds = (node: SyntaxNode) => {
    const left = childByField(node, "left");
    return left !== null && variablesIn(left, name, text).length > 0;
  };
  if (outer.type === "for_statement") return inner.field === "body" && binds(outer) ? outer : null;
  if (!isComprehension(outer)) return null;
  // A clause sees the variables of those before it only.
  const visible =
    inner.type === "for_in_clause" ? outer.children.slice(0, outer.children.indexOf(inner)) : outer.children;
  return visible.findLast((child) => child.type === "for_in_clause" && binds(child)) ?? null;
}

function sourceOf(
  loop: SyntaxNode,
  left: SyntaxNode,
  name: string,
  iterable: SyntaxNode,
  text: string,
): RowSource | null {
  const over = unparenthesized(iterable);
  if (left.type === "identifier") return { loop, iterable: withoutCopies(over, text) };
  const callee = over.type === "call" ? childByField(over, "function") : null;
  const index = operands(left).findIndex((child) => child.type === "identifier" && textOf(child, text) === name);
  const called = callee?.type === "identifier" ? textOf(callee, text) : "";
  if (callee === null || index === -1 || !/^(enumerate|zip)$/.test(called)) return null;
  if (called === "enumerate" && index !== 1) return null;
  const source = argumentsOf(over)[called === "zip" ? index : 0];
  return source === undefined ? null : { loop, iterable: withoutCopies(source, text) };
}

function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  const list = childByField(call, "arguments") ?? childOfType(call, "argument_list");
  return list === null ? [] : operands(list).filter(({ type }) => type !== "keyword_argument");
}

function isWithin(node: SyntaxNode, outer: SyntaxNode | null): boolean {
  return outer !== null && outer.start <= node.start && node.end <= outer.end;
}
