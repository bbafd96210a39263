import type { Scope, TraceReader, TraceSummary } from "./model.ts";
import type { StoreReader } from "./reader.ts";

const nothing: TraceSummary = {
  runs: [],
  testsRecorded: 0,
  testsCollected: 0,
  scopes: 0,
  queries: 0,
  problems: [],
};

/**
 * The reader that stays the same while stores come and go under it. Without a store, or where reading it fails, it answers nothing;
 * the failure is reported and, if need be, the store rebuilt.
 */
export class CurrentReader implements TraceReader {
  readonly #onFailure: (error: unknown) => void;
  #store: StoreReader | null = null;
  /** Generations of a new store begin above all that were seen. */
  #base = 0;
  #seen = 0;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  use(store: StoreReader | null): void {
    this.#store = store;
    this.#base = this.#seen + 1;
    this.#seen = this.#base;
  }

  get generation(): number {
    this.#seen = Math.max(this.#seen, this.#base + this.#ask((store) => store.generation, 0));
    return this.#seen;
  }

  runs = () => this.#ask((store) => store.runs(), []);
  summary = () => this.#ask((store) => store.summary(), nothing);
  filesAt = (path: string) => this.#ask((store) => store.filesAt(path), []);
  paths = () => this.#ask((store) => store.paths(), []);
  text = (fileId: number) => this.#ask((store) => store.text(fileId), null);
  sitesIn = (path: string) => this.#ask((store) => store.sitesIn(path), []);
  costThrough: TraceReader["costThrough"] = (siteIds) => this.#ask((store) => store.costThrough(siteIds), []);
  costOwn: TraceReader["costOwn"] = (siteIds, without) => this.#ask((store) => store.costOwn(siteIds, without), []);
  rowsThrough: TraceReader["rowsThrough"] = (siteIds) => this.#ask((store) => store.rowsThrough(siteIds), []);
  rowsBuiltAt: TraceReader["rowsBuiltAt"] = (siteIds) => this.#ask((store) => store.rowsBuiltAt(siteIds), []);
  rowsCausedBy: TraceReader["rowsCausedBy"] = (kinds, which) =>
    this.#ask((store) => store.rowsCausedBy(kinds, which), []);
  sitesBuilding: TraceReader["sitesBuilding"] = (model) => this.#ask((store) => store.sitesBuilding(model), []);
  scopesThrough: TraceReader["scopesThrough"] = (siteIds) => this.#ask((store) => store.scopesThrough(siteIds), []);
  rowsWithEager = () => this.#ask((store) => store.rowsWithEager(), []);
  row = (id: number) => this.#ask((store) => store.row(id), null);
  writesOfScope = (scopeId: number) => this.#ask((store) => store.writesOfScope(scopeId), []);
  rowsOfScope: TraceReader["rowsOfScope"] = (scopeId, which) =>
    this.#ask((store) => store.rowsOfScope(scopeId, which), []);
  rowsOfScopeThrough: TraceReader["rowsOfScopeThrough"] = (scopeId, siteIds) =>
    this.#ask((store) => store.rowsOfScopeThrough(scopeId, siteIds), []);
  rowsOfScopeOwn: TraceReader["rowsOfScopeOwn"] = (scopeId, siteIds) =>
    this.#ask((store) => store.rowsOfScopeOwn(scopeId, siteIds), []);
  stack = (stackId: number) => this.#ask((store) => store.stack(stackId), []);
  construction = (id: number) => this.#ask((store) => store.construction(id), null);
  plan = (statementId: number, db: string) => this.#ask((store) => store.plan(statementId, db), null);
  probes: TraceReader["probes"] = (statementId, db) => this.#ask((store) => store.probes(statementId, db), []);
  scopesOf: TraceReader["scopesOf"] = (ids) =>
    this.#ask<ReadonlyMap<number, Scope>>((store) => store.scopesOf(ids), new Map());
  scopes = () => this.#ask((store) => store.scopes(), []);
  scopesOfRun = (run: string) => this.#ask((store) => store.scopesOfRun(run), []);
  testEnds = () => this.#ask((store) => store.testEnds(), []);
  order = (scopeId: number) => this.#ask((store) => store.order(scopeId), { entries: [], rest: 0 });
  models = () => this.#ask((store) => store.models(), []);
  django = () => this.#ask((store) => store.django(), null);
  // These two promise an answer for an id that was just read; without one the caller has kept it too long.
  statement: TraceReader["statement"] = (id) => this.#demand().statement(id);
  scope: TraceReader["scope"] = (id) => this.#demand().scope(id);

  #ask<T>(question: (store: StoreReader) => T, fallback: T): T {
    if (this.#store === null) return fallback;
    try {
      return question(this.#store);
    } catch (error) {
      this.#onFailure(error);
      return fallback;
    }
  }

  #demand(): StoreReader {
    if (this.#store === null) throw new Error("There is no store to read from.");
    return this.#store;
  }
}
