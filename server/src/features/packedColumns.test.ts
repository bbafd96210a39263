import { expect, test } from "vitest";
import { packColumns } from "./packedColumns.ts";

test("the columns of a model share lines", () => {
  const names = Array.from({ length: 9 }, (_, i) => `"customers_customer"."column_${i}"`);
  const sql = `SELECT\n${names.map((name) => `  ${name}`).join(",\n")}\nFROM\n  "customers_customer"`;
  const lines = packColumns(sql).split("\n");
  expect(lines).toHaveLength(8);
  expect(lines[1]).toBe('  "customers_customer"."column_0", "customers_customer"."column_1",');
  expect(lines.slice(-2)).toEqual(["FROM", '  "customers_customer"']);
  expect(packColumns(sql).replace(/\s+/g, " ")).toBe(sql.replace(/\s+/g, " "));
});

test("a subquery's columns keep its indentation", () => {
  const sql = "SELECT\n  a\nFROM\n  (\n    SELECT\n      b,\n      c AS d\n    FROM\n      t\n  ) u";
  expect(packColumns(sql)).toBe("SELECT\n  a\nFROM\n  (\n    SELECT\n      b, c AS d\n    FROM\n      t\n  ) u");
});

test.each([
  ["an expression over several lines", "SELECT\n  a,\n  CASE\n    WHEN b THEN 1\n  END,\n  c\nFROM\n  t"],
  ["strings and comments", "SELECT\n  'a,\n  b',\n  c -- d,\n  e"],
  ["a list that is no select", "VALUES\n  a,\n  b"],
])("%s: nothing is lost or reordered", (_, sql) => {
  expect(packColumns(sql).replace(/\s+/g, " ")).toBe(sql.replace(/\s+/g, " "));
});

test("a column behind an expression stays where it is", () => {
  const sql = "SELECT\n  COUNT(*) AS n,\n  a,\n  b\nFROM\n  t";
  expect(packColumns(sql)).toBe(sql);
});
