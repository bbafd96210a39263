import { standsForClass } from "../correlate/classPlacement.ts";
import type { CauseKind, TraceReader } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import type { FetchPeers, Remedy } from "./finding.ts";

/** What a fetch mode governs: single-valued relations, both ways, and columns that were left out (`fetch_many` in Django 6.1's descriptors). */
const governed: ReadonlySet<CauseKind> = new Set([
  "foreign_key",
  "one_to_one",
  "reverse_one_to_one",
  "generic_foreign_key",
  "deferred_field",
]);

/**
 * `fetch_mode(FETCH_PEERS)` at the queryset, as another choice: the first row that is asked loads for all that came with it. Null before Django 6.1, where
 * a related manager lies on the way, which no mode governs, and where rows come one after the other.
 *
 * @param remedy the best one: where that is advice, a relation has reasons not to be loaded for all
 */
export function fetchPeersFor(reader: TraceReader, remedy: Remedy, load: Load): FetchPeers | null {
  const { queryset, builder, root, row, chain, names, evaluatedInside, mayBeOther } = load;
  if (queryset === null || evaluatedInside || mayBeOther || standsForClass(queryset.site)) return null;
  if (remedy.kind === "advice" && row.cause.kind !== "deferred_field") return null;
  if (!knowsFetchModes(reader.django()) || root.cause.kind === "raw" || /^a?iterator$/.test(root.cause.api ?? ""))
    return null;
  if (!chain.every(({ cause }) => governed.has(cause.kind))) return null;
  return { kind: "fetch-peers", chain: queryset, builder, names };
}

/** Since Django 6.1. */
function knowsFetchModes(version: string | null): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map((part) => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 1);
}
