import type { Database } from "./sqlite.ts";

/**
 * The store's tables. It is a cache of the segments: whatever changes here, raise the version and every store is built anew.
 *
 * Rows without a stack or a queryset, which are many, are in no index of those: who asks through one says so (`stack_id <> 0`).
 *
 * What several segments name in common (files, sites, stacks, …) stands once. A scope's and a row's id is its segment's id and its own id
 * in there (`storeId`), so that a row can name a parent that is not written yet.
 */
export const SCHEMA_VERSION = 5;

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
CREATE INDEX recording_segment ON recording (segment_id);
CREATE INDEX recording_run ON recording (run_id);
CREATE INDEX recording_counting ON recording (subject_id) WHERE counts = 1;
CREATE TABLE scope (
  id INTEGER PRIMARY KEY, segment_id INTEGER NOT NULL, recording_id INTEGER NOT NULL, kind TEXT NOT NULL, test TEXT, phase TEXT,
  ordinal INTEGER NOT NULL, parent_id INTEGER, method TEXT, path TEXT, route TEXT, view TEXT, label TEXT, status INTEGER,
  queries INTEGER NOT NULL DEFAULT 0, sql_ns INTEGER NOT NULL DEFAULT 0, sequence TEXT, sequence_rest INTEGER NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0, counts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX scope_recording ON scope (recording_id);
CREATE INDEX scope_segment ON scope (segment_id);
CREATE TABLE query_row (
  id INTEGER PRIMARY KEY, scope_id INTEGER NOT NULL, stack_id INTEGER NOT NULL, construction_id INTEGER NOT NULL, cause_id INTEGER NOT NULL,
  statement_id INTEGER NOT NULL, application INTEGER NOT NULL, db TEXT NOT NULL, parent_id INTEGER, path TEXT NOT NULL,
  count INTEGER NOT NULL, rows INTEGER, single INTEGER NOT NULL, sum_ns INTEGER NOT NULL, min_ns INTEGER NOT NULL, max_ns INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, instances INTEGER NOT NULL, instances_at_least INTEGER NOT NULL,
  parameters INTEGER NOT NULL, parameters_at_least INTEGER NOT NULL, errors INTEGER NOT NULL, sample TEXT, eager TEXT
);
CREATE INDEX query_row_stack ON query_row (stack_id, application, scope_id, count, sum_ns, rows) WHERE stack_id <> 0;
CREATE INDEX query_row_construction ON query_row (construction_id) WHERE construction_id <> 0;
CREATE INDEX query_row_scope ON query_row (scope_id);
CREATE INDEX query_row_eager ON query_row (id) WHERE eager IS NOT NULL;
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

export function schemaVersion(database: Database): number {
  return database.prepare<{ user_version: number }>("PRAGMA user_version").get()?.user_version ?? 0;
}
