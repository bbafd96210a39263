import { calledExpression } from "./callers.ts";
import { otherLookup } from "./eagerLookup.ts";
import type { Load } from "./evidence.ts";
import type { EagerRemedy, PerRowRemedy } from "./finding.ts";
import type { Correlation, WrittenCall } from "./ports.ts";
import { lazyMethods } from "./querysetExpression.ts";

/** Other ways to load it along: the other one of join and prefetch, where both would serve; the method that the expression calls, for all its callers. */
export function alternativesTo(correlator: Correlation, remedy: PerRowRemedy, load: Load): readonly EagerRemedy[] {
  if (remedy.kind !== "eager-load" && remedy.kind !== "view-queryset") return [];
  const other = otherLookup(load);
  const otherWay = other === null ? [] : [{ ...remedy, lookups: [other] }];
  const method = remedy.kind === "eager-load" && remedy.builder === null ? methodOf(correlator, load) : null;
  if (method === null || load.model === null) return otherWay;
  const { chain, lookups } = remedy;
  return [...otherWay, { kind: "method-eager-load", chain, model: load.model, method, lookups }];
}

/** The methods that the expression calls on its queryset and that are not Django's. */
export function ownMethods(calls: readonly WrittenCall[]): readonly string[] {
  return calls
    .map(({ name }) => name)
    .filter((name) => !lazyMethods.has(name) && !djangoMethods.has(name) && name !== "");
}

/** `paid` of `Order.objects.paid()`; null for Django's own methods. */
function methodOf(correlator: Correlation, { queryset, root }: Load): string | null {
  const called = queryset === null || root.cause.kind !== "queryset" ? null : calledExpression(correlator, queryset);
  if (called === null || called.made === called.chain.rootCall) return null;
  const { name } = called.made;
  return lazyMethods.has(name) || djangoMethods.has(name) ? null : name;
}

/** Beside those that return a queryset: what evaluates one, or makes another thing of it. */
const djangoMethods: ReadonlySet<string> = new Set(
  [
    ...["get", "first", "last", "earliest", "latest", "in_bulk", "iterator", "count", "exists", "aggregate"],
    ...["create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "delete"],
  ].flatMap((name) => [name, `a${name}`]),
);
