import { expect, test } from "vitest";
import type { Finding } from "./checkout.ts";
import { type Case, findingsFor, isAtOneOf, isAtQueryset, isConstant } from "./score.ts";
import { broken, isBatch, type Recorded } from "./segments.ts";

const one: Case = {
  path: "shop/views.py",
  line: 10,
  method: "select_related",
  argument: "'customer'",
  lookup: "customer",
  plain: true,
  edit: { start: 0, end: 0, text: "" },
  probe: 0,
  queryset: [[8, 10]],
};

function finding(members: Partial<Finding> & { readonly lookup?: string; readonly seen?: string }): Finding {
  const { lookup = "customer", seen = "Each of 3 orders loads its customer: 3 extra queries in GET /." } = members;
  return {
    id: "f",
    severity: "warning",
    confidence: "proven",
    stale: false,
    message: `${seen} Load them with the list: select_related("${lookup}") in shop/views.py:8.`,
    file: "shop/orders.html",
    line: 3,
    site: { file: "shop/views.py", line: 8 },
    evidence: { scope: "", queries: 4 },
    coveringTests: [],
    fix: null,
    ...members,
  };
}

const places = new Set(["shop/orders.html:3"]);

test("finds what is new at an access that runs more, or at the queryset if it is about the relation", () => {
  const elsewhere = finding({ file: "shop/orders.html", line: 9 });
  const other = finding({ line: 9, lookup: "shipment" });
  expect(findingsFor(one, places, [], [finding({}), elsewhere, other])).toEqual([finding({}), elsewhere]);
  expect(findingsFor(one, places, [], [finding({ line: 9, site: { file: "shop/views.py", line: 20 } })])).toEqual([]);
});

test("finds nothing that was told before in other words or numbers, and nothing stale", () => {
  const seen = "Each order loads its customer with a query of its own (seen with one order in GET /): one more.";
  expect(findingsFor(one, places, [finding({ seen, line: 5 })], [finding({})])).toEqual([]);
  expect(findingsFor(one, places, [], [finding({ stale: true })])).toEqual([]);
});

test("a place is right within the queryset's lines, or where its method is called", () => {
  expect(isAtQueryset(one, finding({}))).toBe(true);
  expect(isAtQueryset(one, finding({ site: { file: "shop/views.py", line: 11 } }))).toBe(false);
  const callers = [{ path: "shop/pages.py", line: 5, endLine: 7 }];
  expect(isAtOneOf(callers, finding({ site: { file: "shop/pages.py", line: 6 } }))).toBe(true);
  expect(isAtOneOf(callers, finding({ site: { file: "shop/views.py", line: 6 } }))).toBe(false);
});

test("the cost is constant where the scopes that run more asked the queryset for one row", () => {
  const built = [{ path: "shop/views.py", line: 9 }];
  const single = { scope: "detail", built, sql: "SELECT … LIMIT 21", count: 2, rows: 2 };
  const list = { scope: "list", built, sql: "SELECT …", count: 1, rows: 7 };
  expect(isConstant(one, [single, list], new Set(["detail"]))).toBe(true);
  expect(isConstant(one, [single, list], new Set(["detail", "list"]))).toBe(false);
  expect(isConstant(one, [list], new Set(["detail"]))).toBe(false);
});

test("one page of a list that holds a single row is no request for one row", () => {
  const built = [{ path: "shop/views.py", line: 9 }];
  const page = { scope: "list", built, sql: "SELECT … ORDER BY … LIMIT 1", count: 1, rows: 1 };
  const counted = { scope: "list", built, sql: "SELECT COUNT(*) AS …", count: 1, rows: null };
  expect(isConstant(one, [page], new Set(["list"]))).toBe(true);
  expect(isConstant(one, [counted, page], new Set(["list"]))).toBe(false);
});

test("a test that no longer runs is broken", () => {
  const recorded = (outcomes: Readonly<Record<string, string>>): Recorded => ({
    scopes: new Map(),
    outcomes: new Map(Object.entries(outcomes)),
  });
  const before = recorded({ a: "passed", b: "passed", c: "failed", d: "passed" });
  expect(broken(before, recorded({ a: "passed", b: "failed", c: "failed" }))).toEqual(["b", "d"]);
});

test.each([
  ['SELECT "a"."id" FROM "a" WHERE "a"."id" IN (%s, …)', true],
  ['SELECT "a"."id" FROM "a" WHERE "a"."id" = %s', true],
  ['SELECT "a"."id" FROM "a" WHERE "a"."id" = %s ORDER BY "a"."name" ASC', true],
  ['SELECT "a"."id" FROM "a" WHERE ("a"."id" = %s OR "a"."id" = %s)', true],
  ['SELECT "a"."id" FROM "a" WHERE "a"."id" = %s LIMIT 21', false],
  ['SELECT "a"."id" FROM "a" WHERE "a"."id" = %s ORDER BY "a"."name" ASC LIMIT 1', false],
  ['SELECT "a"."id" FROM "a" WHERE "a"."parent_id" = %s', false],
])("tells whether %s loads for many keys at once", (sql, batch) => {
  expect(isBatch(sql)).toBe(batch);
});
