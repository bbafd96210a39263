import type { Place } from "../correlate/correlation.ts";
import { comparePositions } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import { calledExpression, callerOf, handsBack } from "./callers.ts";
import type { Correlation, WrittenCall, WrittenChain } from "./ports.ts";
import { querysetExpression, type Rows } from "./querysetExpression.ts";
import type { Schema } from "./schema.ts";
import type { TraceFacts } from "./traceFacts.ts";

/** A chain, and its calls as far as they are those of the queryset that is asked about. */
export interface ExpressionCalls {
  readonly chain: WrittenChain;
  readonly calls: readonly WrittenCall[];
}

/**
 * What is called on the queryset that is made at a place: from there on in its own chain, and in those of the variable that it is assigned to, in the same
 * function. Empty where no call is written there.
 */
export function expressionCalls(
  correlator: Correlation,
  schema: Schema,
  place: Place,
  rows: Rows,
): readonly ExpressionCalls[] {
  const file = correlator.pythonFile(place.path);
  const expression = querysetExpression(correlator, schema, place, rows);
  const called = expression?.kind === "chain" ? expression : calledExpression(correlator, place);
  if (file === null || called === null) return [];
  const { chain, made } = called;
  const own = chain.calls.slice(made === chain.rootCall ? 0 : chain.calls.indexOf(made));
  const name = chain.target?.text;
  const code = file.statementAt(chain.range)?.qualname;
  const inFunction = file
    .chainsIn({ start: { line: 0, character: 0 }, end: { line: Number.MAX_SAFE_INTEGER, character: 0 } })
    .filter((other) => name !== undefined && (other.root === name || other.target?.text === name))
    .filter((other) => file.statementAt(other.range)?.qualname === code);
  // The variable may hold another queryset by then, or that one in some branches.
  const isShared = inFunction.some(
    ({ range, root }) => root !== name && comparePositions(range.start, chain.range.start) !== 0,
  );
  const others = inFunction.filter(
    ({ root, rootCall, range }) =>
      !isShared && root === name && rootCall === null && comparePositions(range.start, chain.range.end) > 0,
  );
  return [{ chain, calls: own }, ...others.map((other) => ({ chain: other, calls: other.calls }))];
}

/**
 * Where a row's queryset may be changed: at the place where it is made, and where the function is called whose value it is.
 *
 * @param made where the row's queryset is made
 */
export function changingPlaces(
  facts: TraceFacts,
  correlator: Correlation,
  row: QueryRow,
  made: Place,
): readonly Place[] {
  const caller = callerOf(facts, row);
  const isOwn = caller !== null && caller.kind === "python" && !facts.tests.has(caller.path);
  return isOwn && handsBack(correlator, made) ? [made, correlator.place(caller)] : [made];
}
