import { ownMethods } from "./alternatives.ts";
import { type Load, loadedRows } from "./evidence.ts";
import { expressionCalls } from "./expressionCalls.ts";
import type { MethodLoadField, Remedy } from "./finding.ts";
import { fieldPath } from "./leftOut.ts";
import type { TraceEvidence } from "./traceEvidence.ts";

/** Where a column is left out by none of the calls that are written there: the methods behind the expression may do so. */
export function deferringMethodOf(
  { facts, correlator }: TraceEvidence,
  remedy: Remedy,
  load: Load,
): MethodLoadField | null {
  const { queryset, model, names, root, row } = load;
  if (row.cause.kind !== "deferred_field" || remedy.kind !== "advice" || queryset === null || model === null)
    return null;
  const field = fieldPath(facts.schema, model, names);
  const [own] = expressionCalls(correlator, facts.schema, queryset, loadedRows(root));
  const methods = own === undefined ? [] : ownMethods(own.calls);
  if (field === null || methods.length === 0 || own?.calls.some(({ name }) => name === "only" || name === "defer"))
    return null;
  return { kind: "method-load-field", chain: queryset, model, methods, field };
}
