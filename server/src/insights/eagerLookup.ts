import type { QueryRow } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import type { EagerLookup } from "./finding.ts";

/**
 * Where this many rows load a relation, and share each of its rows among at least so many, a join would send the few over and over
 * again with the many; a prefetch sends each once, with one query more. The few rows of most tests tell nothing about that.
 */
export const manyRows = 50;
export const rowsPerParent = 10;

/**
 * What loads it along with the root's rows; null where a plain `select_related` or `prefetch_related` would not serve it.
 *
 * A join needs one row at each hop, on the same database. It would also return rows that the related model's base manager
 * hides from a lazy load: there a prefetch is right, which asks that manager too. Where both would serve, many rows that share few
 * parents are better off with a prefetch.
 */
export function eagerLookup(load: Load): EagerLookup | null {
  const [join, prefetch] = [joinOf(load), prefetchOf(load)];
  return join === null || (prefetch !== null && sharedParents(load) !== undefined) ? prefetch : join;
}

/** The other one of the two, where both would serve. */
export function otherLookup(load: Load): EagerLookup | null {
  const best = eagerLookup(load);
  const join = joinOf(load);
  return best?.how === "prefetch_related" ? join : null;
}

/** The load of a foreign key on the way whose few rows (its `parameters`) many `instances` share; none where each has its own, or it cannot be told. */
export function sharedParents({ chain, root }: Load): QueryRow | undefined {
  // Django prefetches for an iterator() only where it is given a chunk_size.
  if (root.cause.api === "iterator") return undefined;
  return chain.find(
    ({ cause, instances, parameters, parametersAtLeast }) =>
      cause.kind === "foreign_key" &&
      !parametersAtLeast &&
      instances >= manyRows &&
      instances >= rowsPerParent * parameters,
  );
}

function joinOf({ row, root, hops }: Load): EagerLookup | null {
  if (hops === null || hops.length === 0 || row.cause.refined || row.db !== root.db) return null;
  const selects = hops.flatMap(({ select }) => select ?? []);
  const joins = selects.length === hops.length && hops.every((hop) => !hop.toMany && !hop.baseManagerFilters);
  return joins ? { how: "select_related", path: selects.join("__") } : null;
}

function prefetchOf(load: Load): EagerLookup | null {
  const path = load.row.cause.refined ? null : prefetchedPath(load);
  return path === null ? null : { how: "prefetch_related", path };
}

/** The lookup that would prefetch the rows that the load's manager has, refined or not; null where there is none. */
export function prefetchedPath({ hops }: Load): string | null {
  if (hops === null || hops.length === 0) return null;
  const prefetches = hops.flatMap(({ prefetch }) => prefetch ?? []);
  return prefetches.length === hops.length ? prefetches.join("__") : null;
}

/**
 * Without what others bring along: `customer` where `customer__address` is joined, `items` where `items__product` is prefetched. What is
 * joined needs no prefetch.
 */
export function withoutImplied(lookups: readonly EagerLookup[]): readonly EagerLookup[] {
  const distinct = new Map(lookups.map((lookup) => [`${lookup.how} ${lookup.path}`, lookup]));
  return [...distinct.values()]
    .filter(({ how, path }) => !lookups.some((other) => other.how === how && other.path.startsWith(`${path}__`)))
    .filter(
      ({ how, path }) =>
        how === "select_related" ||
        !lookups.some((other) => other.how === "select_related" && `${other.path}__`.startsWith(`${path}__`)),
    )
    .sort((a, b) => compare(b.how, a.how) || compare(a.path, b.path));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
