import type { Database } from "./sqlite.ts";

/**
 * The store's tables. It is a cache of the segments: whatever changes here, raise the version and every store is built anew.
 *
 * Rows without a stack or a queryset, which are many, are in no index of those: who asks through one says so (`stack_id <> 0`).
 *
 * What several segments name in common (files, sites, stacks, …) stands once. A scope's, a row's and a query's id is its segment's id and
 * its own id in there (`storeId`), so that a row can name a parent that is not written yet, and all of a segment is a range of ids.
 *
 * What a row asks (`query`) is the same for many rows of a segment and stands once; the row has where and how often. Of a row that was
 * executed once its first time is its last, and its time the least and the most: those columns are then null, and so are further columns
 * that are nearly always 0. A `parent` and a
 * scope's `sequence` name rows and scopes by their own ids in the segment.
 */
export const SCHEMA_VERSION = 6;

const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, state TEXT NOT NULL, command TEXT NOT NULL, runner TEXT NOT NULL,
  root TEXT, pid INTEGER, started_at INTEGER NOT NULL, finished_at INTEGER, collected INTEGER NOT NULL, recorded INTEGER NOT NULL,
  all_collected INTEGER NOT NULL DEFAULT 0, deselected INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE segment (
  id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, process TEXT NOT NULL, size INTEGER NOT NULL, changed_at REAL NOT NULL,
  offset INTEGER NOT NULL, header TEXT, refused INTEGER NOT NULL DEFAULT 0, models TEXT, django TEXT, UNIQUE (run_id, process)
);
CREATE TABLE collected (run_id INTEGER NOT NULL, test TEXT NOT NULL, PRIMARY KEY (run_id, test)) WITHOUT ROWID;
CREATE TABLE problem (
  id INTEGER PRIMARY KEY, run_id INTEGER, segment_id INTEGER, code TEXT NOT NULL, file TEXT NOT NULL, message TEXT NOT NULL
);

CREATE TABLE file (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, language TEXT NOT NULL, hash TEXT NOT NULL, changed INTEGER NOT NULL, text TEXT,
  last_run TEXT NOT NULL, UNIQUE (path, hash, language, changed)
);
CREATE TABLE site (
  id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, kind TEXT NOT NULL, qualname TEXT NOT NULL, function_line INTEGER NOT NULL,
  line INTEGER NOT NULL, column INTEGER NOT NULL, end_line INTEGER NOT NULL, end_column INTEGER NOT NULL, token TEXT NOT NULL,
  UNIQUE (file_id, line, column, end_line, end_column, kind, qualname, function_line, token)
);
CREATE TABLE stack (
  id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, site_id INTEGER NOT NULL, depth INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0,
  UNIQUE (parent, site_id)
);
CREATE TABLE stack_site (site_id INTEGER NOT NULL, stack_id INTEGER NOT NULL, PRIMARY KEY (site_id, stack_id)) WITHOUT ROWID;
CREATE TABLE construction (
  id INTEGER PRIMARY KEY, stack_id INTEGER NOT NULL, chain_id INTEGER NOT NULL, UNIQUE (chain_id, stack_id)
);
CREATE TABLE statement (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, sql TEXT NOT NULL, verb TEXT NOT NULL, tables TEXT NOT NULL);
CREATE TABLE cause (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, members TEXT NOT NULL, UNIQUE (kind, members));
CREATE TABLE plan (
  statement_id INTEGER NOT NULL, db TEXT NOT NULL, vendor TEXT NOT NULL, nodes TEXT NOT NULL, PRIMARY KEY (statement_id, db)
) WITHOUT ROWID;
CREATE TABLE probe (
  statement_id INTEGER NOT NULL, db TEXT NOT NULL, filter TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (statement_id, db, filter)
) WITHOUT ROWID;
CREATE TABLE models (hash TEXT PRIMARY KEY, json TEXT NOT NULL);

CREATE TABLE subject (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name));
CREATE TABLE recording (
  id INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL, segment_id INTEGER NOT NULL, run_id INTEGER NOT NULL,
  outcome TEXT, duration_ns INTEGER, counts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX recording_subject ON recording (subject_id);
CREATE INDEX recording_run ON recording (run_id);
CREATE INDEX recording_open ON recording (segment_id) WHERE outcome IS NULL;
CREATE INDEX recording_counting ON recording (subject_id) WHERE counts = 1;
CREATE TABLE scope (
  id INTEGER PRIMARY KEY, recording_id INTEGER NOT NULL, parent INTEGER NOT NULL, kind TEXT NOT NULL, phase TEXT, ordinal INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0, counts INTEGER NOT NULL DEFAULT 0, queries INTEGER NOT NULL DEFAULT 0, sql_ns INTEGER NOT NULL DEFAULT 0,
  sequence TEXT, sequence_rest INTEGER NOT NULL DEFAULT 0, method TEXT, path TEXT, route TEXT, view TEXT, label TEXT, status INTEGER
);
CREATE INDEX scope_recording ON scope (recording_id);
CREATE TABLE query (
  id INTEGER PRIMARY KEY, cause_id INTEGER NOT NULL, statement_id INTEGER NOT NULL, db TEXT NOT NULL, path TEXT NOT NULL,
  single INTEGER NOT NULL, sample TEXT
);
CREATE TABLE query_row (
  id INTEGER PRIMARY KEY, scope_id INTEGER NOT NULL, stack_id INTEGER NOT NULL, construction_id INTEGER NOT NULL, query_id INTEGER NOT NULL,
  application INTEGER NOT NULL, parent INTEGER NOT NULL, count INTEGER NOT NULL, rows INTEGER, sum_ns INTEGER NOT NULL, first INTEGER NOT NULL,
  instances INTEGER NOT NULL, parameters INTEGER NOT NULL, min_ns INTEGER, max_ns INTEGER, last INTEGER, instances_at_least INTEGER,
  parameters_at_least INTEGER, errors INTEGER, eager TEXT
);
CREATE INDEX query_row_eager ON query_row (id) WHERE eager IS NOT NULL;
`;

/** By which rows are found: see `indexRows`. */
const rowIndexes = `
CREATE INDEX query_row_stack ON query_row (stack_id, application, scope_id, count, sum_ns, rows) WHERE stack_id <> 0;
CREATE INDEX query_row_construction ON query_row (construction_id) WHERE construction_id <> 0;
CREATE INDEX query_row_scope ON query_row (scope_id);
INSERT INTO meta (key, value) VALUES ('rows_indexed', 1);
`;

/** Room for 2^28 rows in each of 2^25 segments: the greatest id is still a whole number that JavaScript holds exactly. */
const SEGMENT_SPAN = 2 ** 28;

/** The store's id of a segment's own scope or row. */
export function storeId(segmentId: number, localId: number): number {
  return segmentId * SEGMENT_SPAN + localId;
}

export function isLocalId(id: number): boolean {
  return id < SEGMENT_SPAN;
}

/** The store's id of what a segment names by its own id, in the segment that `id` is of. */
export function siblingId(id: number, localId: number): number {
  return id - (id % SEGMENT_SPAN) + localId;
}

/** The first and the last id that a segment's scopes, rows and queries can have. */
export function idsOf(segmentId: number): readonly [number, number] {
  return [storeId(segmentId, 0), storeId(segmentId + 1, 0) - 1];
}

/** Makes the tables in an empty database, unless another process was faster. */
export function createTables(database: Database): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    if (schemaVersion(database) === 0) database.exec(`${tables} PRAGMA user_version = ${SCHEMA_VERSION};`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Makes the indexes of rows, once for each store, when it has taken in all that was there at first: entries that are sorted before cost a
 * third of those that come one by one. Until then rows are found by nothing but their id, and readers answer that there are none.
 *
 * @returns true where they were not there yet
 */
export function indexRows(database: Database): boolean {
  if (areRowsIndexed(database)) return false;
  database.exec(rowIndexes);
  return true;
}

export function areRowsIndexed(database: Database): boolean {
  return database.prepare("SELECT 1 FROM meta WHERE key = 'rows_indexed'").get() !== undefined;
}

export function schemaVersion(database: Database): number {
  return database.prepare<{ user_version: number }>("PRAGMA user_version").get()?.user_version ?? 0;
}
