import type { Place } from "../correlate/correlation.ts";
import { otherLookup, sharedParents } from "./eagerLookup.ts";
import type { Load } from "./evidence.ts";
import type { Confidence, EagerLookup } from "./finding.ts";
import type { Measure } from "./measure.ts";
import { attributeWords, fieldWords, formatNumber, modelWords, plural, quantity, scopeWords } from "./words.ts";

/** One or two sentences that a colleague would write: what happens, what it costs and where, what to do. */
export function messageFor(load: Load, measure: Measure, confidence: Confidence, remedy: string): string {
  return `${symptom(load, measure, confidence)} ${remedy}`;
}

/** `Load them with the list: select_related("customer") in shop/views.py:21.` */
export function eagerWords(load: Load, lookup: EagerLookup, queryset: Place): string {
  const call = `${lookup.how}("${lookup.path}") in ${placeWords(queryset)}`;
  const shared = otherLookup(load) === null ? undefined : sharedParents(load);
  if (shared !== undefined) {
    const many = quantity(shared.instances, modelWords(shared.cause.model));
    const few = quantity(shared.parameters, modelWords(shared.cause.target));
    return `${many} share ${few}, which a join would send with each of them: ${call} loads each once.`;
  }
  const together = load.root.single ? modelWords(load.model) : "list";
  return `Load them with the ${together}: ${call}.`;
}

export function placeWords({ path, placement, site }: Place): string {
  return `${path}:${placement.state === "gone" ? site.line : placement.range.start.line + 1}`;
}

function symptom(load: Load, measure: Measure, confidence: Confidence): string {
  const one = modelWords(load.row.cause.model);
  const many = plural(one);
  const where = scopeWords(measure.scope);
  const { fired, rows, count } = measure;
  const field = fieldWords(load.at);
  const reason = field === null ? "" : ` for the ${field}`;
  if (confidence === "suspected") {
    const seen = fired === 1 ? `one ${one}` : quantity(fired, one);
    return `Each ${one} ${verb(load, true)}${reason} with a query of its own (seen with ${seen} in ${where}): one more for every ${one}.`;
  }
  const subject =
    fired >= rows ? `Each of ${formatNumber(rows)} ${many}` : `${formatNumber(fired)} of ${formatNumber(rows)} ${many}`;
  return `${subject} ${verb(load, fired >= rows)}${reason}: ${quantity(count, "extra query")} in ${where}.`;
}

/** `loads its customer`, `load their items`, `counts its comments`, `queries its tags`. */
function verb({ row }: Load, isOne: boolean): string {
  const what = `${isOne ? "its" : "their"} ${attributeWords(row.cause.field ?? "rows")}`;
  switch (row.cause.refined ? plainApi(row.cause.api) : null) {
    case null:
      return `${isOne ? "loads" : "load"} ${what}`;
    case "count":
      return `${isOne ? "counts" : "count"} ${what}`;
    case "exists":
      return `${isOne ? "asks" : "ask"} whether there are any of ${what}`;
    case "aggregate":
      return `${isOne ? "adds" : "add"} up ${what}`;
    default:
      return `${isOne ? "queries" : "query"} ${what}`;
  }
}

/** `count` for `acount` too. */
export function plainApi(api: string | null): string {
  return api?.replace(/^a(?=count|exists|aggregate)/, "") ?? "iterate";
}
