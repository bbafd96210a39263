import type { QueryRow, TraceReader } from "../trace/model.ts";
import { atCallers } from "./callers.ts";
import { findDeferredLoads, findLoads, type Load } from "./evidence.ts";
import { type LoopQuery, loopQueries } from "./loopQueries.ts";
import type { Correlation } from "./ports.ts";
import { prefetchRoot } from "./prefetchRoot.ts";
import { Recursion } from "./recursion.ts";
import { factsOf, type TraceFacts } from "./traceFacts.ts";

/** What the rules look at: one state of the trace with one state of the texts. What several of them need is worked out once. */
export class TraceEvidence {
  readonly reader: TraceReader;
  readonly correlator: Correlation;
  readonly facts: TraceFacts;
  #loads: readonly Load[] | null = null;
  #applicationLoads: readonly Load[] | null = null;
  #recursion: Recursion | null = null;
  #deferredLoads: readonly Load[] | null = null;
  #prefetchesByRoot: ReadonlyMap<number, readonly QueryRow[]> | null = null;
  #passed: ReadonlySet<string> | null = null;
  #loopQueries: readonly LoopQuery[] | null = null;
  #loadsByRoot: ReadonlyMap<number, readonly Load[]> | null = null;

  constructor(reader: TraceReader, correlator: Correlation) {
    this.reader = reader;
    this.correlator = correlator;
    this.facts = factsOf(reader);
  }

  /** All loads of rows by relation, those that a test itself ran into too. */
  get loads(): readonly Load[] {
    this.#loads ??= findLoads(this.reader, this.correlator);
    return this.#loads;
  }

  /** Those that application code asked for, each with the queryset that its callers would change. */
  get applicationLoads(): readonly Load[] {
    this.#applicationLoads ??= atCallers(
      this.facts,
      this.correlator,
      this.loads.filter(({ byTest }) => !byTest),
    );
    return this.#applicationLoads;
  }

  get recursion(): Recursion {
    this.#recursion ??= new Recursion(this.facts, this.applicationLoads);
    return this.#recursion;
  }

  /** Columns that a queryset left out and that application code asked for afterwards. */
  get deferredLoads(): readonly Load[] {
    this.#deferredLoads ??= findDeferredLoads(this.reader, this.correlator).filter(({ byTest }) => !byTest);
    return this.#deferredLoads;
  }

  /** Queries of prefetches by the query for whose rows they were asked, through whatever lies between. */
  get prefetchesByRoot(): ReadonlyMap<number, readonly QueryRow[]> {
    this.#prefetchesByRoot ??= Map.groupBy(
      this.reader.rowsCausedBy(["prefetch"]),
      (row) => prefetchRoot(this.facts, row)?.id ?? 0,
    );
    return this.#prefetchesByRoot;
  }

  /** Tests whose recording counts, and that passed: others may have ended before they read what they loaded. */
  get passed(): ReadonlySet<string> {
    this.#passed ??= new Set(
      this.reader.testEnds().flatMap(({ test, counts, outcome }) => (counts && outcome === "passed" ? [test] : [])),
    );
    return this.#passed;
  }

  /** Queries that hang on no row and that loops ask again and again. */
  get loopQueries(): readonly LoopQuery[] {
    this.#loopQueries ??= loopQueries(this);
    return this.#loopQueries;
  }

  /** All loads by the query of the queryset that must change. */
  get loadsByRoot(): ReadonlyMap<number, readonly Load[]> {
    this.#loadsByRoot ??= Map.groupBy(this.loads, ({ root }) => root.id);
    return this.#loadsByRoot;
  }
}
