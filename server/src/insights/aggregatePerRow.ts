import { standsForClass } from "../correlate/classPlacement.ts";
import type { Place } from "../correlate/correlation.ts";
import type { Load } from "./evidence.ts";
import type { PerRowRemedy } from "./finding.ts";
import { plainApi } from "./message.ts";
import { findPerRow } from "./perRow.ts";
import type { Correlation } from "./ports.ts";
import { relatedRows, relatedUsePlace } from "./relatedRows.ts";
import { isUnfiltered, ownUse, relatedUse } from "./relatedUse.ts";
import type { Rule } from "./rule.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import type { TraceFacts } from "./traceFacts.ts";

const aggregates: ReadonlySet<string> = new Set(["count", "exists", "aggregate"]);

/** Related rows that are counted, added up or asked for with a query for every row. */
export const aggregatePerRow: Rule = {
  code: "aggregate-per-row",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "aggregate-per-row",
      concerns: ({ row: { cause } }) => cause.refined && isAggregate(cause.api),
      remedy,
    }),
};

/** @param api as the recorder names it */
export function isAggregate(api: string | null): boolean {
  return aggregates.has(plainApi(api));
}

/**
 * Where the related rows themselves are loaded for the same list, a prefetch serves both: on it `count()` and `exists()` run no query. It also serves a
 * method of the row's own model, which others call too and so cannot read what one list annotates.
 */
function remedy({ facts, correlator, loadsByRoot }: TraceEvidence, load: Load): PerRowRemedy | null {
  const related = relatedRows(facts, load);
  const use = relatedUsePlace(facts, load, (site) => correlator.place(site));
  if (related === null || use === null || load.queryset === null) return null;
  const inClass = standsForClass(load.queryset.site);
  // Only a template's whole question is known to be asked of this view's rows alone.
  const isView = load.queryset.site.kind === "view" && use.site.kind === "template";
  if (inClass && !isView) return null;
  const place = { chain: load.queryset, builder: load.builder };
  const isLoadedToo = (loadsByRoot.get(load.root.id) ?? []).some(
    (other) => !other.row.cause.refined && other.names.join() === load.names.join(),
  );
  const unfiltered = isServedByPrefetch(facts, correlator, load);
  if ((isLoadedToo || isOwnMethod(correlator, load, use)) && unfiltered && !inClass) {
    return { kind: "eager-load", ...place, lookups: [{ how: "prefetch_related", path: related.prefetch }] };
  }
  if (inClass)
    return unfiltered && !isLoadedToo ? { kind: "view-annotation", chain: load.queryset, use, related } : null;
  return { kind: "annotate", ...place, use, related, unfiltered };
}

/** All the related rows are counted, or asked for: once they are prefetched, no query runs for it. */
export function isServedByPrefetch(facts: TraceFacts, correlator: Correlation, load: Load): boolean {
  const { refined, api, field } = load.row.cause;
  if (!refined || field === null || !/^(count|exists)$/.test(plainApi(api))) return false;
  const use = relatedUsePlace(facts, load, (site) => correlator.place(site));
  if (use === null || use.placement.state === "gone") return false;
  // A template passes no arguments: it counts what the manager has, or what some method made of it.
  if (use.site.kind === "template")
    return new RegExp(`\\.${field}(\\.all)?\\.${plainApi(api)}\\b`).test(use.site.token ?? "");
  const chain = correlator.pythonFile(use.path)?.chainAt(use.placement.range) ?? null;
  const parts = chain === null ? null : (relatedUse(chain, field) ?? ownUse(chain, field));
  // Behind a slice it asks for some of them.
  return parts !== null && isUnfiltered(parts) && plainApi(parts.calls.at(-1)?.name ?? null) === plainApi(api);
}

/** `self.comments.count()` */
function isOwnMethod(correlator: Correlation, { row }: Load, use: Place): boolean {
  const { field } = row.cause;
  if (field === null || use.site.kind !== "python" || use.placement.state === "gone") return false;
  const chain = correlator.pythonFile(use.path)?.chainAt(use.placement.range) ?? null;
  return chain !== null && ownUse(chain, field) !== null;
}
