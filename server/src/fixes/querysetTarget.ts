import type { Place } from "../correlate/correlation.ts";
import type { Correlator } from "../correlate/correlator.ts";
import { calledExpression, callerOf } from "../insights/callers.ts";
import { loadedRows } from "../insights/evidence.ts";
import type { EagerLookup } from "../insights/finding.ts";
import { placeKey } from "../insights/identity.ts";
import { type QuerysetExpression, querysetExpression } from "../insights/querysetExpression.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Range } from "../text/range.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import type { FixContext, Refusal } from "./change.ts";
import { endsTogether, type QuerysetPart, querysetPart } from "./querysetCalls.ts";

/** The chain of a queryset expression, and how much of it is a queryset that can still be changed. */
export interface QuerysetTarget {
  readonly file: PythonFile;
  readonly chain: Chain;
  readonly part: QuerysetPart;
  /** What must stand before anything that is added: `.objects` behind a bare model; else "". */
  readonly manager: string;
}

/** The expression to edit, as it stands today. */
export function querysetTarget(
  queryset: Place,
  builder: Place | null,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): QuerysetTarget | Refusal {
  const { correlator } = context;
  const file = correlator.pythonFile(queryset.path);
  if (queryset.placement.state === "gone" || file === null) {
    return { reason: `The queryset in ${queryset.path} was edited after the recording: record the tests again.` };
  }
  const called = builder === null ? null : calledExpression(correlator, queryset);
  const expressions = roots.flatMap((root) => querysetExpression(correlator, schema, queryset, loadedRows(root)) ?? []);
  const expression = called === null ? expressions[0] : ({ kind: "chain", ...called } as const);
  const range = expression === undefined ? queryset.placement.range : rangeOf(expression);
  const chain = expression === undefined ? null : file.chainAt(range);
  if (expression === undefined || chain === null) {
    return {
      reason: `No queryset is written at ${queryset.path}:${queryset.placement.range.start.line + 1}: it is built out of sight.`,
    };
  }
  if (expression.kind !== "chain") {
    const part = { calls: [], last: chain.links.at(-1) ?? "root", end: null } as const;
    const { model } = roots[0] === undefined ? { model: null } : loadedRows(roots[0]);
    return { file, chain, part, manager: expression.kind === "model" ? `.${schema.managerName(model)}` : "" };
  }
  const evaluated = evaluationRanges(roots, queryset, context);
  const part = querysetPart(chain, expression.made.expression, ({ expression: call }) =>
    evaluated.some((range) => endsTogether(range, call)),
  );
  return part === null
    ? { reason: `${expression.made.name}() evaluates the queryset itself: change the queryset inside it.` }
    : { file, chain, part, manager: "" };
}

function rangeOf(expression: QuerysetExpression): Range {
  switch (expression.kind) {
    case "chain":
      return expression.chain.range;
    case "manager":
      return expression.manager;
    case "model":
      return expression.model;
  }
}

/**
 * Where in the queryset's own file other user code was called that then ran its queries: a call that stands there has evaluated it inside.
 * (A `for` loop asks at the very place of the call that it iterates over, so the innermost frame tells nothing.)
 */
function evaluationRanges(roots: readonly QueryRow[], queryset: Place, context: FixContext): readonly Range[] {
  const stacks = new Set(roots.map(({ stackId }) => stackId));
  return [...stacks]
    .flatMap((stack) => context.reader.stack(stack).slice(0, -1))
    .filter((site) => site.path === queryset.path && site.column !== null)
    .flatMap((site) => {
      const { placement } = context.correlator.place(site);
      return placement.state === "gone" ? [] : [placement.range];
    });
}

/** The queries of a queryset expression, from whichever recording of it, whose rows the lookups start from. */
export function rootsOf(
  reader: TraceReader,
  correlator: Correlator,
  queryset: Place,
  builder: Place | null,
  lookups: readonly EagerLookup[],
): readonly QueryRow[] {
  // Where only lines are known, querysets of several models can stand at one place.
  return queriesOf(reader, correlator, queryset, builder).filter((row) => takes(factsOf(reader).schema, row, lookups));
}

/** `self.model._default_manager.all()` in a base class gives rows of one model after the other: a label of one that has no such relation, else null. */
export function otherModel(
  reader: TraceReader,
  correlator: Correlator,
  queryset: Place,
  builder: Place | null,
  lookups: readonly EagerLookup[],
): string | null {
  if ((builder ?? queryset).site.column === null) return null;
  const others = queriesOf(reader, correlator, queryset, builder).filter(
    (row) => row.cause.kind === "queryset" && !takes(factsOf(reader).schema, row, lookups),
  );
  return others[0] === undefined ? null : loadedRows(others[0]).model;
}

function queriesOf(
  reader: TraceReader,
  correlator: Correlator,
  queryset: Place,
  builder: Place | null,
): readonly QueryRow[] {
  const built = builder ?? queryset;
  const key = placeKey(built);
  const facts = factsOf(reader);
  const sites = correlator.sitesNow(built.path).filter((place) => placeKey(place) === key);
  return reader.rowsBuiltAt(sites.map(({ site }) => site.id)).filter((row) => {
    const caller = builder === null ? null : callerOf(facts, row);
    if (caller !== null && placeKey(correlator.place(caller)) !== placeKey(queryset)) return false;
    return reader.statement(row.statementId).verb === "select";
  });
}

function takes(schema: Schema, row: QueryRow, lookups: readonly EagerLookup[]): boolean {
  const { model } = loadedRows(row);
  return model === null || lookups.every(({ path }) => schema.path(model, path.split("__")) !== null);
}
