import type { Place } from "../correlate/correlation.ts";
import type { QueryRow, Scope, Site } from "../trace/model.ts";
import { callerOf } from "./callers.ts";
import { loadedRows } from "./evidence.ts";
import { changingPlaces, expressionCalls } from "./expressionCalls.ts";
import { placeKey } from "./identity.ts";
import { prefetchRoot } from "./prefetchRoot.ts";
import { isSetup } from "./testFiles.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import { type WrittenLookup, type WrittenLookups, writtenLookups } from "./writtenLookups.ts";

/** One relation that one recorded query loaded along. */
export interface Sighting {
  /** The query of the queryset whose expression names it. */
  readonly row: QueryRow;
  /** `app_label.ModelName` of its rows. */
  readonly model: string;
  /** Attributes from them on. */
  readonly path: string;
  readonly loaded: number;
  readonly read: boolean;
  readonly scope: Scope;
}

/** An expression that names relations to load along, with all that was recorded of them. */
export interface Written extends WrittenLookups {
  readonly place: Place;
  /** Where its querysets are made: there, or in a function that is called there. */
  readonly made: Place;
  readonly seen: readonly Sighting[];
}

/** By the expression that names them; what is loaded along by other means is left out. */
export function eagerSightings(evidence: TraceEvidence): readonly Written[] {
  const search = new Search(evidence);
  const found = new Map<string, { readonly written: Omit<Written, "seen">; readonly seen: Sighting[] }>();
  for (const row of evidence.reader.rowsWithEager()) {
    for (const { path, loaded, read } of row.eager) {
      const sighted = search.sight(row, path);
      if (sighted === null) continue;
      const { written, ...of } = sighted;
      const key = `${placeKey(written.place)} ${placeKey(written.made)}`;
      const known = found.get(key) ?? { written, seen: [] };
      known.seen.push({ ...of, loaded, read, scope: evidence.facts.scope(row.scopeId) });
      found.set(key, known);
    }
  }
  return Array.from(found.values(), ({ written, seen }) => ({ ...written, seen }));
}

/** The attributes that a lookup leads through from rows of the model on: `comment_set__author`; null where the models do not tell. */
export function accessorsOf({ facts }: TraceEvidence, model: string, lookup: string): string | null {
  return (
    facts.schema
      .path(model, lookup.split("__"))
      ?.map(({ accessor }) => accessor)
      .join("__") ?? null
  );
}

type Sighted = Pick<Sighting, "row" | "model" | "path"> & { readonly written: Omit<Written, "seen"> };

class Search {
  readonly #evidence: TraceEvidence;
  readonly #written = new Map<string, Omit<Written, "seen">>();
  readonly #places = new Map<number, readonly Place[]>();

  constructor(evidence: TraceEvidence) {
    this.#evidence = evidence;
  }

  /** What was loaded along with a prefetch's rows is named by a queryset of its own, or as a longer lookup where the prefetch is. */
  sight(row: QueryRow, path: string): Sighted | null {
    const own = this.#sightAt(row, path);
    const through = own === null && row.cause.kind === "prefetch" ? row.cause.path : null;
    const root = through === null ? undefined : prefetchRoot(this.#evidence.facts, row);
    if (root === undefined || through === null || loadedRows(root).model === null) return own;
    const accessors = accessorsOf(this.#evidence, loadedRows(root).model ?? "", through);
    return accessors === null ? null : this.#sightAt(root, `${accessors}__${path}`);
  }

  #sightAt(row: QueryRow, path: string): Sighted | null {
    const { model } = loadedRows(row);
    if (model === null) return null;
    for (const place of this.#placesOf(row)) {
      const written = this.#writtenAt(place, row);
      const isNamed = written.lookups.some((lookup) => {
        const accessors = accessorsOf(this.#evidence, model, lookup.path);
        return accessors !== null && `${accessors}__`.startsWith(`${path}__`);
      });
      if (isNamed) return { row, model, path, written };
    }
    return null;
  }

  #placesOf(row: QueryRow): readonly Place[] {
    const { facts, correlator } = this.#evidence;
    const construction = facts.construction(row);
    if (construction === null || construction.chain === null) return [];
    let places = this.#places.get(construction.id);
    if (places === undefined) {
      const { chain } = construction;
      const isOwn = chain.kind === "python" && chain.column !== null && !facts.tests.has(chain.path);
      places = isOwn ? changingPlaces(facts, correlator, row, correlator.place(chain)) : [];
      this.#places.set(construction.id, places);
    }
    return places;
  }

  #writtenAt(place: Place, row: QueryRow): Omit<Written, "seen"> {
    const { facts, correlator } = this.#evidence;
    const made = this.#placesOf(row)[0] ?? place;
    const rows = loadedRows(row);
    const key = `${placeKey(place)} ${placeKey(made)} ${rows.model} ${rows.accessor}`;
    let written = this.#written.get(key);
    if (written === undefined) {
      const expressions = expressionCalls(correlator, facts.schema, place, rows);
      written = { ...writtenLookups(expressions), place, made };
      this.#written.set(key, written);
    }
    return written;
  }
}

/** Where the query ran and where its queryset was made. */
export function sitesOf({ facts }: TraceEvidence, row: QueryRow): readonly Site[] {
  const construction = facts.construction(row);
  return [...facts.stack(row), ...(construction === null ? [] : facts.stack(construction))];
}

/** Loading without reading says something: application code asked, and went to its end. */
export function covers({ facts, passed }: TraceEvidence, { row, scope }: Sighting): boolean {
  if (isSetup(scope) || facts.isTestsOwn(row) || row.errors > 0) return false;
  return (scope.status ?? 0) < 400 && (scope.test === null || passed.has(scope.test));
}

/** What else was recorded of the expression, for a lookup that some recordings loaded along and never read. */
export interface Others {
  /** Some loaded it too and do not tell whether it was read: rows of the same statement, or with the same prefetch, that know nothing of it. */
  readonly isUnknown: boolean;
  /** Some page, command or place in the code took rows from it none of which had anything there: what it would do with that is not known. */
  readonly isUnseen: boolean;
}

export function othersThan(
  evidence: TraceEvidence,
  written: Written,
  lookup: WrittenLookup,
  loading: readonly Sighting[],
): Others {
  const { facts, reader, correlator } = evidence;
  const made = placeKey(written.made);
  const sites = correlator.sitesNow(written.made.path).filter((place) => placeKey(place) === made);
  const statements = new Set(loading.map(({ row }) => row.statementId));
  const known = new Set(loading.map(({ row }) => row.id));
  const uses = new Set(loading.map(({ row }) => useOf(evidence, row)));
  const others = reader
    .rowsBuiltAt(sites.map(({ site }) => site.id))
    .filter((row) => !known.has(row.id) && (facts.instances(row) ?? 0) > 0 && isCalledAt(row));
  return {
    isUnknown: others.some(isUnknown),
    isUnseen: others.some(
      (row) => !isSetup(facts.scope(row.scopeId)) && !facts.isTestsOwn(row) && !uses.has(useOf(evidence, row)),
    ),
  };

  function isUnknown(row: QueryRow): boolean {
    const { model } = loadedRows(row);
    const wanted = model === null ? null : accessorsOf(evidence, model, lookup.path);
    if (wanted === null) return false;
    if (lookup.how === "select_related") return statements.has(row.statementId) && !tells(row, wanted);
    return (
      prefetchesOf(evidence, row, lookup.path).some(({ cause }) => cause.path === lookup.path) && !isTold(row, wanted)
    );
  }

  function isCalledAt(row: QueryRow): boolean {
    if (placeKey(written.place) === made) return true;
    const caller = callerOf(facts, row);
    return caller !== null && placeKey(correlator.place(caller)) === placeKey(written.place);
  }

  function isTold(row: QueryRow, wanted: string): boolean {
    return written.seen.some((each) => each.row.id === row.id && each.path === wanted);
  }
}

/** A view by one of its methods, a command, a task; what a test calls by itself by the place that asks. */
function useOf({ facts }: TraceEvidence, row: QueryRow): string {
  const { kind, method, view, route, label } = facts.scope(row.scopeId);
  if (kind !== "test") return [kind, method, view ?? route, label].join(" ");
  return facts
    .stack(row)
    .flatMap(({ id, path }) => (facts.tests.has(path) ? [] : [id]))
    .join(" ");
}

/** A relation behind one that is null in all rows has no entry. */
function tells({ eager }: QueryRow, wanted: string): boolean {
  if (eager.some(({ path }) => path === wanted)) return true;
  return eager.some(({ path, loaded }) => wanted.startsWith(`${path}__`) && loaded === 0);
}

/** The queries of one lookup for the rows of a query, and of what rests on it. */
export function prefetchesOf({ prefetchesByRoot }: TraceEvidence, root: QueryRow, lookup: string): readonly QueryRow[] {
  const isServed = ({ cause }: QueryRow) => cause.path !== null && `${cause.path}__`.startsWith(`${lookup}__`);
  return (prefetchesByRoot.get(root.id) ?? []).filter(isServed);
}
