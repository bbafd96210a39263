import type { Place } from "../correlate/correlation.ts";
import type { Load } from "./evidence.ts";
import type { Confidence } from "./finding.ts";
import { isRepeated, type Measure } from "./measure.ts";
import { attributeWords, fieldWords, formatNumber, modelWords, plural, quantity, scopeWords } from "./words.ts";

/** One or two sentences that a colleague would write: what happens, what it costs and where, what to do. */
export function messageFor(
  load: Load,
  measure: Measure,
  all: readonly Measure[],
  confidence: Confidence,
  remedy: string,
): string {
  return `${symptom(load, measure, alsoIn(measure, all), confidence)} ${remedy}`;
}

/** ` (also in GET /api/orders/ and GET /orders/)`: other requests that show the same, since whoever changes the queryset changes them all. */
function alsoIn({ scope }: Measure, all: readonly Measure[]): string {
  const requests = all.filter((each) => each.scope.kind === "request" && isRepeated(each));
  const others = new Set(requests.map((each) => scopeWords(each.scope)).filter((words) => words !== scopeWords(scope)));
  const [first, second, ...more] = [...others].sort();
  if (first === undefined) return "";
  if (second === undefined) return ` (also in ${first})`;
  return more.length === 0
    ? ` (also in ${first} and ${second})`
    : ` (also in ${first}, ${second} and ${formatNumber(more.length)} more)`;
}

export function placeWords({ path, placement, site }: Place): string {
  return `${path}:${placement.state === "gone" ? site.line : placement.range.start.line + 1}`;
}

function symptom(load: Load, measure: Measure, also: string, confidence: Confidence): string {
  const one = modelWords(load.row.cause.model);
  const many = plural(one);
  const where = scopeWords(measure.scope);
  const { fired, rows, count } = measure;
  const field = fieldWords(load.at);
  const leftOut = load.row.cause.kind === "deferred_field" ? ", which the queryset left out" : "";
  const reason = `${field === null ? "" : ` for the ${field}`}${leftOut}`;
  if (confidence === "suspected") {
    const seen = fired === 1 ? `one ${one}` : quantity(fired, one);
    return `Each ${one} ${verb(load, true)}${reason}${leftOut && ","} with a query of its own (seen with ${seen} in ${where}): one more for every ${one}.`;
  }
  const subject =
    fired >= rows ? `Each of ${formatNumber(rows)} ${many}` : `${formatNumber(fired)} of ${formatNumber(rows)} ${many}`;
  return `${subject} ${verb(load, fired >= rows)}${reason}: ${quantity(count, "extra query")} in ${where}${also}.`;
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
