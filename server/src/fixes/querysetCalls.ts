import type { Call, Chain, Link } from "../python/chains.ts";
import { comparePositions, type Range } from "../text/range.ts";

/** Methods behind which no queryset follows, or none that takes `select_related` and `prefetch_related`. */
const ends: ReadonlySet<string> = new Set([
  ...withAsync("get", "first", "last", "earliest", "latest", "in_bulk", "iterator"),
  ...withAsync("count", "exists", "contains", "aggregate", "explain"),
  ...withAsync("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "update", "delete"),
  ...["values", "values_list", "dates", "datetimes", "union", "intersection", "difference", "raw", "as_manager"],
]);

/** Methods that return such a queryset, also on managers. */
const continues: ReadonlySet<string> = new Set([
  ...[
    "all",
    "filter",
    "exclude",
    "complex_filter",
    "order_by",
    "reverse",
    "distinct",
    "annotate",
    "alias",
    "extra",
    "none",
  ],
  ...[
    "select_related",
    "prefetch_related",
    "only",
    "defer",
    "using",
    "select_for_update",
    "fetch_mode",
    "get_queryset",
  ],
]);

/** Whether it is a method of Django's own querysets. */
export function isDjangos(name: string): boolean {
  return ends.has(name) || continues.has(name);
}

/** The part of a chain whose value is a queryset that can still be changed. */
export interface QuerysetPart {
  /** Calls up to where the queryset is used, from left to right. */
  readonly calls: readonly Call[];
  /** Where a call can be added: behind this link, or behind the manager. */
  readonly last: Link | "root";
  /** What uses the queryset in the chain itself: `.first()`, `.values()`; null for a slice, an attribute or nothing. */
  readonly end: Call | null;
}

/**
 * Follows the chain from the call that made the queryset.
 *
 * @param evaluates whether the queryset was seen to be evaluated inside a call of unknown name: its value may be anything.
 * @returns null where already the call that made it does so.
 */
export function querysetPart(chain: Chain, made: Range, evaluates: (call: Call) => boolean): QuerysetPart | null {
  const first = chain.links.findIndex((link) => link.kind === "call" && endsTogether(link.expression, made));
  if (first === -1) return null;
  const calls: Call[] = [];
  let last: Link | "root" = "root";
  for (const [index, link] of chain.links.entries()) {
    if (index < first) {
      // What stands before is the manager, or made another queryset.
      last = link;
      continue;
    }
    if (link.kind !== "call") return { calls, last, end: null };
    if (ends.has(link.name)) return { calls, last, end: link };
    if (!continues.has(link.name) && evaluates(link)) {
      return calls.length === 0 ? null : { calls, last, end: link };
    }
    calls.push(link);
    last = link;
  }
  return { calls, last, end: null };
}

export function endsTogether(a: Range, b: Range): boolean {
  return comparePositions(a.end, b.end) === 0;
}

function withAsync(...names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, `a${name}`]);
}
