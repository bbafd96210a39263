import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import BetterSqlite, { type Database as Connection } from "better-sqlite3";
import type { Database, OpenOptions } from "./sqlite.ts";

/** The first Node-API version that better-sqlite3's binaries can run on (Node 22.14). An older Node does not refuse them, it crashes. */
const NEEDED_NODE_API = 10;

let loadFailure: string | null = null;
let loaded = false;

/** The opened database, or why the library itself cannot be used here. Throws where the library works and the file does not. */
export function openWithBetterSqlite(path: string, options: OpenOptions): Database | string {
  const failure = loadBetterSqlite();
  if (failure !== null) return failure;
  return wrap(new BetterSqlite(path, { ...binding(), readonly: options.readonly, timeout: options.busyTimeout }));
}

/** Why it cannot be used here; null where it can. */
export function loadBetterSqlite(): string | null {
  if (loaded) return loadFailure;
  loaded = true;
  if (!(Number(process.versions.napi) >= NEEDED_NODE_API)) {
    loadFailure = `needs Node-API ${NEEDED_NODE_API}, this runtime has ${process.versions.napi ?? "none"}`;
    return loadFailure;
  }
  try {
    new BetterSqlite(":memory:", binding()).close();
  } catch (error) {
    loadFailure = error instanceof Error ? (error.message.split("\n")[0] ?? error.name) : String(error);
  }
  return loadFailure;
}

/** The packaged extension carries the binaries beside its bundle; in development better-sqlite3 finds its own in node_modules. */
function binding(): { readonly nativeBinding?: string } {
  const packaged = fileURLToPath(new URL(`./prebuilds/${platform()}.node`, import.meta.url));
  return existsSync(packaged) ? { nativeBinding: packaged } : {};
}

function platform(): string {
  return `${process.platform}${isMusl() ? "musl" : ""}-${process.arch}`;
}

let musl: boolean | undefined;

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  if (musl === undefined) {
    const report = process.report as typeof process.report & { excludeNetwork: boolean };
    // Without this the report looks up a name for every socket, which can take seconds.
    report.excludeNetwork = true;
    const { header } = report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
    musl = header?.glibcVersionRuntime === undefined;
  }
  return musl;
}

function wrap(connection: Connection): Database {
  return {
    driver: "better-sqlite3",
    exec: (sql) => void connection.exec(sql),
    prepare: <Row>(sql: string) => {
      const statement = connection.prepare<unknown[], Row>(sql);
      return {
        run: (...values) => {
          const { changes, lastInsertRowid } = statement.run(...values);
          return { changes, id: Number(lastInsertRowid) };
        },
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
      };
    },
    close: () => void connection.close(),
  };
}
