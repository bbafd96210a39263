import type { Place } from "../correlate/correlation.ts";
import { otherLookup, sharedParents } from "./eagerLookup.ts";
import type { Load } from "./evidence.ts";
import type { Annotate, EagerLookup, EagerRemedy, LoadField, PerRowRemedy, ViewAnnotation } from "./finding.ts";
import { placeWords, plainApi } from "./message.ts";
import { countName, existsName } from "./relatedUse.ts";
import { modelWords, quantity } from "./words.ts";

/** What a finding's message says that one should do: `Load them with the list: select_related("customer") in shop/views.py:21.` */
export function remedyWords(load: Load, remedy: PerRowRemedy): string {
  switch (remedy.kind) {
    case "advice":
      return remedy.text;
    case "prefetch-object":
      return `A plain prefetch would not serve this, as the rows are filtered, ordered or cut for each: use prefetch_related(Prefetch("${remedy.related.prefetch}", queryset=…, to_attr=…)) in ${placeWords(remedy.chain)} and read that attribute.`;
    case "annotate":
      return annotateWords(load, remedy);
    case "view-annotation":
      return viewAnnotationWords(load, remedy);
    case "load-field":
      return loadFieldWords(remedy);
    default:
      return eagerWords(load, remedy);
  }
}

function eagerWords(load: Load, remedy: EagerRemedy): string {
  const { lookups, chain } = remedy;
  const where = placeWords(chain);
  const name = classNamed(chain);
  const shared = sharedWords(load);
  const why = shared ?? `Load them with the ${load.root.single ? modelWords(load.model) : "list"}`;
  switch (remedy.kind) {
    case "eager-load":
      return `${why}: ${calls(lookups)} in ${where}${shared === null ? "" : " loads each once"}${unasked(load)}.`;
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

/** Why a prefetch serves what is only counted or asked for. */
function unasked({ row: { cause } }: Load): string {
  return cause.refined ? `; ${plainApi(cause.api)}() then runs no query` : "";
}

/** `Let only() name it too: only(…, "summary") in blog/views.py:41.` */
function loadFieldWords({ chain, field: { path }, by, written }: LoadField): string {
  const where = `${chain.path}:${written.start.line + 1}`;
  return by === "only"
    ? `Let only() name it too: only(…, "${path}") in ${where}.`
    : `Take "${path}" out of defer() in ${where}.`;
}

/** `Count them with the list: annotate(comment_count=Count("comments")) in blog/views.py:32, and read comment_count.` */
function annotateWords(load: Load, { chain, related, unfiltered }: Annotate): string {
  const { accessor, query } = related;
  const where = `in ${placeWords(chain)}`;
  switch (plainApi(load.row.cause.api)) {
    case "exists": {
      const name = unfiltered ? existsName(accessor, []) : "…";
      return `Ask with the list: annotate(${name}=Exists(…)) ${where}, and read ${unfiltered ? name : "that"}.`;
    }
    case "aggregate":
      return `Add them up with the list: annotate(…) with the same aggregate over "${query}" ${where}, and read that.`;
    default: {
      const name = unfiltered ? countName(accessor, []) : "…";
      const filter = unfiltered ? "" : ", filter=Q(…)";
      return `Count them with the list: annotate(${name}=Count("${query}"${filter})) ${where}, and read ${unfiltered ? name : "that"}.`;
    }
  }
}

/** `Count them with the list: give Categories a queryset with annotate(product_count=Count("products")) (shop/views.py:4), and read product_count.` */
function viewAnnotationWords(load: Load, { chain, related: { accessor, query } }: ViewAnnotation): string {
  const isCount = plainApi(load.row.cause.api) === "count";
  const name = isCount ? countName(accessor, []) : existsName(accessor, []);
  const asked = isCount ? `Count("${query}")` : "Exists(…)";
  return `${isCount ? "Count them" : "Ask"} with the list: give ${classNamed(chain)} a queryset with annotate(${name}=${asked}) (${placeWords(chain)}), and read ${name}.`;
}

function classNamed({ site: { qualname } }: Place): string {
  return qualname.slice(qualname.lastIndexOf(".") + 1);
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
