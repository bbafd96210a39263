import type {
  CauseKind,
  Construction,
  Model,
  Plan,
  Probe,
  QueryRow,
  RecordedFile,
  Scope,
  ScopeCost,
  ScopeOrder,
  Site,
  Statement,
  TestEnd,
  TraceReader,
  TraceSummary,
  WhichRows,
} from "../trace/model.ts";

/** Answers of one kind kept at most; then they are forgotten all at once. */
const keptAnswers = 20_000;
/** The same of rows that answers share. */
const keptRows = 200_000;

/**
 * Keeps what the store answered until a batch is ingested: between two batches the same few rows, stacks and scopes are asked for at
 * each keystroke, and the store's answer is a query every time.
 */
export class CachedReader implements TraceReader {
  readonly #reader: TraceReader;
  readonly #answers = new Map<string, Map<unknown, unknown>>();
  /** Many answers hold the same rows. */
  readonly #rows = new Map<number, QueryRow>();
  #generation = Number.NaN;
  /** The store shows one state for a whole turn of the event loop, so its generation is asked for once a turn. */
  #ofThisTurn: number | null = null;

  constructor(reader: TraceReader) {
    this.#reader = reader;
  }

  get generation(): number {
    if (this.#ofThisTurn === null) {
      this.#ofThisTurn = this.#reader.generation;
      setImmediate(() => {
        this.#ofThisTurn = null;
      });
    }
    return this.#ofThisTurn;
  }

  /** The store has changed within this turn. */
  changed(): void {
    this.#ofThisTurn = null;
  }

  summary(): TraceSummary {
    return this.#kept("summary", null, () => this.#reader.summary());
  }

  filesAt(path: string): readonly RecordedFile[] {
    return this.#kept("filesAt", path, () => this.#reader.filesAt(path));
  }

  paths(): readonly string[] {
    return this.#kept("paths", null, () => this.#reader.paths());
  }

  /** Long, and wanted once: whoever parses it keeps it. */
  text(fileId: number): string | null {
    return this.#reader.text(fileId);
  }

  sitesIn(path: string): readonly Site[] {
    return this.#kept("sitesIn", path, () => this.#reader.sitesIn(path));
  }

  costThrough(siteIds: readonly number[]): readonly ScopeCost[] {
    return this.#kept("costThrough", siteIds.join(), () => this.#reader.costThrough(siteIds));
  }

  /** What comes of it is kept (`keptCost`), and takes less room than this. */
  costOwn(siteIds: readonly number[], without: ReadonlySet<CauseKind>): readonly ScopeCost[] {
    return this.#reader.costOwn(siteIds, without);
  }

  rowsThrough(siteIds: readonly number[]): readonly QueryRow[] {
    return this.#kept("rowsThrough", siteIds.join(), () => this.#shared(this.#reader.rowsThrough(siteIds)));
  }

  rowsBuiltAt(siteIds: readonly number[]): readonly QueryRow[] {
    return this.#kept("rowsBuiltAt", siteIds.join(), () => this.#shared(this.#reader.rowsBuiltAt(siteIds)));
  }

  rowsCausedBy(kinds: readonly CauseKind[], which: WhichRows = "all"): readonly QueryRow[] {
    const key = `${which} ${kinds.join()}`;
    return this.#kept("rowsCausedBy", key, () => this.#shared(this.#reader.rowsCausedBy(kinds, which)));
  }

  sitesBuilding(model: string): readonly Site[] {
    return this.#kept("sitesBuilding", model, () => this.#reader.sitesBuilding(model));
  }

  /** Asked once, before a fix is verified. */
  scopesThrough(siteIds: readonly number[]): readonly number[] {
    return this.#reader.scopesThrough(siteIds);
  }

  rowsWithEager(): readonly QueryRow[] {
    return this.#kept("rowsWithEager", null, () => this.#shared(this.#reader.rowsWithEager()));
  }

  row(id: number): QueryRow | null {
    this.#follow();
    return this.#rows.get(id) ?? this.#kept("row", id, () => this.#reader.row(id));
  }

  rowsOfScope(scopeId: number, which: WhichRows = "all"): readonly QueryRow[] {
    return this.#kept(`rowsOfScope ${which}`, scopeId, () => this.#shared(this.#reader.rowsOfScope(scopeId, which)));
  }

  /** Kept with the cost that they make, as those of the next are (features/cost.ts). */
  rowsOfScopeThrough(scopeId: number, siteIds: readonly number[]): readonly QueryRow[] {
    return this.#shared(this.#reader.rowsOfScopeThrough(scopeId, siteIds));
  }

  rowsOfScopeOwn(scopeId: number, siteIds: readonly number[]): readonly QueryRow[] {
    return this.#shared(this.#reader.rowsOfScopeOwn(scopeId, siteIds));
  }

  /** Kept by who asks (`TraceFacts.writesIn`). */
  writesOfScope(scopeId: number): readonly QueryRow[] {
    return this.#shared(this.#reader.writesOfScope(scopeId));
  }

  stack(stackId: number): readonly Site[] {
    return this.#kept("stack", stackId, () => this.#reader.stack(stackId));
  }

  construction(id: number): Construction | null {
    return this.#kept("construction", id, () => this.#reader.construction(id));
  }

  statement(id: number): Statement {
    return this.#kept("statement", id, () => this.#reader.statement(id));
  }

  plan(statementId: number, db: string): Plan | null {
    return this.#kept("plan", `${statementId} ${db}`, () => this.#reader.plan(statementId, db));
  }

  probes(statementId: number, db: string): readonly Probe[] {
    return this.#kept("probes", `${statementId} ${db}`, () => this.#reader.probes(statementId, db));
  }

  scope(id: number): Scope {
    return this.#kept("scope", id, () => this.#reader.scope(id));
  }

  scopesOf(ids: readonly number[]): ReadonlyMap<number, Scope> {
    this.#follow();
    const kept = this.#answers.get("scope") as ReadonlyMap<number, Scope> | undefined;
    const wanted = [...new Set(ids)];
    const found = this.#reader.scopesOf(wanted.filter((id) => kept?.has(id) !== true));
    return new Map(
      wanted.flatMap((id) => {
        const scope = kept?.get(id) ?? found.get(id);
        return scope === undefined ? [] : [[id, this.#kept("scope", id, () => scope)] as const];
      }),
    );
  }

  scopes(): readonly Scope[] {
    return this.#kept("scopes", null, () => this.#reader.scopes());
  }

  scopesOfRun(run: string): readonly Scope[] {
    return this.#reader.scopesOfRun(run);
  }

  testEnds(): readonly TestEnd[] {
    return this.#reader.testEnds();
  }

  order(scopeId: number): ScopeOrder {
    return this.#kept("order", scopeId, () => this.#reader.order(scopeId));
  }

  models(): readonly Model[] {
    return this.#kept("models", null, () => this.#reader.models());
  }

  django(): string | null {
    return this.#kept("django", null, () => this.#reader.django());
  }

  #shared(rows: readonly QueryRow[]): readonly QueryRow[] {
    if (this.#rows.size >= keptRows) this.#rows.clear();
    return rows.map((row) => {
      const known = this.#rows.get(row.id);
      if (known === undefined) this.#rows.set(row.id, row);
      return known ?? row;
    });
  }

  /** Forgets what was answered before the last batch. */
  #follow(): void {
    const { generation } = this;
    if (generation === this.#generation) return;
    this.#answers.clear();
    this.#rows.clear();
    this.#generation = generation;
  }

  #kept<T>(kind: string, key: unknown, ask: () => T): T {
    this.#follow();
    let answers = this.#answers.get(kind) as Map<unknown, T> | undefined;
    if (answers === undefined || answers.size >= keptAnswers) {
      answers = new Map();
      this.#answers.set(kind, answers);
    }
    // Null is an answer too.
    if (answers.has(key)) return answers.get(key) as T;
    const answer = ask();
    answers.set(key, answer);
    return answer;
  }
}
