import { describe, expect, test } from "vitest";
import { readableSql } from "./sql.ts";

describe("sample parameters", () => {
  test("stand in place of the placeholders", () => {
    expect(readableSql("SELECT a FROM t WHERE b = %s AND c LIKE %s", ["'it''s 5%'", "NULL"], "sqlite")).toBe(
      "SELECT\n  a\nFROM\n  t\nWHERE\n  b = 'it''s 5%'\n  AND c LIKE NULL",
    );
  });

  test("fill the one folded list", () => {
    const sql = "SELECT a FROM t WHERE b = %s AND id IN (%s, …) AND c = %s";
    expect(readableSql(sql, ["1", "2", "3", "4", "5"], "").replace(/\s+/g, " ")).toBe(
      "SELECT a FROM t WHERE b = 1 AND id IN (2, 3, 4) AND c = 5",
    );
  });

  test.each([
    ["two folded lists", "SELECT a FROM t WHERE b IN (%s, …) AND c IN (%s, …)", ["1", "2", "3"]],
    ["fewer than placeholders", "SELECT a FROM t WHERE b = %s AND c = %s", ["1"]],
    ["a literal that was cut", "SELECT a FROM t WHERE b = %s", [`'${"x".repeat(199)}`]],
  ])("stay in a comment for %s", (_, sql, sample) => {
    const text = readableSql(sql, sample, "sqlite");
    expect(text.split("\n")[0]).toMatch(/^-- sample parameters: /);
    expect(text).toContain("%s");
  });

  test("cannot end the comment they stand in", () => {
    const text = readableSql("SELECT %s, %s", ["'x'\n; DROP TABLE t; --"], "sqlite");
    expect(text.split("\n")[0]).toBe("-- sample parameters: 'x' ; DROP TABLE t; --");
  });

  test("switched off leave placeholders", () => {
    expect(readableSql("SELECT %s", null, "sqlite")).toBe("SELECT\n  %s");
  });
});

test("a doubled percent sign is one", () => {
  expect(readableSql("SELECT 'a%%b' WHERE c = %s", ["1"], "sqlite")).toBe("SELECT\n  'a%b'\nWHERE\n  c = 1");
});

test.each(["postgresql", "mysql", "oracle", "a vendor of its own"])("%s is laid out", (vendor) => {
  expect(readableSql("SELECT a FROM t", [], vendor)).toBe("SELECT\n  a\nFROM\n  t");
});

test("what the formatter refuses is shown as it came", () => {
  expect(readableSql("SELECT 'open", null, "sqlite")).toBe("SELECT 'open");
});

test("what is too long is cut, and says how much", () => {
  const text = readableSql(`SELECT ${"a, ".repeat(10_000)}b`, null, "sqlite");
  expect(text.length).toBeLessThan(21_000);
  expect(text).toMatch(/\n… \d+ more characters$/);
});

test("invisible characters are gone", () => {
  expect(readableSql("SELECT \u202e\u0000a", null, "sqlite")).toBe("SELECT  a");
});
