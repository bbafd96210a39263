import { standsForClass } from "../correlate/classPlacement.ts";
import { isAggregate } from "./aggregatePerRow.ts";
import type { Load } from "./evidence.ts";
import type { PerRowRemedy } from "./finding.ts";
import { findPerRow } from "./perRow.ts";
import { relatedRows, relatedUsePlace } from "./relatedRows.ts";
import type { Rule } from "./rule.ts";
import type { TraceEvidence } from "./traceEvidence.ts";

/** Related rows that are filtered, ordered or cut with a query for every row: a plain prefetch would not serve them, or one that is there is defeated. */
export const filteredPrefetch: Rule = {
  code: "filtered-prefetch",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "filtered-prefetch",
      concerns: ({ row: { cause } }) => cause.refined && !isAggregate(cause.api),
      remedy,
    }),
};

function remedy({ facts, correlator }: TraceEvidence, load: Load): PerRowRemedy | null {
  const related = relatedRows(facts, load);
  const use = relatedUsePlace(facts, load, (site) => correlator.place(site));
  // A template passes no arguments: what it asks for, some method makes, and others call that too.
  if (related === null || use === null || use.site.kind !== "python" || load.queryset === null) return null;
  if (standsForClass(load.queryset.site)) return null;
  return { kind: "prefetch-object", chain: load.queryset, builder: load.builder, use, related };
}
