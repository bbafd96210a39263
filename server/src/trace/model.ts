/**
 * What the rest of the server may know of a trace: plain, read-only data.
 *
 * Names and units are those of docs/segment-format.md: times in nanoseconds (`…Ns`) or milliseconds since the epoch (`…At`),
 * recorded lines from 1, recorded columns from 0 in UTF-8 bytes. Ids here are the store's own, unique in one project.
 */

/**
 * `serializer`, `admin` and `graphql`: a library's frame that acts for a field which the user declared; `view`, `model_admin` and `inline_admin`:
 * one that makes the queryset of a class whose own is written nowhere; `factory`: one that makes objects for a test; `other`: a later recorder's.
 */
export type SiteKind =
  | "python"
  | "template"
  | "serializer"
  | "admin"
  | "graphql"
  | "view"
  | "model_admin"
  | "inline_admin"
  | "factory"
  | "other";
export type Verb = "select" | "insert" | "update" | "delete" | "savepoint" | "transaction" | "other";
export type ScopeKind = "test" | "request" | "command" | "task" | "server";
export type Phase = "class" | "setup" | "call" | "teardown";
export type Outcome = "passed" | "failed" | "error" | "skipped" | "xfailed";

export type CauseKind =
  | "foreign_key"
  | "one_to_one"
  | "reverse_one_to_one"
  | "generic_foreign_key"
  | "reverse_foreign_key"
  | "many_to_many"
  | "generic_relation"
  | "deferred_field"
  | "prefetch"
  | "queryset"
  | "raw"
  | "save"
  | "delete"
  | "refresh"
  | "create"
  | "update"
  | "bulk"
  | "cursor"
  | "session"
  | "auth"
  | "contenttypes"
  | "transaction"
  | "other";

/** One content of one user file, as it was when it was recorded. */
export interface RecordedFile {
  readonly id: number;
  readonly path: string;
  readonly language: "python" | "django-template" | "jinja";
  /** SHA-256 of the text as UTF-8 (no BOM), lower-case hex; "" where the text is unknown. */
  readonly hash: string;
  readonly changedWhileRecording: boolean;
}

export interface Site {
  readonly id: number;
  readonly fileId: number;
  readonly path: string;
  readonly kind: SiteKind;
  readonly qualname: string;
  readonly functionLine: number;
  readonly line: number;
  readonly column: number | null;
  readonly endLine: number | null;
  readonly endColumn: number | null;
  /** The template's tag or variable, the serializer's or admin class's field; null for Python and where only the line is known. */
  readonly token: string | null;
}

export interface Cause {
  readonly kind: CauseKind;
  /** `app_label.ModelName` of the instance or queryset. */
  readonly model: string | null;
  /** The accessor on that model as Python code writes it. */
  readonly field: string | null;
  /** The name select_related or prefetch_related takes for it. */
  readonly lookup: string | null;
  readonly api: string | null;
  /** For `prefetch`: the whole lookup from the prefetching queryset's model. */
  readonly path: string | null;
  readonly refined: boolean;
  readonly target: string | null;
}

export interface Construction {
  readonly id: number;
  readonly stackId: number;
  /** The expression a developer would edit: innermost user frame outside managers and querysets; null where none took part. */
  readonly chain: Site | null;
}

export interface Statement {
  readonly id: number;
  readonly sql: string;
  readonly verb: Verb;
  readonly tables: readonly string[];
}

/** A relation that was loaded along with a query's rows: joined, or prefetched for them. */
export interface EagerRelation {
  /** Attributes from the row's model on, through what was joined: `customer__address`. */
  readonly path: string;
  /** Instances whose relation was there and not empty, summed over executions. */
  readonly loaded: number;
  /** Whether the program ever looked at it. */
  readonly read: boolean;
}

/** One distinct query of one scope, and how often it ran. */
export interface QueryRow {
  readonly id: number;
  readonly scopeId: number;
  readonly stackId: number;
  readonly constructionId: number | null;
  readonly cause: Cause;
  readonly statementId: number;
  readonly db: string;
  readonly parentId: number | null;
  /** Lookup path from the parent's model to the instance through the parent's own joins, `""` if none. */
  readonly path: string;
  readonly count: number;
  /** Model rows loaded over all executions; null where the ORM did not iterate. */
  readonly rows: number | null;
  /** At most one row can come back. */
  readonly single: boolean;
  readonly sumNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly first: number;
  readonly last: number;
  /** Distinct parent instances; exact to 1,024. */
  readonly instances: number;
  readonly instancesAtLeast: boolean;
  /** Distinct parameter lists; exact to 1,024. */
  readonly parameters: number;
  readonly parametersAtLeast: boolean;
  readonly errors: number;
  readonly sample: readonly string[] | null;
  /** Without an entry nothing is known of a relation. */
  readonly eager: readonly EagerRelation[];
}

export interface Scope {
  readonly id: number;
  readonly kind: ScopeKind;
  readonly test: string | null;
  readonly phase: Phase | null;
  readonly ordinal: number;
  readonly parentId: number | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly route: string | null;
  readonly view: string | null;
  readonly label: string | null;
  readonly status: number | null;
  /** Executions of application statements: all but savepoints and transactions. */
  readonly queries: number;
  readonly sqlNs: number;
  readonly run: string;
  /** When its run started, ms since the epoch. */
  readonly recordedAt: number;
}

/** A scope's executions in their order, repeats folded: `rowIds` ran one after the other, `times` in succession. */
export interface ScopeOrder {
  readonly entries: readonly { readonly times: number; readonly rowIds: readonly number[] }[];
  /** Executions that are not listed. */
  readonly rest: number;
}

/** What one scope spent at a set of sites. */
export interface ScopeCost {
  readonly scopeId: number;
  readonly phase: Scope["phase"];
  /** Which test the scope stands in: equal for equal ones. */
  readonly test: number | null;
  /** Of the queries that factories asked, which count apart. */
  readonly byFactory: boolean;
  readonly queries: number;
  readonly sqlNs: number;
  readonly rows: number;
}

export interface PlanNode {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

export interface Plan {
  readonly statementId: number;
  readonly db: string;
  readonly vendor: string;
  readonly nodes: readonly PlanNode[];
}

/** One lookup on one column; see `probe` in docs/segment-format.md. */
export interface ProbedColumn {
  readonly column: string;
  readonly lookup: string;
  readonly use: "equality" | "range" | "prefix" | "none";
  /** Under an OR. */
  readonly alternative: boolean;
  /** An index looked the column up; null where none could, or where it is not known. */
  readonly served: boolean | null;
  /** Why no plain index serves it. */
  readonly reason: string | null;
}

/** Whether an index can serve what a statement filters and sorts one of its tables by. */
export interface Probe {
  readonly statementId: number;
  readonly db: string;
  readonly vendor: string;
  readonly table: string;
  readonly columns: readonly ProbedColumn[];
  /** Null where it is not by this table's own columns alone. */
  readonly sort: readonly { readonly column: string; readonly descending: boolean }[] | null;
  /** Null where there is nothing to serve, or where it cannot be told. */
  readonly served: boolean | null;
  readonly sortServed: boolean | null;
  readonly indexes: readonly string[];
  /** An index that would serve it; `proven` if the database was asked. */
  readonly candidate: { readonly columns: readonly string[]; readonly proven: boolean | null } | null;
}

export type Relation =
  | "foreign_key"
  | "one_to_one"
  | "many_to_many"
  | "reverse_foreign_key"
  | "reverse_one_to_one"
  | "reverse_many_to_many"
  | "generic_foreign_key"
  | "generic_relation";

export interface ModelField {
  readonly name: string;
  readonly attname: string;
  readonly column: string | null;
  readonly type: string;
  readonly null: boolean;
  readonly unique: boolean;
  readonly index: boolean;
  readonly primaryKey: boolean;
  readonly relation: Relation | null;
  readonly to: string | null;
  readonly accessor: string;
  /** Name for select_related; null if it takes none. */
  readonly select: string | null;
  /** Name for prefetch_related; null if it takes none. */
  readonly prefetch: string | null;
  /** Name of the field at the other end. */
  readonly remote: string | null;
  /** Of a key: the name of the other model's field whose value its column holds. */
  readonly toField: string | null;
}

export interface Model {
  readonly label: string;
  readonly module: string;
  readonly qualname: string;
  readonly file: string | null;
  readonly line: number;
  readonly table: string;
  readonly proxyFor: string | null;
  readonly abstractBases: readonly string[];
  readonly parents: readonly string[];
  readonly managed: boolean;
  readonly vendor: string;
  readonly baseManagerFilters: boolean;
  /** Name of the manager that related managers are made of; null where it is not known. */
  readonly defaultManager: string | null;
  /** It has a `get_queryset` of its own. */
  readonly defaultManagerFilters: boolean;
  /** As in `Meta`; null for an expression. */
  readonly ordering: readonly (string | null)[];
  readonly fields: readonly ModelField[];
  readonly indexes: readonly {
    readonly name: string;
    readonly fields: readonly (string | null)[];
    readonly condition: boolean;
    readonly unique: boolean;
  }[];
  readonly uniqueTogether: readonly (readonly string[])[];
}

/** One attempt at a test in one run, whether or not it counts. */
export interface TestEnd {
  readonly test: string;
  readonly run: string;
  readonly outcome: Outcome;
  /** What is shown of the test is this attempt's. */
  readonly counts: boolean;
}

export interface Run {
  readonly id: string;
  readonly state: "running" | "complete" | "partial" | "interrupted";
  readonly command: readonly string[];
  readonly runner: string;
  /** The recording's root on the machine that ran it; null where no manifest tells. */
  readonly root: string | null;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly collected: number;
  readonly recorded: number;
}

/** Something that could not be read, in words for a person; nothing else was lost. */
export interface TraceProblem {
  readonly code: "newer-format" | "torn-line" | "foreign-file" | "bad-record" | "unreadable" | "no-header" | "recorder";
  readonly file: string;
  readonly message: string;
}

export interface TraceSummary {
  readonly runs: readonly Run[];
  readonly testsRecorded: number;
  readonly testsCollected: number;
  readonly scopes: number;
  readonly queries: number;
  readonly problems: readonly TraceProblem[];
}

/**
 * The only way into the store for everything outside `trace/`. Synchronous: each call is one indexed query on the main thread's
 * read-only connection. `generation` grows with each ingested batch; whoever caches keys on it.
 */
/** `hanging`: on an instance that another row loaded. `repeated`: on none, and executed more than once, with different parameters. */
export type WhichRows = "all" | "hanging" | "repeated";

export interface TraceReader {
  readonly generation: number;
  summary(): TraceSummary;
  /** All recorded contents of a path, newest first. */
  filesAt(path: string): readonly RecordedFile[];
  /** Paths of all user files that have sites. */
  paths(): readonly string[];
  text(fileId: number): string | null;
  sitesIn(path: string): readonly Site[];
  /**
   * Per scope, the cost of the distinct rows whose stack passes through any of these sites; savepoints and transactions left out. A test's scope may have
   * two: what its factories asked is apart.
   */
  costThrough(siteIds: readonly number[]): readonly ScopeCost[];
  /**
   * The same of the rows that were asked at any of these sites, as their innermost one, or whose queryset's `chain` is one of them.
   *
   * @param without causes that count for nothing
   */
  costOwn(siteIds: readonly number[], without: ReadonlySet<CauseKind>): readonly ScopeCost[];
  /** The rows whose stack passes through any of these sites. */
  rowsThrough(siteIds: readonly number[]): readonly QueryRow[];
  /** The rows whose queryset's `chain` is any of these sites. */
  rowsBuiltAt(siteIds: readonly number[]): readonly QueryRow[];
  /** The rows with one of these causes, in id order: all of them, or only some. Most of a test suite's rows are neither `hanging` nor `repeated`. */
  rowsCausedBy(kinds: readonly CauseKind[], which?: WhichRows): readonly QueryRow[];
  /** The `chain` sites of querysets, in id order, whose rows are of that model: the target, where there is one (`QueryRow.cause`). */
  sitesBuilding(model: string): readonly Site[];
  /** The scopes with a row that runs through any of these sites, or whose queryset was built through one, in id order. */
  scopesThrough(siteIds: readonly number[]): readonly number[];
  /** All rows with something loaded along, in id order. */
  rowsWithEager(): readonly QueryRow[];
  row(id: number): QueryRow | null;
  rowsOfScope(scopeId: number, which?: WhichRows): readonly QueryRow[];
  /** Those of them that `costThrough` counts at these sites. */
  rowsOfScopeThrough(scopeId: number, siteIds: readonly number[]): readonly QueryRow[];
  /** Those of them that `costOwn` counts at these sites, with all causes. */
  rowsOfScopeOwn(scopeId: number, siteIds: readonly number[]): readonly QueryRow[];
  /** Those of them that insert, update or delete: of a test's set-up, or of most requests, few. */
  writesOfScope(scopeId: number): readonly QueryRow[];
  /** Outermost to innermost. */
  stack(stackId: number): readonly Site[];
  construction(id: number): Construction | null;
  statement(id: number): Statement;
  plan(statementId: number, db: string): Plan | null;
  /** Whether indexes serve the statement's filters, a table each. */
  probes(statementId: number, db: string): readonly Probe[];
  scope(id: number): Scope;
  /** Several at once, by their ids. */
  scopesOf(ids: readonly number[]): ReadonlyMap<number, Scope>;
  scopes(): readonly Scope[];
  /** The ended scopes of one run, whether or not they count, in id order. */
  scopesOfRun(run: string): readonly Scope[];
  /** How tests ended, in all runs, the oldest first; attempts that did not end are left out. */
  testEnds(): readonly TestEnd[];
  order(scopeId: number): ScopeOrder;
  models(): readonly Model[];
  /** Django's version in the newest recording: `5.2.8`; null where it is not known. */
  django(): string | null;
}
