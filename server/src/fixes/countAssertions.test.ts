import { describe, expect, it } from "vitest";
import type { Code } from "./testing.ts";
import { Recording } from "./testing.ts";

const views = `def orders(request):
    return render(request, Order.objects.all())
`;
const testPath = "shop/tests/test_orders.py";
const get: Code = [testPath, 'client.get("/orders/")'];
const viewsPath = "shop/views.py";

interface Visit {
  readonly test?: string;
  readonly orders?: number;
  /** Orders whose customer was asked for; all of them unless told. */
  readonly customers?: number;
  readonly items?: number;
  readonly products?: number;
  readonly others?: number;
  readonly from?: Code;
}

/** Requests for a list of orders, each made from within the test file. */
async function opened(tests: string, ...visits: readonly Visit[]) {
  const recording = new Recording({ [viewsPath]: views, [testPath]: tests });
  for (const { test = "test_list", orders = 10, from = get, ...visit } of visits) {
    const scope = recording.request("/orders/", `${testPath}::OrderTests::${test}`, [from]);
    const render: Code = [viewsPath, "render(request, Order.objects.all())"];
    const on = scope.query({
      model: "shop.Order",
      built: [viewsPath, "Order.objects.all()"],
      stack: [render],
      rows: orders,
    });
    const load = { on, at: render };
    const customers = visit.customers ?? orders;
    const customer = { attribute: "shop.Order.customer", target: "shop.Customer" };
    if (customers > 0) scope.load({ ...load, ...customer, kind: "foreign_key", count: customers });
    if (visit.items !== undefined) {
      const items = { attribute: "shop.Order.items", target: "shop.OrderItem", rows: visit.items };
      const loaded = scope.load({ ...load, ...items, kind: "reverse_foreign_key", count: orders });
      const product = { attribute: "shop.OrderItem.product", target: "shop.Product", at: render };
      if (visit.products !== undefined) {
        scope.load({ ...product, on: loaded, kind: "foreign_key", count: visit.products });
      }
    }
    if (visit.others !== undefined) scope.query({ model: "auth.User", count: visit.others, built: render });
  }
  return recording.open();
}

async function testsAfter(tests: string, ...visits: readonly Visit[]): Promise<string> {
  return (await opened(tests, ...visits)).fixed(testPath);
}

const asserting = (assertion: string) => `class OrderTests(TestCase):
    def test_list(self):
        with ${assertion}:
            self.client.get("/orders/")
`;

describe("an exact count", () => {
  it.each([
    ["assertNumQueries", "self.assertNumQueries(11)", "self.assertNumQueries(1)"],
    ["with what else the block asks", "self.assertNumQueries(14)", "self.assertNumQueries(4)", { others: 3 }],
    [
      "pytest-django's fixture",
      "django_assert_num_queries(11) as captured",
      "django_assert_num_queries(1) as captured",
    ],
    ["a keyword", "self.assertNumQueries(num=11)", "self.assertNumQueries(num=1)"],
  ])("falls by what the fix saves: %s", async (_name, before, after, visit: Visit = {}) => {
    expect(await testsAfter(asserting(before), visit)).toBe(asserting(after));
  });

  it("counts one query for each level of a prefetch", async () => {
    const visit = { customers: 0, items: 30, products: 30 };
    expect(await testsAfter(asserting("self.assertNumQueries(41)"), visit)).toBe(asserting("self.assertNumQueries(3)"));
  });

  it("counts no level of a prefetch that has no rows to load for", async () => {
    const filled = {
      test: "test_full",
      customers: 0,
      items: 30,
      products: 30,
      from: [testPath, 'self.client.get("/")'] as Code,
    };
    const code = `${asserting("self.assertNumQueries(11)")}
    def test_full(self):
        self.client.get("/")
`;
    expect(await testsAfter(code, { customers: 0, items: 0 }, filled)).toContain("self.assertNumQueries(2)");
  });

  it("is the same for several tests through one helper", async () => {
    const visits = ["test_a", "test_b"].map((test) => ({ test }));
    expect(await testsAfter(asserting("self.assertNumQueries(11)"), ...visits)).toBe(
      asserting("self.assertNumQueries(1)"),
    );
  });

  it("is told by its share where the block ran several times", async () => {
    expect(await testsAfter(asserting("self.assertNumQueries(11)"), {}, {})).toBe(
      asserting("self.assertNumQueries(1)"),
    );
  });
});

describe("one count around several querysets", () => {
  it("falls by what they save together", async () => {
    const view = `def orders(request):
    return render(request, Order.objects.all(), Order.objects.paid())
`;
    const recording = new Recording({ [viewsPath]: view, [testPath]: asserting("self.assertNumQueries(12)") });
    const scope = recording.request("/orders/", `${testPath}::OrderTests::test_list`, [get]);
    for (const made of ["Order.objects.all()", "Order.objects.paid()"]) {
      const at: Code = [viewsPath, "render(request, Order.objects.all(), Order.objects.paid())"];
      const on = scope.query({ model: "shop.Order", built: [viewsPath, made], stack: [at], rows: 5 });
      const customer = { attribute: "shop.Order.customer", target: "shop.Customer" };
      scope.load({ on, ...customer, kind: "foreign_key", at, count: 5 });
    }
    const open = await recording.open();

    expect(open.fixed(testPath)).toBe(asserting("self.assertNumQueries(2)"));
    expect(open.fix(open.findings().slice(1))).toMatchObject({
      fix: { safety: "safe", edits: expect.arrayContaining([expect.objectContaining({ newText: "7" })]) },
    });
  });

  it("adds no query for a level that a join loads already", async () => {
    const recording = new Recording({ [viewsPath]: views, [testPath]: asserting("self.assertNumQueries(6)") });
    const scope = recording.request("/orders/", `${testPath}::OrderTests::test_list`, [get]);
    const at: Code = [viewsPath, "render(request, Order.objects.all())"];
    const on = scope.query({
      model: "shop.Order",
      built: [viewsPath, "Order.objects.all()"],
      stack: [at],
      rows: 5,
    });
    const orders = { attribute: "shop.Customer.orders", target: "shop.Order", path: "customer" };
    scope.load({ on, ...orders, kind: "reverse_foreign_key", at, count: 5, rows: 9 });
    const open = await recording.open();

    expect(open.fixed(viewsPath)).toContain('.prefetch_related("customer__orders")');
    expect(open.fixed(testPath)).toBe(asserting("self.assertNumQueries(2)"));
  });
});

describe("left alone", () => {
  const code = asserting("self.assertNumQueries(7)").replace('client.get("/orders/")', "other()");
  it.each<[string, string, Visit]>([
    ["a maximum that still holds", asserting("django_assert_max_num_queries(20)"), {}],
    ["a block around something else", `${code}        self.client.get("/orders/")\n`, {}],
    ["a test without an assertion", asserting("self.subTest()"), {}],
  ])("%s", async (_name, tests, visit) => {
    const open = await opened(tests, visit);
    const result = open.fix();
    expect(result).toMatchObject({ ok: true, fix: { safety: "safe" } });
    expect(open.fixed(testPath)).toBe(tests);
  });
});

describe("a count that cannot be told", () => {
  it.each<[string, string, readonly Visit[], string]>([
    ["is no number", asserting("self.assertNumQueries(EXPECTED)"), [{}], "it is not written as a number"],
    [
      "differs between tests",
      asserting("self.assertNumQueries(11)"),
      [{}, { test: "test_b", customers: 5, others: 5 }],
      "its tests would need different numbers",
    ],
    [
      "was another in the recording",
      asserting("self.assertNumQueries(12)"),
      [{}],
      "the recording counted other numbers",
    ],
    [
      "depends on rows that nobody asked for there",
      `${asserting("self.assertNumQueries(1)")}
    def test_full(self):
        self.client.get("/")
`,
      [
        { customers: 0 },
        { test: "test_full", customers: 0, items: 30, products: 30, from: [testPath, 'self.client.get("/")'] },
      ],
      "the recording does not tell by how much",
    ],
    [
      "is a maximum that a prefetch would exceed",
      `${asserting("django_assert_max_num_queries(1)")}
    def test_full(self):
        self.client.get("/")
`,
      [{ customers: 0 }, { test: "test_full", customers: 0, items: 30, from: [testPath, 'self.client.get("/")'] }],
      "it would be exceeded",
    ],
  ])("makes the fix one that changes behaviour: it %s", async (_name, tests, visits, why) => {
    const open = await opened(tests, ...visits);
    const result = open.fix();
    expect(result).toMatchObject({
      ok: true,
      fix: { safety: "changes-behaviour", title: expect.stringContaining(why) },
    });
    expect(result).toMatchObject({ fix: { title: expect.stringContaining(`${testPath}:3`) } });
    expect(open.fixed(testPath)).toBe(tests);
  });
});
