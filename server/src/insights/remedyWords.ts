import { otherLookup, sharedParents } from "./eagerLookup.ts";
import type { Load } from "./evidence.ts";
import type { Advice, EagerLookup, EagerRemedy } from "./finding.ts";
import { placeWords } from "./message.ts";
import { modelWords, quantity } from "./words.ts";

/** What a finding's message says that one should do: `Load them with the list: select_related("customer") in shop/views.py:21.` */
export function remedyWords(load: Load, remedy: EagerRemedy | Advice): string {
  if (remedy.kind === "advice") return remedy.text;
  const { lookups, chain } = remedy;
  const where = placeWords(chain);
  const name = chain.site.qualname.slice(chain.site.qualname.lastIndexOf(".") + 1);
  const shared = sharedWords(load);
  const why = shared ?? `Load them with the ${load.root.single ? modelWords(load.model) : "list"}`;
  switch (remedy.kind) {
    case "eager-load":
      return `${why}: ${calls(lookups)} in ${where}${shared === null ? "" : " loads each once"}.`;
    case "method-eager-load":
      return `${why}: ${calls(lookups)} in ${remedy.method}(), for all that call it.`;
    case "view-queryset":
      return `${why}: give ${name} a queryset with ${calls(lookups)} (${where}).`;
    case "list-select-related":
      return `${why}: give ${name} list_select_related = [${lookups.map(({ path }) => `"${path}"`).join(", ")}] (${where}).`;
    case "queryset-method":
      return `${why}: give ${name} a get_queryset() with ${calls(lookups)} (${where}).`;
  }
}

/** Why a join is not the best: `40 orders share 3 customers, …`; null where it is. */
function sharedWords(load: Load): string | null {
  const shared = otherLookup(load) === null ? undefined : sharedParents(load);
  if (shared === undefined) return null;
  const many = quantity(shared.instances, modelWords(shared.cause.model));
  const few = quantity(shared.parameters, modelWords(shared.cause.target));
  return `${many} share ${few}, which a join would send with each of them`;
}

function calls(lookups: readonly EagerLookup[]): string {
  return lookups.map(({ how, path }) => `${how}("${path}")`).join(" and ");
}
