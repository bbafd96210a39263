import { standsForClass } from "../correlate/classPlacement.ts";
import type { Place } from "../correlate/correlation.ts";
import type { Load } from "./evidence.ts";
import type { EagerLookup, EagerRemedy } from "./finding.ts";
import type { TraceFacts } from "./traceFacts.ts";

/** What the framework has for it in such a class; null for any other place. */
export function classRemedy(
  facts: TraceFacts,
  loads: readonly Load[],
  place: Place,
  lookup: EagerLookup,
): EagerRemedy | null {
  const model = loads[0]?.model ?? null;
  if (!standsForClass(place.site) || model === null) return null;
  if (place.site.kind === "view") return { kind: "view-queryset", chain: place, model, lookups: [lookup] };
  const isList =
    place.site.kind === "model_admin" &&
    lookup.how === "select_related" &&
    loads.every(({ root }) => facts.scope(root.scopeId).view?.endsWith(".changelist_view") ?? false);
  return isList
    ? { kind: "list-select-related", chain: place, model, lookups: [lookup] }
    : { kind: "queryset-method", chain: place, lookups: [lookup] };
}
