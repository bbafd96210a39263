import type { Place } from "../correlate/correlation.ts";
import type { Correlator } from "../correlate/correlator.ts";
import { withoutImplied } from "../insights/eagerLookup.ts";
import type { EagerLookup, Finding } from "../insights/finding.ts";
import { placeKey } from "../insights/identity.ts";
import { querysetExpression } from "../insights/querysetExpression.ts";
import { Schema } from "../insights/schema.ts";
import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import { comparePositions, type Range, type TextEdit } from "../text/range.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import { adaptCountAssertions } from "./countAssertions.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { effectOf, rowsBuiltAt } from "./effect.ts";
import type { FixResult } from "./fix.ts";
import { writtenObstacle } from "./obstacles.ts";
import { endsTogether, type QuerysetPart, querysetPart } from "./querysetCalls.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

export interface FixContext {
  readonly reader: TraceReader;
  readonly correlator: Correlator;
}

/** One merged edit for findings that share a queryset, or the reason why there is none. Findings with mere advice are left out of it. */
export function fixFor(findings: readonly Finding[], context: FixContext): FixResult {
  const curable = findings.flatMap(({ remedy }) => (remedy.kind === "eager-load" ? [remedy] : []));
  const [first] = curable;
  if (first === undefined) {
    const advice = findings.flatMap(({ remedy }) => (remedy.kind === "advice" ? [remedy.text] : []));
    return withheld([...new Set(advice)].join(" ") || "There is nothing to change.");
  }
  if (curable.some(({ chain }) => placeKey(chain) !== placeKey(first.chain))) {
    return withheld("These findings need changes at different querysets.");
  }
  return eagerLoadingFix(first.chain, withoutImplied(curable.flatMap(({ lookups }) => lookups)), context);
}

function eagerLoadingFix(queryset: Place, lookups: readonly EagerLookup[], context: FixContext): FixResult {
  const { reader, correlator } = context;
  const { path } = queryset;
  const roots = rowsBuiltAt(reader, correlator, queryset);
  const schema = new Schema(reader.models());
  const target = findTarget(queryset, roots, schema, context);
  if ("reason" in target) return withheld(target.reason);
  const { file, chain, part } = target;
  const obstacle = writtenObstacle(chain, part, lookups) ?? recordedObstacle(reader, schema, roots, lookups);
  if (obstacle !== null) return withheld(obstacle);
  const edits = addEagerLoading(file, chain, part, lookups);
  if (edits.length === 0) {
    return withheld(
      `The queryset in ${path} names ${lookups.map((lookup) => lookup.path).join(", ")} already: record the tests again.`,
    );
  }
  const adaptation = adaptCountAssertions(reader, correlator, effectOf(reader, correlator, queryset, lookups));
  const title = `Add ${lookups.map(({ how, path }) => `${how}("${path}")`).join(" and ")} in ${path}`;
  return {
    ok: true,
    fix: {
      title: adaptation.conflicts.length === 0 ? title : `${title} (${adaptation.conflicts.join("; ")})`,
      safety: adaptation.conflicts.length === 0 ? "safe" : "changes-behaviour",
      edits: sorted([...joined(edits).map((edit) => ({ file: path, ...edit })), ...adaptation.edits]),
    },
  };
}

interface Target {
  readonly file: PythonFile;
  readonly chain: Chain;
  readonly part: QuerysetPart;
}

/** The expression to edit, as it stands today. */
function findTarget(
  queryset: Place,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Target | { readonly reason: string } {
  const { correlator } = context;
  const file = correlator.pythonFile(queryset.path);
  if (queryset.placement.state === "gone" || file === null) {
    return { reason: `The queryset in ${queryset.path} was edited after the recording: record the tests again.` };
  }
  const accessors = new Set(roots.map(({ cause }) => (cause.kind === "queryset" ? null : cause.field)));
  const expressions = [...accessors, null].flatMap(
    (accessor) => querysetExpression(correlator, schema, queryset, accessor) ?? [],
  );
  const [expression] = expressions;
  const range = expression?.kind === "manager" ? expression.manager : queryset.placement.range;
  const chain = expression === undefined ? null : file.chainAt(range);
  if (expression === undefined || chain === null) {
    return {
      reason: `No queryset is written at ${queryset.path}:${queryset.placement.range.start.line + 1}: it is built out of sight.`,
    };
  }
  if (expression.kind === "manager")
    return { file, chain, part: { calls: [], last: chain.links.at(-1) ?? "root", end: null } };
  const evaluated = evaluationRanges(roots, queryset, context);
  const part = querysetPart(chain, expression.made.expression, ({ expression: call }) =>
    evaluated.some((range) => endsTogether(range, call)),
  );
  return part === null
    ? { reason: `${expression.made.name}() evaluates the queryset itself: change the queryset inside it.` }
    : { file, chain, part };
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

/** Insertions at one position as one edit: not every client keeps the order of several. */
function joined(edits: readonly Edit[]): readonly Edit[] {
  const result: Edit[] = [];
  for (const edit of edits) {
    const index = result.findIndex(
      ({ range }) =>
        comparePositions(range.start, edit.range.start) === 0 && comparePositions(range.end, edit.range.end) === 0,
    );
    const same = result[index];
    if (same === undefined) result.push(edit);
    else result[index] = { range: same.range, newText: same.newText + edit.newText };
  }
  return result;
}

function sorted(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...edits].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || comparePositions(a.range.start, b.range.start),
  );
}

function withheld(reason: string): FixResult {
  return { ok: false, withheld: { reason } };
}
