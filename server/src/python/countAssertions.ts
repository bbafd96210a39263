import type { LineIndex } from "../text/columns.ts";
import type { Range } from "../text/range.ts";
import { type Argument, readCall } from "./chains.ts";
import type { Statement } from "./statements.ts";
import { childByField, type SyntaxNode } from "./syntax.ts";

/**
 * An assertion on the number of queries: Django's `assertNumQueries`, pytest-django's `django_assert_num_queries` and
 * `django_assert_max_num_queries`, as a context manager or (Django's) with a function to call.
 */
export interface CountAssertion {
  readonly name: string;
  /** `max`: at most that many (`django_assert_max_num_queries`, or `exact=False`). */
  readonly kind: "exact" | "max";
  /** The call. */
  readonly range: Range;
  /** The number's expression; null where none is given. */
  readonly countRange: Range | null;
  /** Null where the number is not a literal. */
  readonly value: number | null;
  /** The text of `using=…`, as written; null for the default database. */
  readonly using: string | null;
  /** The `with` statement's block; null for the form that calls a function itself. */
  readonly block: Range | null;
  readonly statement: Statement;
}

const names = new Set(["assertNumQueries", "django_assert_num_queries", "django_assert_max_num_queries"]);

/** False where no call in the text is such an assertion. */
export function mayAssertCounts(text: string): boolean {
  return /assertNumQueries|django_assert_(num|max_num)_queries/.test(text);
}

/** An assertion without its statement. */
export type CountAssertionFacts = Omit<CountAssertion, "statement">;

/**
 * Null where the node is no such assertion: neither an item of a `with` statement nor given a function.
 *
 * @param body of the statement that it stands in
 */
export function readCountAssertion(node: SyntaxNode, body: Range | null, lines: LineIndex): CountAssertionFacts | null {
  if (node.type !== "call") return null;
  const callee = childByField(node, "function");
  const called = callee?.type === "attribute" ? childByField(callee, "attribute") : callee;
  if (called?.type !== "identifier" || !names.has(lines.text.slice(called.start, called.end))) return null;
  const call = readCall(node, lines);
  const positional = call.arguments.filter((argument) => argument.keyword === null && !argument.isStarred);
  const named = (name: string) => call.arguments.find((argument) => argument.keyword === name) ?? null;
  const text = (argument: Argument | null) => (argument === null ? null : textOf(argument.valueRange, lines));
  const callsFunction = call.name === "assertNumQueries" && (positional.length > 1 || named("func") !== null);
  const block = isWithItem(node) ? body : null;
  if (block === null && !callsFunction) return null;
  const count = named("num") ?? positional[0] ?? null;
  const isMax = call.name === "django_assert_max_num_queries" || text(named("exact")) === "False";
  return {
    name: call.name,
    kind: isMax ? "max" : "exact",
    range: call.expression,
    countRange: count?.valueRange ?? null,
    value: count === null ? null : integerValue(textOf(count.valueRange, lines)),
    using: text(named("using")),
    block,
  };
}

/** `with call:`, `with call as x:`, and the same in parentheses. */
function isWithItem(node: SyntaxNode): boolean {
  let outer = node.parent;
  while (
    outer !== null &&
    (outer.type === "parenthesized_expression" || outer.type === "as_pattern" || outer.type === "tuple")
  ) {
    outer = outer.parent;
  }
  return outer?.type === "with_item";
}

function textOf(range: Range, lines: LineIndex): string {
  return lines.text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
}

function integerValue(text: string): number | null {
  const digits = text.replace(/_/g, "");
  return /^(0[xob][0-9a-f]+|[0-9]+)$/i.test(digits) ? Number(digits) : null;
}
