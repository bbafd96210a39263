import { factoryKind, isFactoryFile } from "../text/factories.ts";
import type {
  Cause,
  CauseKind,
  Construction,
  Model,
  Plan,
  Probe,
  QueryRow,
  RecordedFile,
  Run,
  Scope,
  ScopeCost,
  ScopeOrder,
  Site,
  Statement,
  TestEnd,
  TraceProblem,
  TraceReader,
  TraceSummary,
  WhichRows,
} from "./model.ts";
import { isSafePath } from "./paths.ts";
import {
  type CauseColumns,
  type FileColumns,
  type Query,
  type QueryColumns,
  type RowColumns,
  type RunColumns,
  rowColumns,
  type ScopeColumns,
  type SiteColumns,
  scopeColumns,
  siteColumns,
  toCause,
  toFile,
  toQuery,
  toQueryRow,
  toRun,
  toScope,
  toSite,
} from "./readerRows.ts";
import { siblingId } from "./schema.ts";
import type { Database, Statement as SqlStatement, SqlValue } from "./sqlite.ts";

const throughSites =
  "stack_id <> 0 AND stack_id IN (SELECT stack_id FROM stack_site WHERE site_id IN (SELECT value FROM json_each(?)))";

const askedAtSites = `stack_id <> 0 AND stack_id IN (
  SELECT stack_id FROM stack_site JOIN stack ON stack.id = stack_id AND stack.site_id = stack_site.site_id
  WHERE stack_site.site_id IN (SELECT value FROM json_each(?)))`;

const builtAtSites =
  "construction_id <> 0 AND construction_id IN (SELECT id FROM construction WHERE chain_id IN (SELECT value FROM json_each(?)))";

const conditions: Readonly<Record<WhichRows, string>> = {
  all: "1",
  hanging: "query_row.parent <> 0",
  repeated: "query_row.parent = 0 AND count > 1 AND parameters > 1",
};

interface StackColumns {
  readonly kind: string;
  readonly stackId: number;
}

/** A stack of 30 sites takes about 300 bytes to keep. */
const MAX_KEPT_STACKS = 50_000;
const MAX_KEPT_QUERIES = 50_000;
const MAX_KEPT_FRAMES = 200_000;

/** The innermost frame of a stack; its callers are the stack `parent`, 0 for none. */
interface Frame {
  readonly parent: number;
  readonly site: Site | null;
}

/**
 * Reads a store. It may have come with the project, written by anybody: a file outside the project is none. Until its first recordings are all
 * taken in, it has runs, tests and scopes, and no places in code and no rows.
 *
 * Everything answered counts ("Which recording counts"), but for `row` and `scope`, which answer for any id, and for what asks for a run or for all.
 *
 * All reads of one turn of the event loop see one state of the store: the first begins a transaction, which ends when the turn does.
 */
export class StoreReader implements TraceReader {
  readonly #database: Database;
  readonly #statements = new Map<string, SqlStatement<unknown>>();
  /** Within a transaction of this turn. False for good where reader and writer share a connection. */
  #snapshot: "none" | "open" | "shared";
  readonly #sites = new Map<number, Site>();
  readonly #stacks = new Map<number, readonly Site[]>();
  readonly #frames = new Map<number, Frame>();
  readonly #queries = new Map<number, Query>();
  readonly #causes = new Map<number, Cause>();
  #isIndexed = false;
  #epochStatement: SqlStatement<{ value: number }> | null = null;
  #epoch = 0;
  #factories: { readonly generation: number; readonly stacks: ReadonlySet<number> } | null = null;
  #models: { readonly hash: string; readonly models: readonly Model[] } | null = null;

  /** @param shared the writer uses the same connection, so reads see its state as it is */
  constructor(database: Database, shared: boolean) {
    this.#database = database;
    this.#snapshot = shared ? "shared" : "none";
  }

  get generation(): number {
    return this.#get<{ value: number }>("SELECT value FROM meta WHERE key = 'generation'")?.value ?? 0;
  }

  /** Newest first. */
  runs(): readonly Run[] {
    return this.#all<RunColumns>("SELECT * FROM run ORDER BY name DESC").map(toRun);
  }

  problems(): readonly TraceProblem[] {
    return this.#all<TraceProblem>("SELECT code, file, message FROM problem ORDER BY id");
  }

  /** What is added up over all that counts is added up when it is read: it takes longer the more was recorded. */
  summary(): TraceSummary {
    const total = (sql: string) => this.#get<{ total: number }>(sql)?.total ?? 0;
    const testsRecorded = total(
      "SELECT count(*) AS total FROM recording JOIN subject ON subject.id = subject_id WHERE counts = 1 AND subject.kind = 'test'",
    );
    return {
      runs: this.runs(),
      testsRecorded,
      testsCollected: Math.max(testsRecorded, this.#testsCollected()),
      get scopes() {
        return total("SELECT count(*) AS total FROM scope WHERE counts = 1");
      },
      get queries() {
        return total("SELECT coalesce(sum(queries), 0) AS total FROM scope WHERE counts = 1");
      },
      problems: this.problems(),
    };
  }

  filesAt(path: string): readonly RecordedFile[] {
    if (!isSafePath(path)) return [];
    return this.#all<FileColumns>(
      "SELECT id, path, language, hash, changed FROM file WHERE path = ? ORDER BY last_run DESC, id DESC",
      path,
    ).map(toFile);
  }

  paths(): readonly string[] {
    if (!this.#areRowsFound) return [];
    const sql = "SELECT DISTINCT path FROM file WHERE id IN (SELECT file_id FROM site) ORDER BY path";
    return this.#all<{ path: string }>(sql)
      .map(({ path }) => path)
      .filter(isSafePath);
  }

  text(fileId: number): string | null {
    return this.#get<{ text: string | null }>("SELECT text FROM file WHERE id = ?", fileId)?.text ?? null;
  }

  sitesIn(path: string): readonly Site[] {
    if (!isSafePath(path) || !this.#areRowsFound) return [];
    const sql = `SELECT ${siteColumns} FROM site JOIN file ON file.id = file_id WHERE file.path = ? ORDER BY line, column, site.id`;
    return this.#all<SiteColumns>(sql, path).map((found) => this.#keptSite(found));
  }

  costThrough(siteIds: readonly number[]): readonly ScopeCost[] {
    return this.#costs(`query_row WHERE application = 1 AND ${throughSites}`, JSON.stringify(siteIds));
  }

  costOwn(siteIds: readonly number[], without: ReadonlySet<CauseKind>): readonly ScopeCost[] {
    const sites = JSON.stringify(siteIds);
    return this.#costs(
      `(SELECT id AS own FROM query_row WHERE ${askedAtSites} UNION SELECT id FROM query_row WHERE ${builtAtSites})
      CROSS JOIN query_row ON query_row.id = own JOIN query ON query.id = query_id JOIN cause ON cause.id = cause_id
      WHERE cause.kind NOT IN (SELECT value FROM json_each(?))`,
      sites,
      sites,
      JSON.stringify([...without]),
    );
  }

  /** @param rows a source of rows, as it stands behind `FROM`, with its conditions */
  #costs(rows: string, ...values: readonly SqlValue[]): readonly ScopeCost[] {
    if (!this.#areRowsFound) return [];
    const sums = "sum(count) AS queries, sum(sum_ns) AS sqlNs, coalesce(sum(rows), 0) AS rows";
    const byFactories = this.#stacksOfFactories();
    const parts = byFactories.size === 0 ? "scope_id" : "scope_id, stack_id";
    // What is added up is far less than what there is of it: the scopes come last.
    const sql = `SELECT spent.*, scope.kind AS kind, phase, CASE subject.kind WHEN 'test' THEN subject.id END AS test
      FROM (SELECT scope_id AS scopeId, stack_id AS stackId, ${sums} FROM ${rows} GROUP BY ${parts}) AS spent
      CROSS JOIN scope ON scope.id = spent.scopeId
      JOIN recording ON recording.id = recording_id JOIN subject ON subject.id = subject_id
      WHERE scope.counts = 1 ORDER BY spent.scopeId`;
    const found = this.#all<Omit<ScopeCost, "byFactory"> & StackColumns>(sql, ...values);
    const costs = new Map<string, ScopeCost>();
    for (const { kind, stackId, ...cost } of found) {
      const byFactory = kind === "test" && byFactories.has(stackId);
      const key = `${cost.scopeId} ${byFactory}`;
      const before = costs.get(key);
      costs.set(key, {
        ...cost,
        byFactory,
        queries: cost.queries + (before?.queries ?? 0),
        sqlNs: cost.sqlNs + (before?.sqlNs ?? 0),
        rows: cost.rows + (before?.rows ?? 0),
      });
    }
    return [...costs.values()];
  }

  /** Those that pass through a factory of tests. */
  #stacksOfFactories(): ReadonlySet<number> {
    const { generation } = this;
    if (this.#factories?.generation !== generation) {
      // Of a large recording's tens of thousands of sites none need be looked at but those.
      const files = this.#all<{ id: number; path: string }>("SELECT id, path FROM file").filter(isFactoryFile);
      const sites = this.#all<{ id: number }>(
        "SELECT id FROM site WHERE kind = ? OR file_id IN (SELECT value FROM json_each(?))",
        factoryKind,
        JSON.stringify(files.map(({ id }) => id)),
      );
      const through =
        "SELECT DISTINCT stack_id AS id FROM stack_site WHERE site_id IN (SELECT value FROM json_each(?))";
      const stacks =
        sites.length === 0 ? [] : this.#all<{ id: number }>(through, JSON.stringify(sites.map(({ id }) => id)));
      this.#factories = { generation, stacks: new Set(stacks.map(({ id }) => id)) };
    }
    return this.#factories.stacks;
  }

  rowsThrough(siteIds: readonly number[]): readonly QueryRow[] {
    return this.#rows(throughSites, JSON.stringify(siteIds));
  }

  rowsBuiltAt(siteIds: readonly number[]): readonly QueryRow[] {
    return this.#rows(builtAtSites, JSON.stringify(siteIds));
  }

  rowsCausedBy(kinds: readonly CauseKind[], which: WhichRows = "all"): readonly QueryRow[] {
    return this.#rows(
      `${conditions[which]} AND query_id IN (SELECT id FROM query WHERE cause_id IN (SELECT id FROM cause WHERE kind IN (SELECT value FROM json_each(?))))`,
      JSON.stringify(kinds),
    );
  }

  sitesBuilding(model: string): readonly Site[] {
    if (!this.#areRowsFound) return [];
    const sql = `SELECT DISTINCT chain_id AS id FROM query_row JOIN scope ON scope.id = scope_id JOIN construction ON construction.id = construction_id
      WHERE scope.counts = 1 AND chain_id <> 0 AND query_id IN (SELECT id FROM query WHERE cause_id IN (
        SELECT id FROM cause WHERE kind = 'queryset' AND coalesce(members ->> 6, members ->> 0) = ?))
      ORDER BY chain_id`;
    return this.#all<{ id: number }>(sql, model).flatMap(({ id }) => this.#site(id) ?? []);
  }

  scopesThrough(siteIds: readonly number[]): readonly number[] {
    if (!this.#areRowsFound) return [];
    const sites = JSON.stringify(siteIds);
    return this.#all<{ id: number }>(
      `WITH
        passing AS (SELECT stack_id FROM stack_site WHERE site_id IN (SELECT value FROM json_each(?))),
        built AS (
          SELECT id FROM construction WHERE chain_id IN (SELECT value FROM json_each(?)) OR stack_id IN (SELECT stack_id FROM passing)
        ),
        hit (id) AS (
          SELECT scope_id FROM query_row WHERE stack_id <> 0 AND stack_id IN (SELECT stack_id FROM passing)
          UNION SELECT scope_id FROM query_row WHERE construction_id <> 0 AND construction_id IN (SELECT id FROM built)
        )
      SELECT scope.id FROM scope WHERE counts = 1 AND scope.id IN (SELECT id FROM hit) ORDER BY scope.id`,
      sites,
      sites,
    ).map(({ id }) => id);
  }

  rowsWithEager(): readonly QueryRow[] {
    return this.#rows("eager IS NOT NULL");
  }

  row(id: number): QueryRow | null {
    const row = this.#get<RowColumns>(`SELECT ${rowColumns} FROM query_row WHERE query_row.id = ?`, id);
    return row === undefined ? null : this.#queryRow(row);
  }

  rowsOfScope(scopeId: number, which: WhichRows = "all"): readonly QueryRow[] {
    return this.#rowsOfScope(scopeId, conditions[which]);
  }

  rowsOfScopeThrough(scopeId: number, siteIds: readonly number[]): readonly QueryRow[] {
    const isPassing = `stack_id <> 0 AND EXISTS (
      SELECT 1 FROM json_each(?) JOIN stack_site ON site_id = value AND stack_site.stack_id = query_row.stack_id)`;
    return this.#rowsOfScope(scopeId, `application = 1 AND ${isPassing}`, JSON.stringify(siteIds));
  }

  rowsOfScopeOwn(scopeId: number, siteIds: readonly number[]): readonly QueryRow[] {
    const sites = JSON.stringify(siteIds);
    const isAsked = "(SELECT site_id FROM stack WHERE id = stack_id) IN (SELECT value FROM json_each(?))";
    const isBuilt =
      "(SELECT chain_id FROM construction WHERE id = construction_id) IN (SELECT value FROM json_each(?))";
    const isOwn = `((stack_id <> 0 AND ${isAsked}) OR (construction_id <> 0 AND ${isBuilt}))`;
    return this.#rowsOfScope(scopeId, isOwn, sites, sites);
  }

  /** In the order in which they were first executed. */
  #rowsOfScope(scopeId: number, condition: string, ...values: readonly SqlValue[]): readonly QueryRow[] {
    if (!this.#areRowsFound) return [];
    const sql = `SELECT ${rowColumns} FROM query_row WHERE scope_id = ? AND ${condition} ORDER BY first, query_row.id`;
    return this.#queryRows(this.#all<RowColumns>(sql, scopeId, ...values));
  }

  writesOfScope(scopeId: number): readonly QueryRow[] {
    if (!this.#areRowsFound) return [];
    const sql = `SELECT ${rowColumns} FROM query_row JOIN query ON query.id = query_id JOIN statement ON statement.id = statement_id
      WHERE scope_id = ? AND verb IN ('insert', 'update', 'delete') ORDER BY first, query_row.id`;
    return this.#queryRows(this.#all<RowColumns>(sql, scopeId));
  }

  stack(stackId: number): readonly Site[] {
    if (stackId === 0) return [];
    this.#beginSnapshot();
    let sites = this.#stacks.get(stackId);
    if (sites === undefined) {
      sites = this.#stackSites(stackId);
      if (this.#stacks.size >= MAX_KEPT_STACKS) this.#stacks.clear();
      this.#stacks.set(stackId, sites);
    }
    return sites;
  }

  construction(id: number): Construction | null {
    const found = this.#get<{ id: number; stack_id: number; chain_id: number }>(
      "SELECT id, stack_id, chain_id FROM construction WHERE id = ?",
      id,
    );
    if (found === undefined) return null;
    return { id, stackId: found.stack_id, chain: this.#site(found.chain_id) };
  }

  statement(id: number): Statement {
    const found = this.#get<{ id: number; sql: string; verb: Statement["verb"]; tables: string }>(
      "SELECT id, sql, verb, tables FROM statement WHERE id = ?",
      id,
    );
    if (found === undefined) throw new Error(`No statement ${id} in the store.`);
    return { ...found, tables: JSON.parse(found.tables) as readonly string[] };
  }

  plan(statementId: number, db: string): Plan | null {
    const found = this.#get<{ vendor: string; nodes: string }>(
      "SELECT vendor, nodes FROM plan WHERE statement_id = ? AND db = ?",
      statementId,
      db,
    );
    if (found === undefined) return null;
    return { statementId, db, vendor: found.vendor, nodes: JSON.parse(found.nodes) as Plan["nodes"] };
  }

  probes(statementId: number, db: string): readonly Probe[] {
    return this.#all<{ answer: string }>(
      "SELECT answer FROM probe WHERE statement_id = ? AND db = ? ORDER BY filter",
      statementId,
      db,
    ).map(({ answer }) => ({ statementId, db, ...(JSON.parse(answer) as Omit<Probe, "statementId" | "db">) }));
  }

  scope(id: number): Scope {
    const found = this.#get<ScopeColumns>(`SELECT ${scopeColumns} WHERE scope.id = ?`, id);
    if (found === undefined) throw new Error(`No scope ${id} in the store.`);
    return toScope(found);
  }

  scopesOf(ids: readonly number[]): ReadonlyMap<number, Scope> {
    const sql = `SELECT ${scopeColumns} WHERE scope.id IN (SELECT value FROM json_each(?))`;
    const found = this.#all<ScopeColumns>(sql, JSON.stringify(ids));
    return new Map(found.map((columns) => [columns.id, toScope(columns)]));
  }

  scopes(): readonly Scope[] {
    return this.#all<ScopeColumns>(`SELECT ${scopeColumns} WHERE scope.counts = 1 ORDER BY scope.id`).map(toScope);
  }

  scopesOfRun(run: string): readonly Scope[] {
    return this.#all<ScopeColumns>(
      `SELECT ${scopeColumns} WHERE run.name = ? AND scope.ended = 1 ORDER BY scope.id`,
      run,
    ).map(toScope);
  }

  testEnds(): readonly TestEnd[] {
    return this.#all<Omit<TestEnd, "counts"> & { counts: number }>(
      `SELECT subject.name AS test, run.name AS run, outcome, counts
      FROM recording JOIN subject ON subject.id = subject_id JOIN run ON run.id = recording.run_id
      WHERE subject.kind = 'test' AND outcome IS NOT NULL ORDER BY run.name, recording.id`,
    ).map((end) => ({ ...end, counts: end.counts === 1 }));
  }

  order(scopeId: number): ScopeOrder {
    const found = this.#get<{ sequence: string | null; sequence_rest: number }>(
      "SELECT sequence, sequence_rest FROM scope WHERE id = ?",
      scopeId,
    );
    const entries = JSON.parse(found?.sequence ?? "[]") as readonly (readonly [number, ...number[]])[];
    return {
      entries: entries.map(([times, ...rowIds]) => ({ times, rowIds: rowIds.map((id) => siblingId(scopeId, id)) })),
      rest: found?.sequence_rest ?? 0,
    };
  }

  models(): readonly Model[] {
    const newest = this.#get<{ hash: string }>(`
      SELECT models AS hash FROM segment JOIN run ON run.id = run_id WHERE models IS NOT NULL ORDER BY run.name DESC, process LIMIT 1`);
    if (newest === undefined) return [];
    if (this.#models?.hash !== newest.hash) {
      const found = this.#get<{ json: string }>("SELECT json FROM models WHERE hash = ?", newest.hash);
      const models = JSON.parse(found?.json ?? "[]") as readonly Model[];
      this.#models = { hash: newest.hash, models: models.map(complete) };
    }
    return this.#models.models;
  }

  django(): string | null {
    const sql =
      "SELECT django FROM segment JOIN run ON run.id = run_id WHERE django <> '' ORDER BY run.name DESC, process LIMIT 1";
    return this.#get<{ django: string }>(sql)?.django ?? null;
  }

  /** Ends the turn's transaction early, as before closing the connection. Never throws: of a damaged store the next read tells. */
  endSnapshot(): void {
    if (this.#snapshot !== "open") return;
    this.#snapshot = "none";
    for (const end of ["COMMIT", "ROLLBACK"]) {
      try {
        this.#database.exec(end);
        return;
      } catch {
        // Nothing was written in it, so that there is nothing to lose.
      }
    }
  }

  /** What the newest complete run collected; without one, the most that any run found (selected and deselected). */
  #testsCollected(): number {
    return (
      this.#get<{ tests: number }>(`
        SELECT coalesce(
          (SELECT (SELECT count(*) FROM collected WHERE run_id = run.id) FROM run
            WHERE state = 'complete' AND all_collected = 1 ORDER BY name DESC LIMIT 1),
          (SELECT max(deselected + max(collected, (SELECT count(*) FROM collected WHERE run_id = run.id))) FROM run), 0) AS tests`)
        ?.tests ?? 0
    );
  }

  /** Most stacks share most of their callers: each frame is asked for once, and the arrays alone are made anew. */
  #stackSites(stackId: number): readonly Site[] {
    const inward: Site[] = [];
    for (let id = stackId; id !== 0; ) {
      const { parent, site } = this.#frame(id);
      if (site !== null) inward.push(site);
      id = parent;
    }
    return inward.reverse();
  }

  #frame(id: number): Frame {
    let frame = this.#frames.get(id);
    if (frame === undefined) {
      const found = this.#get<{ parent: number; site_id: number }>(
        "SELECT parent, site_id FROM stack WHERE id = ?",
        id,
      );
      // A store may hold anything: callers have smaller ids, or there would be no end to them.
      const parent = found === undefined || found.parent >= id ? 0 : found.parent;
      frame = { parent, site: found === undefined ? null : this.#site(found.site_id) };
      if (this.#frames.size >= MAX_KEPT_FRAMES) this.#frames.clear();
      this.#frames.set(id, frame);
    }
    return frame;
  }

  #site(id: number): Site | null {
    if (id === 0) return null;
    this.#beginSnapshot();
    const kept = this.#sites.get(id);
    if (kept !== undefined) return kept;
    const found = this.#get<SiteColumns>(
      `SELECT ${siteColumns} FROM site JOIN file ON file.id = file_id WHERE site.id = ?`,
      id,
    );
    return found === undefined || !isSafePath(found.path) ? null : this.#keptSite(found);
  }

  #keptSite(found: SiteColumns): Site {
    let site = this.#sites.get(found.id);
    if (site === undefined) {
      site = toSite(found);
      this.#sites.set(site.id, site);
    }
    return site;
  }

  /** False while the store takes in its first recordings (`indexRows`): what is not all there is not shown in part. */
  get #areRowsFound(): boolean {
    this.#isIndexed ||= this.#get("SELECT 1 FROM meta WHERE key = 'rows_indexed'") !== undefined;
    return this.#isIndexed;
  }

  #rows(condition: string, ...values: readonly SqlValue[]): readonly QueryRow[] {
    if (!this.#areRowsFound) return [];
    const sql = `SELECT ${rowColumns} FROM query_row JOIN scope ON scope.id = scope_id WHERE scope.counts = 1 AND ${condition} ORDER BY query_row.id`;
    return this.#queryRows(this.#all<RowColumns>(sql, ...values));
  }

  #queryRows(rows: readonly RowColumns[]): readonly QueryRow[] {
    return rows.map((row) => this.#queryRow(row));
  }

  #queryRow(row: RowColumns): QueryRow {
    return toQueryRow(row, this.#query(row.query_id));
  }

  #query(id: number): Query {
    const kept = this.#queries.get(id);
    if (kept !== undefined) return kept;
    const found = this.#get<QueryColumns>(
      "SELECT cause_id, statement_id, db, path, single, sample FROM query WHERE id = ?",
      id,
    );
    const { cause_id = 0, statement_id = 0, db = "", path = "", single = 0, sample = null } = found ?? {};
    const query = toQuery({ cause_id, statement_id, db, path, single, sample }, this.#cause(cause_id));
    if (this.#queries.size >= MAX_KEPT_QUERIES) this.#queries.clear();
    this.#queries.set(id, query);
    return query;
  }

  #cause(id: number): Cause {
    const kept = this.#causes.get(id);
    if (kept !== undefined) return kept;
    const found = this.#get<CauseColumns>("SELECT kind, members FROM cause WHERE id = ?", id);
    const cause = toCause(found ?? { kind: "other", members: "[]" });
    this.#causes.set(id, cause);
    return cause;
  }

  #get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#prepared<Row>(sql).get(...values);
  }

  #all<Row>(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#prepared<Row>(sql).all(...values);
  }

  #prepared<Row>(sql: string): SqlStatement<Row> {
    this.#beginSnapshot();
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as SqlStatement<Row>;
  }

  #beginSnapshot(): void {
    if (this.#snapshot === "open") return;
    if (this.#snapshot === "none") {
      this.#database.exec("BEGIN");
      this.#snapshot = "open";
      setImmediate(() => this.endSnapshot());
    }
    this.#forgetOtherEpoch();
  }

  /** What is interned never changes; its ids are given anew only after a sweep, which counts the epoch up. */
  #forgetOtherEpoch(): void {
    this.#epochStatement ??= this.#database.prepare("SELECT value FROM meta WHERE key = 'epoch'");
    const epoch = this.#epochStatement.get()?.value ?? 0;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#sites.clear();
    this.#stacks.clear();
    this.#frames.clear();
    this.#queries.clear();
    this.#causes.clear();
  }
}

/** Members that an older recorder left out mean that it is not known: a manager may then filter. */
function complete(model: Model): Model {
  const { file, defaultManager = null, defaultManagerFilters = true, ordering = [], fields } = model;
  return {
    ...model,
    file: file === null || isSafePath(file) ? file : null,
    defaultManager,
    defaultManagerFilters,
    ordering,
    fields: fields.map((field) => ({ ...field, toField: field.toField ?? null })),
  };
}
