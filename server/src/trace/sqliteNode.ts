import type { Database, OpenOptions } from "./sqlite.ts";

/** The opened database, or why Node's own SQLite cannot be used here. Throws where it works and the file does not. */
export function openWithNodeSqlite(path: string, options: OpenOptions): Database | string {
  // Asked for at run time: a static import would keep the whole server from starting on a Node without it.
  const sqlite = process.getBuiltinModule?.("node:sqlite");
  if (sqlite === undefined) return "this Node.js has none";
  const connection = new sqlite.DatabaseSync(path, { readOnly: options.readonly });
  connection.exec(`PRAGMA busy_timeout = ${options.busyTimeout}`);
  return {
    driver: "node:sqlite",
    exec: (sql) => connection.exec(sql),
    prepare: <Row>(sql: string) => {
      const statement = connection.prepare(sql);
      return {
        run: (...values) => {
          const { changes, lastInsertRowid } = statement.run(...values);
          return { changes: Number(changes), id: Number(lastInsertRowid) };
        },
        get: (...values) => statement.get(...values) as Row | undefined,
        all: (...values) => statement.all(...values) as Row[],
      };
    },
    close: () => connection.close(),
  };
}
