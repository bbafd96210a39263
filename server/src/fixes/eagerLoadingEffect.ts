import type { Correlator } from "../correlate/correlator.ts";
import { eagerLookup } from "../insights/eagerLookup.ts";
import type { Load } from "../insights/evidence.ts";
import type { EagerLookup } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import { covers } from "./eagerLoading.ts";
import { combined, type Effect } from "./effect.ts";
import { hangingLoads } from "./hangingLoads.ts";

/** Loads that no longer happen, and the queries of prefetches that come along with each root. */
export function eagerLoadingEffect(
  reader: TraceReader,
  correlator: Correlator,
  roots: readonly QueryRow[],
  lookups: readonly EagerLookup[],
): Effect {
  const scopes = [...new Set(roots.map(({ scopeId }) => scopeId))].map((id) => reader.rowsOfScope(id));
  const hanging = hangingLoads(reader, correlator, roots);
  const served = hanging.filter((load) => isServed(load, lookups));
  const prefetched = scopes.flat().filter(({ cause }) => cause.kind === "prefetch");
  return combined([
    { rows: served.map(({ row }) => row), change: new Map(served.map(({ row }) => [row.id, -row.count])) },
    {
      rows: roots,
      change: new Map(
        roots.map((root) => [root.id, addedBy(factsOf(reader).instances(root), root, hanging, prefetched, lookups)]),
      ),
    },
  ]);
}

function isServed(load: Load, lookups: readonly EagerLookup[]): boolean {
  const lookup = eagerLookup(load);
  return lookup !== null && lookups.some(({ path }) => covers(path, lookup.path));
}

/** One query for each level of a prefetch that was not there before, in each evaluation that loads rows to prefetch for. */
function addedBy(
  loaded: number | null,
  root: QueryRow,
  hanging: readonly Load[],
  prefetched: readonly QueryRow[],
  lookups: readonly EagerLookup[],
): number | null {
  if (loaded === null || loaded === 0) return 0;
  const inScope = prefetched.filter(({ scopeId }) => scopeId === root.scopeId);
  const own = hanging.filter((load) => load.root.id === root.id);
  const isJoined = ({ row }: Load, path: string) => row.parentId === root.id && covers(row.path, path);
  const joined = (path: string) =>
    own.some((load) => isJoined(load, path)) ||
    lookups.some((lookup) => lookup.how === "select_related" && covers(lookup.path, path));
  const rowsAt = (path: string): number | null => {
    const loads = own.filter((load) => eagerLookup(load)?.path === path);
    const levels = [...loads.map(({ row }) => row), ...inScope.filter(({ cause }) => cause.path === path)];
    return levels.length === 0 ? null : levels.reduce((total, { rows }) => total + (rows ?? 0), 0);
  };
  let queries = 0;
  for (const path of levelsOf(lookups)) {
    if (joined(path) || inScope.some(({ cause }) => cause.path === path)) continue;
    const above = path.includes("__") ? path.slice(0, path.lastIndexOf("__")) : null;
    const parents = above === null ? loaded : rowsAt(above);
    if (parents === null && !(above !== null && joined(above))) return null;
    if (parents === 0) continue;
    const models = genericTargets(own, path);
    // How they are spread over several evaluations is not known.
    if (models > 1 && root.count > 1) return null;
    queries += root.count * models;
  }
  return queries;
}

/** A generic foreign key is prefetched with a query for each model that it points at; everything else with one. */
function genericTargets(loads: readonly Load[], path: string): number {
  const generic = loads.filter(
    (load) => load.row.cause.kind === "generic_foreign_key" && eagerLookup(load)?.path === path,
  );
  return Math.max(1, new Set(generic.map(({ row }) => row.cause.target)).size);
}

/** `items`, `items__product`: each level once. */
function levelsOf(lookups: readonly EagerLookup[]): readonly string[] {
  const paths = lookups.filter(({ how }) => how === "prefetch_related").map(({ path }) => path.split("__"));
  return [...new Set(paths.flatMap((hops) => hops.map((_hop, index) => hops.slice(0, index + 1).join("__"))))];
}
