import { loadBetterSqlite, openWithBetterSqlite } from "./sqliteBetter.ts";
import { openWithNodeSqlite } from "./sqliteNode.ts";

/** The little that the store asks of SQLite, so that two libraries can serve it. All calls are synchronous and throw on failure. */
export interface Database {
  readonly driver: Driver;
  exec(sql: string): void;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  close(): void;
}

export interface Statement<Row> {
  run(...values: readonly SqlValue[]): { readonly changes: number; readonly id: number };
  get(...values: readonly SqlValue[]): Row | undefined;
  all(...values: readonly SqlValue[]): Row[];
}

export type SqlValue = string | number | null;
export type Driver = "better-sqlite3" | "node:sqlite";

export interface OpenOptions {
  readonly readonly: boolean;
  /** Ms to wait for another connection's lock. */
  readonly busyTimeout: number;
  /** Only for tests: the one library to try. */
  readonly driver?: Driver | undefined;
}

/** Of each connection that only reads. What it does not hold the system does, for all of them at once. */
const READ_CACHE_KIB = 2_000;

/** No library here can open a SQLite file. */
export class SqliteUnavailable extends Error {}

/**
 * Opens a database with better-sqlite3, or with Node's own SQLite where better-sqlite3 cannot be loaded (an old Node, or a Linux whose
 * glibc is older than 2.34).
 *
 * @throws SqliteUnavailable where neither can be loaded; the library's own error where the file cannot be opened.
 */
export function openDatabase(path: string, options: OpenOptions): Database {
  const attempts = [
    { driver: "better-sqlite3", open: openWithBetterSqlite },
    { driver: "node:sqlite", open: openWithNodeSqlite },
  ] as const;
  const reasons: string[] = [];
  for (const { driver, open } of attempts) {
    if (options.driver !== undefined && options.driver !== driver) continue;
    const opened = open(path, options);
    if (typeof opened !== "string") {
      if (options.readonly) opened.exec(`PRAGMA cache_size = -${READ_CACHE_KIB}`);
      return opened;
    }
    reasons.push(`${driver}: ${opened}`);
  }
  throw new SqliteUnavailable(
    `Querysight needs SQLite, which this Node.js ${process.versions.node} cannot load (${reasons.join("; ")}). Use Node.js 22.15 or newer.`,
  );
}

/** Loads the library that the first store will want: some ten ms that nobody then waits for. */
export function loadSqlite(): void {
  loadBetterSqlite();
}

/** SQLite's own name for what went wrong (`SQLITE_BUSY`, `SQLITE_CORRUPT`, …) by primary code; null for other errors. */
export function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === "number") return primaryCodes.get(errcode & 0xff) ?? "SQLITE_ERROR";
  if (typeof code !== "string" || !code.startsWith("SQLITE_")) return null;
  return [...primaryCodes.values()].find((name) => code === name || code.startsWith(`${name}_`)) ?? code;
}

/** https://www.sqlite.org/rescode.html */
const primaryCodes: ReadonlyMap<number, string> = new Map([
  [5, "SQLITE_BUSY"],
  [6, "SQLITE_LOCKED"],
  [8, "SQLITE_READONLY"],
  [10, "SQLITE_IOERR"],
  [11, "SQLITE_CORRUPT"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [19, "SQLITE_CONSTRAINT"],
  [26, "SQLITE_NOTADB"],
]);

export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === "SQLITE_BUSY" || code === "SQLITE_LOCKED";
}

/** Ms for which a lock is waited for: another process may be taking in a recording of millions of rows. */
const PATIENCE = 120_000;

/** Does what needs a lock, again and again while another connection holds it. The wait between is the connection's own busy timeout. */
export function patiently<T>(work: () => T, stopped: () => boolean, patience = PATIENCE): T {
  // No clock that is set back or forward changes how long this is.
  const started = performance.now();
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || stopped() || performance.now() - started > patience) throw error;
    }
  }
}

/**
 * True where the file is not, or no longer, a sound database, or does not hold what Querysight writes (no segment can break a constraint):
 * rebuilding it from the segments is the cure.
 */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === "SQLITE_CORRUPT" || code === "SQLITE_NOTADB" || code === "SQLITE_CONSTRAINT";
}
