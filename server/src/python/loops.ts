import type { LineIndex } from "../text/columns.ts";
import type { Position, Range } from "../text/range.ts";
import { isComprehension } from "./scopes.ts";
import type { Statement } from "./statements.ts";
import { headerColon } from "./statements.ts";
import { childByField, childOfType, operands, type SyntaxNode } from "./syntax.ts";

export type LoopKind = "for" | "async for" | "while" | "comprehension" | "generator";

export interface Loop {
  readonly kind: LoopKind;
  readonly range: Range;
  /** `for x in xs:`, `while condition:`; of a comprehension all its `for` and `if` clauses. */
  readonly header: Range;
  /** What runs per turn: the block; of a comprehension its element. */
  readonly body: Range;
  /** What is iterated over (a comprehension's outermost iterable); null for `while`. It is evaluated once per run of the loop. */
  readonly iterable: Range | null;
  /** Of `for`, `while` or `async`. A comprehension's lens stands at its range's start instead. */
  readonly keywordPosition: Position;
  /** Where a lens stands: the loop's first character and the end of its line or header, whichever comes first. */
  readonly lens: Range;
  /** The loop itself, or the statement whose header holds the comprehension. */
  readonly statement: Statement;
}

export function isLoop(node: Pick<SyntaxNode, "type">): boolean {
  return node.type === "for_statement" || node.type === "while_statement" || isComprehension(node);
}

/**
 * False for a comprehension that only the parser's error recovery sees: behind an open bracket it takes a `for` statement, and all lines up to
 * it, for one. A number would stand at the bracket.
 */
export function isReadWhole(node: SyntaxNode): boolean {
  return !isComprehension(node) || node.ofTypes(errors).length === 0;
}

const errors: ReadonlySet<string> = new Set(["ERROR"]);

/** What a `for` loop iterates over, or a comprehension in its outermost clause; null for all other nodes. */
export function iterableOf(node: SyntaxNode): SyntaxNode | null {
  if (node.type === "for_statement") return childByField(node, "right");
  const clause = isComprehension(node) ? childOfType(node, "for_in_clause") : null;
  return clause === null ? null : childByField(clause, "right");
}

/** A loop without its statement. */
export type LoopFacts = Omit<Loop, "statement">;

export function readLoop(node: SyntaxNode, lines: LineIndex): LoopFacts {
  return isComprehension(node) ? readComprehension(node, lines) : readLoopStatement(node, lines);
}

function readLoopStatement(node: SyntaxNode, lines: LineIndex): LoopFacts {
  const header = lines.rangeAt(node.start, headerColon(node)?.end ?? node.end);
  const body = childByField(node, "body");
  const iterable = iterableOf(node);
  return {
    kind: node.type === "while_statement" ? "while" : isAsync(node) ? "async for" : "for",
    range: lines.rangeAt(node.start, node.end),
    header,
    body: body === null ? { start: header.end, end: header.end } : lines.rangeAt(body.start, body.end),
    iterable: iterable === null ? null : lines.rangeAt(iterable.start, iterable.end),
    keywordPosition: header.start,
    lens: firstLine(header, lines),
  };
}

function readComprehension(node: SyntaxNode, lines: LineIndex): LoopFacts {
  const clauses = node.children.filter((child) => child.type === "for_in_clause" || child.type === "if_clause");
  const [first] = clauses;
  const element = childByField(node, "body") ?? operands(node)[0] ?? node;
  const range = lines.rangeAt(node.start, node.end);
  const iterable = iterableOf(node);
  return {
    kind: node.type === "generator_expression" ? "generator" : "comprehension",
    range,
    header: lines.rangeAt(first?.start ?? node.start, clauses.at(-1)?.end ?? node.end),
    body: lines.rangeAt(element.start, element.end),
    iterable: iterable === null ? null : lines.rangeAt(iterable.start, iterable.end),
    keywordPosition: lines.positionAt(first?.start ?? node.start),
    lens: firstLine(range, lines),
  };
}

function isAsync(node: SyntaxNode): boolean {
  return childOfType(node, "async") !== null;
}

function firstLine(range: Range, lines: LineIndex): Range {
  if (range.end.line === range.start.line) return range;
  return { start: range.start, end: { line: range.start.line, character: lines.lineText(range.start.line).length } };
}
