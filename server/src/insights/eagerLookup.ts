import type { Load } from "./evidence.ts";
import type { EagerLookup } from "./finding.ts";

/**
 * What loads it along with the root's rows; null where a plain `select_related` or `prefetch_related` would not serve it.
 *
 * A join needs one row at each hop, on the same database. It would also return rows that the related model's base manager
 * hides from a lazy load: there a prefetch is right, which asks that manager too.
 */
export function eagerLookup({ row, root, hops }: Load): EagerLookup | null {
  if (hops === null || hops.length === 0 || row.cause.refined) return null;
  const selects = hops.flatMap(({ select }) => select ?? []);
  const joins =
    selects.length === hops.length && row.db === root.db && hops.every((hop) => !hop.toMany && !hop.baseManagerFilters);
  if (joins) return { how: "select_related", path: selects.join("__") };
  const prefetches = hops.flatMap(({ prefetch }) => prefetch ?? []);
  return prefetches.length === hops.length ? { how: "prefetch_related", path: prefetches.join("__") } : null;
}

/** Without what others bring along: `customer` where `customer__address` is joined, `items` where `items__product` is prefetched. */
export function withoutImplied(lookups: readonly EagerLookup[]): readonly EagerLookup[] {
  const distinct = new Map(lookups.map((lookup) => [`${lookup.how} ${lookup.path}`, lookup]));
  return [...distinct.values()]
    .filter(({ how, path }) => !lookups.some((other) => other.how === how && other.path.startsWith(`${path}__`)))
    .sort((a, b) => compare(b.how, a.how) || compare(a.path, b.path));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
