import { describe, expect, test } from "vitest";
import type { CauseKind, QueryRow } from "./model.ts";
import { createMemoryTrace, field, MemoryRuns, model, openMemoryTrace, SegmentBuilder } from "./testing.ts";

const views = `def order_list(request):
    orders = Order.objects.paid()
    for order in orders:
        print(order.customer.name)
`;

const probe = {
  vendor: "sqlite",
  table: "shop_customer",
  columns: [{ column: "id", lookup: "exact", use: "equality", alternative: false, served: true, reason: null }],
  sort: null,
  served: true,
  sortServed: null,
  indexes: [],
  candidate: null,
} as const;

function orderList() {
  const segment = new SegmentBuilder();
  const file = segment.file("shop/views.py", views);
  const chain = segment.siteAt(file, "Order.objects.paid()", { qualname: "order_list" });
  const loop = segment.siteAt(file, "orders", { qualname: "order_list", occurrence: 2 });
  const attribute = segment.siteAt(file, "order.customer", { qualname: "order_list" });
  const construction = segment.construction(segment.stack(chain), chain);
  const orders = segment.statement("SELECT * FROM shop_order", "select", ["shop_order"]);
  const customer = segment.statement("SELECT * FROM shop_customer WHERE id = %s", "select", ["shop_customer"]);
  const savepoint = segment.statement("SAVEPOINT s", "savepoint");
  const evaluation = segment.cause("queryset", { model: "shop.Order", api: "iterate", target: "shop.Order" });
  const lazy = segment.cause("foreign_key", {
    model: "shop.Order",
    field: "customer",
    lookup: "customer",
    target: "shop.Customer",
  });
  const transaction = segment.cause("transaction");
  const test = "shop/tests/test_orders.py::OrderTests::test_list";
  const call = segment.scope({ test });
  const request = segment.scope({
    test,
    kind: "request",
    parent: call,
    method: "GET",
    path: "/orders/",
    route: "/orders/",
  });
  const parent = segment.row(request, {
    stack: segment.stack(loop),
    construction,
    cause: evaluation,
    statement: orders,
    rows: 100,
  });
  segment.row(request, {
    stack: segment.stack(attribute),
    cause: lazy,
    statement: customer,
    parent,
    count: 100,
    rows: 100,
    single: true,
    sample: ["1"],
  });
  segment.row(request, { stack: segment.stack(loop), cause: transaction, statement: savepoint });
  segment.endScope(request, 200).endScope(call).test(test).collected([test]);
  segment.probe(customer, probe);
  segment.plan(customer, [{ id: 2, parent: 0, detail: "SEARCH shop_customer USING INTEGER PRIMARY KEY (rowid=?)" }]);
  const customerField = field("customer", { relation: "foreign_key", to: "shop.Customer", select: "customer" });
  segment.models(model("shop.Order", [customerField]), model("shop.Customer")).end();
  return segment;
}

describe("the reader", () => {
  const reader = createMemoryTrace(orderList());
  const site = (line: number) => reader.sitesIn("shop/views.py").find((candidate) => candidate.line === line);
  const idAt = (line: number) => site(line)?.id ?? 0;

  test("tells what was recorded", () => {
    const summary = reader.summary();
    expect(summary).toMatchObject({ testsRecorded: 1, testsCollected: 1, scopes: 2, queries: 101, problems: [] });
    expect(summary.runs).toMatchObject([{ state: "complete", command: ["pytest"] }]);
    expect(reader.generation).toBeGreaterThan(0);
  });

  test("knows the Django of the newest recording", () => {
    expect(reader.django()).toBe("5.2.8");
    const newer = new SegmentBuilder("20270101T000000Z-1-aaaa", "main", { django: "6.1.3" });
    expect(createMemoryTrace(orderList(), newer).django()).toBe("6.1.3");
    expect(createMemoryTrace().django()).toBeNull();
  });

  test("gives files with their texts and sites by line", () => {
    const [file] = reader.filesAt("shop/views.py");
    expect(reader.paths()).toEqual(["shop/views.py"]);
    expect(reader.text(file?.id ?? 0)).toBe(views);
    expect(site(4)).toMatchObject({ qualname: "order_list", column: 14, endLine: 4, endColumn: 28, token: null });
  });

  test("sums the cost through sites by scope, without savepoints", () => {
    const [cost] = reader.costThrough([idAt(3), idAt(4)]);
    expect(cost).toMatchObject({ queries: 101, sqlNs: 101_000, rows: 200 });
    expect(reader.costThrough([idAt(2)])).toEqual([]);
    expect(reader.costThrough([])).toEqual([]);
  });

  test("sums what was asked at a site itself, or of querysets that it builds", () => {
    const summed = (ids: readonly number[], without: readonly CauseKind[] = []) =>
      reader.costOwn(ids, new Set(without)).map(({ queries, rows, byFactory }) => ({ queries, rows, byFactory }));
    const through = (line: number) => reader.rowsThrough([idAt(line)]);
    for (const line of [3, 4]) {
      const own = through(line).filter((row) => reader.stack(row.stackId).at(-1)?.id === idAt(line));
      expect(own.length).toBeGreaterThan(0);
      const [queries, rows] = [own.map(({ count }) => count), own.map(({ rows }) => rows ?? 0)].map((all) =>
        all.reduce((a, b) => a + b, 0),
      );
      expect(summed([idAt(line)])).toEqual([{ queries, rows, byFactory: false }]);
    }
    // It is built in line 2 and asked in line 3, beside a savepoint: once.
    expect(summed([idAt(2)])).toEqual(summed([idAt(3)], ["transaction"]));
    expect(summed([idAt(2), idAt(3)])).toEqual(summed([idAt(3)]));
    expect(summed([idAt(4)], ["foreign_key"])).toEqual([]);
    expect(summed([])).toEqual([]);
  });

  test("walks from a lazy load to its parent, its queryset and the code that built it", () => {
    const [lazy] = reader.rowsCausedBy(["foreign_key"]);
    expect(lazy).toMatchObject({ count: 100, instances: 100, single: true, sample: ["1"], constructionId: null });
    expect(lazy?.cause).toMatchObject({ model: "shop.Order", field: "customer", api: null, refined: false });
    const parent = reader.row(lazy?.parentId ?? 0);
    expect(parent).toMatchObject({ rows: 100, count: 1 });
    const construction = reader.construction(parent?.constructionId ?? 0);
    expect(construction?.chain).toEqual(site(2));
    expect(reader.stack(construction?.stackId ?? 0)).toEqual([site(2)]);
    expect(reader.rowsBuiltAt([idAt(2)])).toEqual([parent]);
    expect(reader.rowsThrough([idAt(4)])).toEqual([lazy]);
  });

  test("tells rows that hang on others, and those that were asked again, from the rest", () => {
    const kinds = ["foreign_key", "queryset", "transaction"] as const;
    const all = reader.rowsCausedBy(kinds);
    const repeated = ({ parentId, count, parameters }: QueryRow) => parentId === null && count > 1 && parameters > 1;
    expect(reader.rowsCausedBy(kinds, "hanging")).toEqual(all.filter(({ parentId }) => parentId !== null));
    expect(reader.rowsCausedBy(kinds, "hanging")).toHaveLength(1);
    expect(reader.rowsCausedBy(kinds, "repeated")).toEqual(all.filter(repeated));
    expect(reader.sitesBuilding("shop.Order")).toEqual([site(2)]);
    expect(reader.sitesBuilding("shop.Customer")).toEqual([]);
  });

  test("gives a scope with its rows in order", () => {
    const scope = reader.scopes().find(({ kind }) => kind === "request");
    expect(scope).toMatchObject({ method: "GET", status: 200, queries: 101, run: "20260101T000000Z-1-aaaa" });
    const rows = reader.rowsOfScope(scope?.id ?? 0);
    expect(rows.map(({ count }) => count)).toEqual([1, 100, 1]);
    expect(reader.order(scope?.id ?? 0)).toEqual({
      entries: rows.map(({ id, count }) => ({ times: count, rowIds: [id] })),
      rest: 0,
    });
    expect(reader.scope(scope?.parentId ?? 0).kind).toBe("test");
  });

  test("tells which scopes ran through a site, or through the code that built their querysets", () => {
    const [request] = reader.scopes().filter(({ kind }) => kind === "request");
    for (const line of [2, 3, 4]) expect(reader.scopesThrough([idAt(line)])).toEqual([request?.id]);
    expect(reader.scopesThrough([])).toEqual([]);
  });

  test("gives statements, plans and models", () => {
    const [lazy] = reader.rowsCausedBy(["foreign_key"]);
    const statement = reader.statement(lazy?.statementId ?? 0);
    expect(statement).toMatchObject({ verb: "select", tables: ["shop_customer"] });
    expect(reader.plan(statement.id, "default")?.nodes[0]?.detail).toContain("SEARCH");
    expect(reader.plan(statement.id, "replica")).toBeNull();
    expect(reader.probes(statement.id, "default")).toEqual([{ statementId: statement.id, db: "default", ...probe }]);
    expect(reader.probes(statement.id, "replica")).toEqual([]);
    expect(reader.models().map(({ label }) => label)).toEqual(["shop.Order", "shop.Customer"]);
    expect(reader.models()[0]?.fields[0]).toMatchObject({ name: "customer", select: "customer" });
  });

  test("answers null, or nothing, for what is not there", () => {
    expect(reader.row(1)).toBeNull();
    expect(reader.construction(99)).toBeNull();
    expect(reader.stack(0)).toEqual([]);
    expect(reader.filesAt("shop/nothing.py")).toEqual([]);
  });
});

test("tells how the tests of each run ended, whichever of them counts", () => {
  const runs = new MemoryRuns();
  for (const [index, outcome] of (["passed", "failed"] as const).entries()) {
    const segment = new SegmentBuilder(`2026010${index + 1}T000000Z-1-aaaa`);
    const scope = segment.scope({ test: "a.py::test_a" });
    runs.add(segment.endScope(scope).test("a.py::test_a", outcome).end());
    runs.describe(segment.run, { state: "partial" });
  }
  const { reader } = openMemoryTrace(runs);
  expect(reader.testEnds()).toEqual([
    { test: "a.py::test_a", run: "20260101T000000Z-1-aaaa", outcome: "passed", counts: true },
    { test: "a.py::test_a", run: "20260102T000000Z-1-aaaa", outcome: "failed", counts: false },
  ]);
  expect(reader.scopes().map(({ run }) => run)).toEqual(["20260101T000000Z-1-aaaa"]);
  expect(reader.scopesOfRun("20260102T000000Z-1-aaaa")).toMatchObject([{ test: "a.py::test_a", phase: "call" }]);
  expect(reader.summary().runs).toMatchObject([{ root: "/project" }, { root: "/project" }]);
});

test.each(["../outside.py", "/etc/hosts", "shop/\u202eyp.sweiv"])(
  "a store that came with %j names no such file",
  (forged) => {
    const segment = new SegmentBuilder();
    const [good, bad] = [segment.file("shop/views.py", views), segment.file("shop/other.py", views)];
    const [inside, outside] = [segment.site(good, { line: 1 }), segment.site(bad, { line: 1 })];
    const scope = segment.scope({ test: "a.py::test_a" });
    segment.row(scope, {
      stack: segment.stack(inside, outside),
      construction: segment.construction(segment.stack(outside), outside),
      cause: segment.cause("queryset"),
      statement: segment.statement("SELECT 1"),
    });
    segment
      .models(model("shop.Order", [], { file: "shop/other.py" }))
      .endScope(scope)
      .test("a.py::test_a");
    const { reader, database } = openMemoryTrace(new MemoryRuns().add(segment));
    database.prepare("UPDATE file SET path = ? WHERE path = 'shop/other.py'").run(forged);
    database.prepare("UPDATE models SET json = replace(json, 'shop/other.py', ?)").run(forged);
    const [row] = reader.rowsCausedBy(["queryset"]);
    expect(reader.paths()).toEqual(["shop/views.py"]);
    expect([reader.filesAt(forged), reader.sitesIn(forged)]).toEqual([[], []]);
    expect(reader.stack(row?.stackId ?? 0).map(({ path }) => path)).toEqual(["shop/views.py"]);
    expect(reader.construction(row?.constructionId ?? 0)?.chain).toBeNull();
    expect(reader.models()).toMatchObject([{ label: "shop.Order", file: null }]);
  },
);

test("of a scope, tells what it wrote from what it read", () => {
  const segment = new SegmentBuilder();
  const scope = segment.scope({ test: "tests.py::test_write" });
  const site = segment.siteAt(segment.file("views.py", "orders()\n"), "orders()", { qualname: "<module>" });
  const cause = segment.cause("save", { model: "shop.Order" });
  for (const verb of ["insert", "select", "update", "savepoint", "delete"] as const)
    segment.row(scope, { stack: segment.stack(site), cause, statement: segment.statement(`${verb} …`, verb) });
  segment.endScope(scope).test("tests.py::test_write").end();
  const reader = createMemoryTrace(segment);
  const [only] = reader.scopes();
  const verbs = reader.writesOfScope(only?.id ?? 0).map(({ statementId }) => reader.statement(statementId).verb);
  expect(verbs).toEqual(["insert", "update", "delete"]);
});
