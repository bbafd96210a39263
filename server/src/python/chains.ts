import type { LineIndex } from "../text/columns.ts";
import type { Position, Range } from "../text/range.ts";
import { stringValue } from "./strings.ts";
import { childByField, isTrivia, operands, type SyntaxNode, unparenthesized } from "./syntax.ts";

export interface Argument {
  /** As written, with its keyword or stars. */
  readonly text: string;
  readonly range: Range;
  /** The name before `=`; null for positional and starred arguments. */
  readonly keyword: string | null;
  /** `*args` or `**kwargs`. */
  readonly isStarred: boolean;
  /** Without its keyword. */
  readonly valueRange: Range;
  readonly isString: boolean;
  /** What a plain string literal means; null for anything else (f-strings, names). */
  readonly stringValue: string | null;
}

/** One step of a chain, behind what stands to its left. `range` covers the step alone, from its dot or bracket to its end. */
export type Link = AttributeLink | Call | SubscriptLink | AwaitLink;

interface LinkBase {
  readonly range: Range;
  /** The whole expression up to and with this link. */
  readonly expression: Range;
  readonly node: SyntaxNode;
}

export interface AttributeLink extends LinkBase {
  readonly kind: "attribute";
  readonly name: string;
  readonly nameRange: Range;
  readonly dot: Position;
}

/** A method call (`.filter(…)`), or a call of what stands before it (`factory(…)`, `table[0](…)`). */
export interface Call extends LinkBase {
  readonly kind: "call";
  /** The method's or function's name; "" where what is called has none. */
  readonly name: string;
  readonly nameRange: Range;
  /** Null for a call that is no method call. */
  readonly dot: Position | null;
  /** With the parentheses. */
  readonly argsRange: Range;
  readonly arguments: readonly Argument[];
  /** `f(x for x in y)`: no argument can be added. */
  readonly isGeneratorCall: boolean;
}

export interface SubscriptLink extends LinkBase {
  readonly kind: "subscript";
  readonly isSlice: boolean;
}

export interface AwaitLink extends LinkBase {
  readonly kind: "await";
}

/** What a chain is assigned to: the name (`orders`), or the dotted text (`self.queryset`). */
export interface Target {
  readonly text: string;
  readonly range: Range;
  /** `queryset = …` in a class body. */
  readonly isClassLevel: boolean;
}

/** An outermost chain of attributes, calls and subscripts: `Order.objects.filter(paid=True)[:5]`. */
export interface Chain {
  readonly range: Range;
  /** What stands before the first method call, without whitespace: `Order.objects`, `super()`, `orders`, `self.get_queryset`'s `self`. */
  readonly root: string;
  readonly rootRange: Range;
  /** Where the root is itself a call of a bare name (`super()`, `get_orders(request)`). */
  readonly rootCall: Call | null;
  /** The method calls, from left to right; without `rootCall`. */
  readonly calls: readonly Call[];
  /** Everything behind the leading name or expression, from left to right. */
  readonly links: readonly Link[];
  /** Null where the chain is not all of an assignment's right-hand side (`await` and parentheses aside). */
  readonly target: Target | null;
  readonly node: SyntaxNode;
}

const steps = new Set(["attribute", "call", "subscript", "await", "parenthesized_expression"]);
const heads = new Set(["attribute", "call", "subscript", "identifier", "await"]);

/** The node at the outer end of the chain that the node is a step of; null where it is no part of a chain. */
export function outermostOfChain(node: SyntaxNode): SyntaxNode | null {
  let outer = node;
  // A call's parentheses and a method's name are parts of steps; a keyword argument's name is none.
  if (node.parent !== null && node.type === "argument_list" && node.parent.type === "call") outer = node.parent;
  if (node.parent !== null && node.type === "identifier" && node.field === "attribute") outer = node.parent;
  if (node.parent?.type === "keyword_argument" && node.field === "name") return null;
  if (!heads.has(unparenthesized(outer).type)) return null;
  while (outer.parent !== null && continues(outer, outer.parent)) outer = outer.parent;
  return unparenthesized(outer);
}

/** The same as being its own `outermostOfChain`, without going all the way out from each step of a long chain. */
export function isOutermostOfChain(node: SyntaxNode): boolean {
  const { parent } = node;
  const isStep = parent !== null && parent.type !== "parenthesized_expression" && parent.type !== "await";
  return !(isStep && continues(node, parent)) && outermostOfChain(node) === node;
}

/** Whether `outer` goes on with the chain that ends in `inner`, rather than taking it as an argument or operand. */
function continues(inner: SyntaxNode, outer: SyntaxNode): boolean {
  switch (outer.type) {
    case "attribute":
      return inner.field === "object";
    case "call":
      return inner.field === "function";
    case "subscript":
      return inner.field === "value";
    case "await":
    case "parenthesized_expression":
      return true;
    default:
      return false;
  }
}

export function readChain(node: SyntaxNode, lines: LineIndex): Chain {
  const links: Link[] = [];
  let head = node;
  while (steps.has(head.type)) {
    const link = readLink(head, lines);
    if (link !== null) links.push(link);
    const next = stepInto(head);
    if (next === null) break;
    head = next;
  }
  links.reverse();
  const calls = links.filter((link) => link.kind === "call");
  const rootCall = links[0]?.kind === "call" && links[0].dot === null ? links[0] : null;
  const methods = rootCall === null ? calls : calls.slice(1);
  const firstMethod = methods[0];
  const rootEnd = firstMethod === undefined ? lines.positionAt(node.end) : rootEndBefore(firstMethod, lines);
  const rootRange = { start: lines.positionAt(head.start), end: rootEnd };
  return {
    range: lines.rangeAt(node.start, node.end),
    root: compactText(node, lines.offsetAt(rootRange.start), lines.offsetAt(rootRange.end), lines.text),
    rootRange,
    rootCall,
    calls: methods,
    links,
    target: readTarget(node, lines),
    node,
  };
}

/** The call's own name's left neighbour ends the root. */
function rootEndBefore(call: Call, lines: LineIndex): Position {
  const callee = childByField(call.node, "function");
  const object = callee === null ? null : childByField(callee, "object");
  return lines.positionAt(object?.end ?? callee?.end ?? call.node.start);
}

function stepInto(node: SyntaxNode): SyntaxNode | null {
  switch (node.type) {
    case "attribute":
      return childByField(node, "object");
    case "call": {
      const callee = childByField(node, "function");
      return callee?.type === "attribute" ? childByField(callee, "object") : callee;
    }
    case "subscript":
      return childByField(node, "value");
    case "parenthesized_expression": {
      const inner = unparenthesized(node);
      return heads.has(inner.type) && inner !== node ? inner : null;
    }
    default:
      return operands(node)[0] ?? null;
  }
}

function readLink(node: SyntaxNode, lines: LineIndex): Link | null {
  const expression = lines.rangeAt(node.start, node.end);
  switch (node.type) {
    case "attribute": {
      const { name, nameRange, dot } = readAttribute(node, lines);
      return { kind: "attribute", name, nameRange, dot, range: { start: dot, end: expression.end }, expression, node };
    }
    case "call":
      return readCall(node, lines);
    case "subscript": {
      const bracket = node.children.find((child) => child.type === "[");
      const isSlice = node.children.some((child) => child.type === "slice");
      return {
        kind: "subscript",
        isSlice,
        range: lines.rangeAt(bracket?.start ?? node.end, node.end),
        expression,
        node,
      };
    }
    case "await":
      return { kind: "await", range: expression, expression, node };
    default:
      return null;
  }
}

function readAttribute(node: SyntaxNode, lines: LineIndex) {
  const name = childByField(node, "attribute");
  const dot = node.children.find((child) => child.type === ".");
  return {
    name: name === null ? "" : lines.text.slice(name.start, name.end),
    nameRange: lines.rangeAt(name?.start ?? node.end, name?.end ?? node.end),
    dot: lines.positionAt(dot?.start ?? node.end),
  };
}

export function readCall(node: SyntaxNode, lines: LineIndex): Call {
  const callee = childByField(node, "function") ?? node;
  const list = childByField(node, "arguments");
  const method = callee.type === "attribute" ? readAttribute(callee, lines) : null;
  const argsRange = lines.rangeAt(list?.start ?? node.end, list?.end ?? node.end);
  const isName = callee.type === "identifier";
  return {
    kind: "call",
    name: method?.name ?? (isName ? lines.text.slice(callee.start, callee.end) : ""),
    nameRange:
      method?.nameRange ??
      (isName ? lines.rangeAt(callee.start, callee.end) : { start: argsRange.start, end: argsRange.start }),
    dot: method?.dot ?? null,
    argsRange,
    arguments: list?.type === "argument_list" ? operands(list).map((argument) => readArgument(argument, lines)) : [],
    isGeneratorCall: list?.type === "generator_expression",
    range: { start: method?.dot ?? (isName ? lines.positionAt(callee.start) : argsRange.start), end: argsRange.end },
    expression: lines.rangeAt(node.start, node.end),
    node,
  };
}

function readArgument(node: SyntaxNode, lines: LineIndex): Argument {
  const keyword = node.type === "keyword_argument" ? childByField(node, "name") : null;
  const value = (keyword === null ? null : childByField(node, "value")) ?? node;
  const literal = unparenthesized(value);
  return {
    text: lines.text.slice(node.start, node.end),
    range: lines.rangeAt(node.start, node.end),
    keyword: keyword === null ? null : lines.text.slice(keyword.start, keyword.end),
    isStarred: node.type === "list_splat" || node.type === "dictionary_splat",
    valueRange: lines.rangeAt(value.start, value.end),
    isString: literal.type === "string" || literal.type === "concatenated_string",
    stringValue: stringValue(literal, lines.text),
  };
}

function readTarget(chain: SyntaxNode, lines: LineIndex): Target | null {
  let value = chain;
  while (value.parent?.type === "parenthesized_expression" || value.parent?.type === "await") value = value.parent;
  const assignment = value.parent;
  const isAssigned = assignment?.type === "assignment" && value.field === "right";
  const isNamed = assignment?.type === "named_expression" && value.field === "value";
  if (assignment === null || (!isAssigned && !isNamed)) return null;
  const target = childByField(assignment, isAssigned ? "left" : "name");
  if (target === null || (target.type !== "identifier" && target.type !== "attribute")) return null;
  const block = assignment.parent?.parent;
  return {
    text: compactText(target, target.start, target.end, lines.text),
    range: lines.rangeAt(target.start, target.end),
    isClassLevel: isAssigned && block?.type === "block" && block.parent?.type === "class_definition",
  };
}

/** The tokens between two offsets, joined: whitespace only where two words would run together, no comments or continuations. */
function compactText(within: SyntaxNode, start: number, end: number, text: string): string {
  const parts: string[] = [];
  const waiting = [within];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.end <= start || node.start >= end || isTrivia(node)) continue;
    if (node.children.length === 0 || node.type === "string" || node.type === "argument_list") {
      parts.push(text.slice(node.start, Math.min(node.end, end)));
    } else {
      waiting.push(...node.children.toReversed());
    }
  }
  return parts.reduce(
    (joined, part) => (/\w$/.test(joined) && /^\w/.test(part) ? `${joined} ${part}` : joined + part),
    "",
  );
}
