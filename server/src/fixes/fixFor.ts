import type { Place } from "../correlate/correlation.ts";
import type { Correlator } from "../correlate/correlator.ts";
import { calledExpression } from "../insights/callers.ts";
import { withoutImplied } from "../insights/eagerLookup.ts";
import { loadedRows } from "../insights/evidence.ts";
import type { EagerLookup, Finding } from "../insights/finding.ts";
import { placeKey } from "../insights/identity.ts";
import { querysetExpression } from "../insights/querysetExpression.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import { comparePositions, type Range, type TextEdit } from "../text/range.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import { adaptCountAssertions } from "./countAssertions.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { combined, type Effect, effectOf, rootsOf } from "./effect.ts";
import type { Fix, FixResult } from "./fix.ts";
import { writtenObstacle } from "./obstacles.ts";
import { endsTogether, type QuerysetPart, querysetPart } from "./querysetCalls.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

export interface FixContext {
  readonly reader: TraceReader;
  readonly correlator: Correlator;
}

/**
 * One edit for all findings, merged where they share a queryset, or the reason why there is none. Findings with mere advice are left out
 * of it. Given findings of several querysets, it is all of them or nothing: counts that tests assert fall by what they save together.
 */
export function fixFor(findings: readonly Finding[], context: FixContext): FixResult {
  const curable = findings.flatMap(({ remedy }) => (remedy.kind === "eager-load" ? [remedy] : []));
  if (curable.length === 0) {
    const advice = findings.flatMap(({ remedy }) => (remedy.kind === "advice" ? [remedy.text] : []));
    return withheld([...new Set(advice)].join(" ") || "There is nothing to change.");
  }
  const changes: Change[] = [];
  for (const remedies of Map.groupBy(curable, ({ chain }) => placeKey(chain)).values()) {
    const [first] = remedies;
    if (first === undefined) continue;
    const lookups = withoutImplied(remedies.flatMap((remedy) => remedy.lookups));
    const change = eagerLoading(first.chain, first.builder, lookups, context);
    if ("reason" in change) return withheld(change.reason);
    changes.push(change);
  }
  return { ok: true, fix: fixOf(changes, context) };
}

/** What changes at one queryset. */
interface Change {
  readonly path: string;
  readonly lookups: readonly EagerLookup[];
  readonly edits: readonly Edit[];
  readonly effect: Effect;
}

interface Refusal {
  readonly reason: string;
}

function eagerLoading(
  queryset: Place,
  builder: Place | null,
  lookups: readonly EagerLookup[],
  context: FixContext,
): Change | Refusal {
  const { reader, correlator } = context;
  const { path } = queryset;
  const { schema } = factsOf(reader);
  const roots = rootsOf(reader, correlator, queryset, builder, lookups);
  const target = findTarget(queryset, builder, roots, schema, context);
  if ("reason" in target) return target;
  const { file, chain, part } = target;
  const obstacle = writtenObstacle(chain, part, lookups) ?? recordedObstacle(factsOf(reader), roots, lookups);
  if (obstacle !== null) return { reason: obstacle };
  const edits = addEagerLoading(file, chain, part, lookups);
  if (edits.length === 0) {
    const paths = lookups.map((lookup) => lookup.path).join(", ");
    return { reason: `The queryset in ${path} names ${paths} already: record the tests again.` };
  }
  return { path, lookups, edits: joined(edits), effect: effectOf(reader, correlator, roots, lookups) };
}

function fixOf(changes: readonly Change[], { reader, correlator }: FixContext): Fix {
  const effect = combined(changes.map((change) => change.effect));
  const { edits, conflicts } = adaptCountAssertions(reader, correlator, effect);
  const title = changes.map(({ path, lookups }) => `${calls(lookups)} in ${path}`).join(", ");
  const changed = changes.flatMap((change) => change.edits.map((edit) => ({ file: change.path, ...edit })));
  return {
    title: conflicts.length === 0 ? `Add ${title}` : `Add ${title} (${conflicts.join("; ")})`,
    safety: conflicts.length === 0 ? "safe" : "changes-behaviour",
    edits: sorted([...changed, ...edits]),
  };
}

/** `select_related("customer", "site") and prefetch_related("items")` */
function calls(lookups: readonly EagerLookup[]): string {
  return [...Map.groupBy(lookups, ({ how }) => how)]
    .map(([how, group]) => `${how}(${group.map(({ path }) => `"${path}"`).join(", ")})`)
    .join(" and ");
}

interface Target {
  readonly file: PythonFile;
  readonly chain: Chain;
  readonly part: QuerysetPart;
}

/** The expression to edit, as it stands today. */
function findTarget(
  queryset: Place,
  builder: Place | null,
  roots: readonly QueryRow[],
  schema: Schema,
  context: FixContext,
): Target | Refusal {
  const { correlator } = context;
  const file = correlator.pythonFile(queryset.path);
  if (queryset.placement.state === "gone" || file === null) {
    return { reason: `The queryset in ${queryset.path} was edited after the recording: record the tests again.` };
  }
  const called = builder === null ? null : calledExpression(correlator, queryset);
  const expressions = roots.flatMap((root) => querysetExpression(correlator, schema, queryset, loadedRows(root)) ?? []);
  const expression = called === null ? expressions[0] : ({ kind: "chain", ...called } as const);
  const range =
    expression?.kind === "manager" ? expression.manager : (expression?.chain.range ?? queryset.placement.range);
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
