import type { Sighting } from "./eagerSightings.ts";
import type { Advice, DropLookup } from "./finding.ts";
import { attributeWords, formatNumber, modelWords, plural, quantity, scopeWords } from "./words.ts";

export interface Unused {
  /** The costliest query that loads it along. */
  readonly sighting: Sighting;
  /** Executions of prefetches with it. */
  readonly saved: number;
  readonly isJoin: boolean;
  /** Tests that load it. */
  readonly tests: number;
  readonly remedy: DropLookup | Advice;
  /** `shop/views.py` */
  readonly path: string;
}

/** `Each of 20 orders is joined with its customer in GET /orders/, which none of the 14 tests that load it reads: remove select_related("customer") in shop/views.py:21.` */
export function unusedMessage(unused: Unused): string {
  const { sighting, saved, isJoin, remedy } = unused;
  const { row, model, path, scope } = sighting;
  const one = modelWords(model);
  const where = scopeWords(scope);
  const rows = row.rows ?? 0;
  const what = path.split("__").map(attributeWords);
  if (isJoin) {
    const subject = rows > 1 ? `Each of ${formatNumber(rows)} ${plural(one)} is` : `The ${one} is`;
    return `${subject} joined with its ${ofEach(what)} in ${where}, ${coverage(unused.tests, false)}. ${remedyText(remedy, unused.path)}`;
  }
  const last = what.at(-1) ?? "";
  const many = rows > 1 && !last.endsWith("s") ? plural(last) : last;
  const isMany = many.endsWith("s");
  const owner = rows > 1 ? `of ${formatNumber(rows)} ${plural(one)}` : `of the ${one}`;
  const cost = saved === 0 ? "" : ` (${quantity(saved, "query")})`;
  return `The ${ofEach([...what.slice(0, -1), many])} ${owner} ${isMany ? "are" : "is"} prefetched in ${where}${cost}, ${coverage(unused.tests, isMany)}. ${remedyText(remedy, unused.path)}`;
}

/** `customer's address` */
function ofEach(words: readonly string[]): string {
  return words.map((each, index) => (index === words.length - 1 ? each : possessive(each))).join(" ");
}

function possessive(words: string): string {
  return words.endsWith("s") ? `${words}'` : `${words}'s`;
}

function coverage(tests: number, many: boolean): string {
  const them = many ? "them" : "it";
  if (tests === 0) return `and nothing that was recorded reads ${them}`;
  return `and none of the ${formatNumber(tests)} tests that load ${them} reads ${them}`;
}

function remedyText(remedy: DropLookup | Advice, path: string): string {
  if (remedy.kind === "advice") return remedy.text;
  const { lookup, keep, isOnly, written } = remedy;
  const where = `in ${path}:${written.start.line + 1}`;
  if (keep !== null) return `Shorten "${lookup.path}" to "${keep}" in its ${lookup.how}() ${where}.`;
  return isOnly
    ? `Remove ${lookup.how}("${lookup.path}") ${where}.`
    : `Take "${lookup.path}" out of ${lookup.how}() ${where}.`;
}
