import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isBusy, isDamage, openDatabase, patiently, sqliteCode } from "./sqlite.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "querysight-sqlite-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe.each(["better-sqlite3", "node:sqlite"] as const)("%s", (driver) => {
  const open = (name: string, readonly = false) =>
    openDatabase(join(folder, name), { readonly, busyTimeout: 0, driver });

  test("writes and reads", () => {
    const database = open("a.db");
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size REAL)");
    const add = database.prepare("INSERT OR IGNORE INTO t (id, name, size) VALUES (?, ?, ?)");
    expect(add.run(7, "ä\u0000b", null)).toEqual({ changes: 1, id: 7 });
    expect(add.run(7, "again", 1).changes).toBe(0);
    expect(add.run(2 ** 52, "large", 1.5).id).toBe(2 ** 52);
    const all = database.prepare<{ id: number }>("SELECT id, name, size FROM t ORDER BY id").all();
    expect(all.map((row) => ({ ...row }))).toEqual([
      { id: 7, name: "ä\u0000b", size: null },
      { id: 2 ** 52, name: "large", size: 1.5 },
    ]);
    expect(database.prepare("SELECT 1 FROM t WHERE id = ?").get(99)).toBeUndefined();
    expect([database.driver, database.close()]).toEqual([driver, undefined]);
  });

  test("tells damage, locks and refused writes apart", () => {
    writeFileSync(join(folder, "rubbish.db"), "rubbish ".repeat(1_000));
    expect(isDamage(errorOf(() => open("rubbish.db").exec("SELECT * FROM sqlite_master")))).toBe(true);
    const [first, second] = [open("b.db"), open("b.db")];
    first.exec("CREATE TABLE t (a)");
    first.exec("BEGIN IMMEDIATE");
    const busy = errorOf(() => second.exec("BEGIN IMMEDIATE"));
    expect([isBusy(busy), isDamage(busy)]).toEqual([true, false]);
    first.exec("COMMIT");
    const refused = errorOf(() => open("b.db", true).exec("INSERT INTO t VALUES (1)"));
    expect(sqliteCode(refused)).toBe("SQLITE_READONLY");
    expect(sqliteCode(errorOf(() => open("absent/c.db", true)))).toBe(
      driver === "node:sqlite" ? "SQLITE_CANTOPEN" : null,
    );
    expect(sqliteCode(errorOf(() => first.exec("SELEKT")))).toBe("SQLITE_ERROR");
  });

  test("waits for a lock while it is worth it", () => {
    const [holder, waiter] = [open("c.db"), open("c.db")];
    holder.exec("BEGIN IMMEDIATE");
    let tries = 0;
    const begin = () => {
      tries += 1;
      if (tries === 3) holder.exec("COMMIT");
      waiter.exec("BEGIN IMMEDIATE");
    };
    patiently(begin, () => false);
    expect(tries).toBe(3);
    const blocked = () => holder.exec("BEGIN IMMEDIATE");
    expect(isBusy(errorOf(() => patiently(blocked, () => true)))).toBe(true);
    expect(isBusy(errorOf(() => patiently(blocked, () => false, 10)))).toBe(true);
  });
});
