import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { PathMapping } from "./paths.ts";
import { createTables, SCHEMA_VERSION, schemaVersion } from "./schema.ts";
import {
  type Database,
  type Driver,
  isBusy,
  isDamage,
  type OpenOptions,
  openDatabase,
  SqliteUnavailable,
} from "./sqlite.ts";

/** Ms that a writer waits for another process's batch before it looks whether it should stop. */
const BUSY_TIMEOUT = 250;

/** Rows come in the order in which they ran, their index entries in none: with less, a large recording's index is read back again and again. */
const CACHE_KIB = 48 * 1024;
/** Pages (of 4 KiB) in the log before they are copied into the store: twice a batch's, so that what changes again is copied once. */
const LOG_PAGES = 8_000;

export interface OpenStore {
  readonly database: Database;
  readonly path: string;
  /** False once the file was deleted or replaced under the connection. */
  isCurrent(): boolean;
}

export interface StoreOptions {
  /** What the contents depend on besides the segments; a store made with another is built anew. */
  readonly configuration: string;
  readonly driver?: Driver | undefined;
  /** The system's cache folder; only tests choose another. */
  readonly cacheFolder?: string | undefined;
}

/** @param mappings where recorded paths lie in this project: a store made with others is another */
export function configurationOf(mappings: readonly PathMapping[]): string {
  return JSON.stringify(mappings);
}

/**
 * Opens a project's store for writing, making or rebuilding it where it is absent, damaged or of another version. It lies in
 * `.querysight/`, or, where that cannot hold it (read-only, a link, a share without locks), in the system's cache folder.
 *
 * @throws SqliteUnavailable, or the last place's error
 */
export function openStore(projectRoot: string, options: StoreOptions): OpenStore {
  const own = join(projectRoot, ".querysight");
  let failure: unknown = null;
  if (isPlain(own, "folder") && isPlain(join(own, "trace.db"), "file")) {
    try {
      return openOrRebuild(join(own, "trace.db"), options);
    } catch (error) {
      if (error instanceof SqliteUnavailable || isBusy(error)) throw error;
      failure = error;
    }
  }
  try {
    const path = cachedStore(projectRoot, options);
    mkdirSync(dirname(path), { recursive: true });
    return openOrRebuild(path, options);
  } catch (error) {
    throw failure ?? error;
  }
}

/** @throws the library's own error where it cannot be opened */
export function readStore(path: string, options: Omit<OpenOptions, "readonly">): OpenStore {
  const made = identity(path);
  const database = openDatabase(path, { ...options, readonly: true });
  return { database, path, isCurrent: () => identity(path) === made };
}

/** A store that can be read as it is, whoever writes it; null where there is none, or it would have to be built anew. */
export function openReadable(projectRoot: string, busyTimeout: number, options: StoreOptions): OpenStore | null {
  for (const path of [join(projectRoot, ".querysight", "trace.db"), cachedStore(projectRoot, options)]) {
    if (!isPlain(dirname(path), "folder") || !existsSync(path) || !isPlain(path, "file")) continue;
    try {
      const store = readStore(path, { busyTimeout, driver: options.driver });
      if (isReadable(store.database, options)) return store;
      store.database.close();
    } catch {
      // Not to be read now, so nothing to show.
    }
  }
  return null;
}

function isReadable(database: Database, { configuration }: StoreOptions): boolean {
  try {
    return schemaVersion(database) === SCHEMA_VERSION && keptConfiguration(database) === configuration;
  } catch {
    return false;
  }
}

/** Deletes a store that was found damaged, so that the next opening makes a new one. Its connections must be closed. */
export function discardStore(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${path}${suffix}`, { force: true });
}

function openOrRebuild(path: string, options: StoreOptions): OpenStore {
  try {
    return openAt(path, options) ?? rebuild(path, options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return rebuild(path, options);
  }
}

function rebuild(path: string, options: StoreOptions): OpenStore {
  discardStore(path);
  const store = openAt(path, options);
  if (store === null) throw new Error(`${path} is being made by another version of Querysight at the same time.`);
  return store;
}

/** Null for a sound store that is of another version or configuration. */
function openAt(path: string, { configuration, driver }: StoreOptions): OpenStore | null {
  const database = openDatabase(path, { readonly: false, busyTimeout: BUSY_TIMEOUT, driver });
  try {
    // Not every file system can hold a write-ahead log; SQLite then keeps the mode it has, which is slower but right.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY");
    database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    if (schemaVersion(database) === 0) createTables(database);
    const version = schemaVersion(database);
    if (version !== SCHEMA_VERSION || !matches(database, configuration)) {
      database.close();
      return null;
    }
    const made = identity(path);
    return { database, path, isCurrent: () => identity(path) === made };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Writes, so that a place that cannot be written shows now and not at the first recording. */
function matches(database: Database, configuration: string): boolean {
  database.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('configuration', ?)").run(configuration);
  database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('opened', ?)").run(Date.now());
  return keptConfiguration(database) === configuration;
}

function keptConfiguration(database: Database): string | undefined {
  return database.prepare<{ value: string }>("SELECT value FROM meta WHERE key = 'configuration'").get()?.value;
}

function cachedStore(projectRoot: string, { cacheFolder }: StoreOptions): string {
  return join(cacheFolder ?? systemCacheFolder(), "querysight", nameFor(projectRoot), "trace.db");
}

function identity(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** Of that kind or absent, and no link: SQLite would write through it. */
function isPlain(path: string, kind: "folder" | "file"): boolean {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return kind === "file";
    return kind === "folder" ? stat.isDirectory() : stat.isFile();
  } catch {
    // A folder on the way may not be looked into.
    return false;
  }
}

function nameFor(projectRoot: string): string {
  return createHash("sha256").update(projectRoot).digest("hex").slice(0, 24);
}

function systemCacheFolder(): string {
  if (process.platform === "win32") return process.env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
}
