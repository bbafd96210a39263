import type { Place } from "../correlate/correlation.ts";
import { containsRange, type Range } from "../text/range.ts";
import type { Remedy } from "./finding.ts";
import { findLoopQueries, type LoopQuery, oneOf } from "./loopQueries.ts";
import type { Correlation } from "./ports.ts";
import type { Rule } from "./rule.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import { modelWords, plural } from "./words.ts";

/** `Product.objects.get(pk=…)` in each turn of a loop. */
export const getInLoop: Rule = {
  code: "get-in-loop",
  find: (evidence) =>
    findLoopQueries(evidence, {
      code: "get-in-loop",
      concerns: isGet,
      verb: (query) => `gets ${oneOf(query)} with a query`,
      remedy: remedyFor,
    }),
};

export function isGet({ row: { cause } }: LoopQuery): boolean {
  return cause.kind === "queryset" && /^a?get$/.test(cause.api ?? "");
}

/** Where the whole of the queryset is written in the loop itself, with the `get()`, it can be replaced there. */
function remedyFor({ facts, correlator }: TraceEvidence, queries: readonly LoopQuery[]): Remedy {
  const [query] = queries;
  const many = plural(modelWords(query?.row.cause.target ?? query?.row.cause.model ?? null));
  const advice: Remedy = {
    kind: "advice",
    text: `Fetch the ${many} of all turns before the loop, with in_bulk() or filter(…__in=…).`,
  };
  if (query === undefined || query.loop === null || query.loop.site.id !== query.at.site.id) return advice;
  const written = chainAt(correlator, query.at);
  const isWhole = queries.every(({ row }) => {
    const built = facts.construction(row)?.chain ?? null;
    const chain = built === null ? null : chainAt(correlator, correlator.place(built));
    return chain !== null && written !== null && built?.path === query.at.path && containsRange(chain, written);
  });
  return isWhole ? { kind: "in-bulk", chain: query.at, shownBy: queries.map(({ row }) => row.id) } : advice;
}

function chainAt(correlator: Correlation, { path, site, placement }: Place): Range | null {
  if (site.kind !== "python" || site.column === null || placement.state === "gone") return null;
  return correlator.pythonFile(path)?.chainAt(placement.range)?.range ?? null;
}
