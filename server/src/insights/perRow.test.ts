import { describe, expect, it } from "vitest";
import { type Code, type LoadSpec, type QuerySpec, Recording, relation, shopModels } from "../fixes/testing.ts";
import { model } from "../trace/testing.ts";

const views = `from shop.models import Order


def order_list(request):
    orders = Order.objects.paid()
    return render(request, "orders.html", {"orders": orders})


def order_detail(request, pk):
    order = Order.objects.get(pk=pk)
    for item in order.items.all():
        print(item.product)
    return render(request, "order.html", {"order": order})


class OrderViewSet(ModelViewSet):
    queryset = Order.objects.all()
`;
const template = `{% for order in orders %}
  {{ order.customer.name }} {{ order.customer.address }}
  {% for item in order.items.all %}{{ item.product }}{% endfor %}
{% endfor %}
`;
const tests = `class OrderTests(TestCase):
    def test_list(self):
        self.client.get("/orders/")

    def test_own(self):
        for order in Order.objects.all():
            order.customer
        for order in order_list():
            order.customer
`;
const serializers = `class OrderSerializer(ModelSerializer):
    customer = CustomerSerializer()
`;
const files = {
  "shop/views.py": views,
  "shop/serializers.py": serializers,
  "templates/orders.html": template,
  "shop/tests/test_orders.py": tests,
};
const testId = "shop/tests/test_orders.py::OrderTests::test_list";
const fromTest: Code = ["shop/tests/test_orders.py", 'self.client.get("/orders/")'];
const paid: Code = ["shop/views.py", "Order.objects.paid()"];
const viewSet: Code = ["shop/views.py", "Order.objects.all()"];
const declared = { qualname: "OrderSerializer", token: "customer", functionLine: 0 } as const;
const inSerializer: Code = [
  "shop/serializers.py",
  "customer = CustomerSerializer()",
  1,
  { kind: "serializer", ...declared },
];
const inTemplate: Code = ["templates/orders.html", "{{ order.customer.name }}"];

const orders = (more: Partial<QuerySpec> = {}): QuerySpec => ({
  model: "shop.Order",
  built: paid,
  stack: [["templates/orders.html", "{% for order in orders %}"]],
  rows: 100,
  ...more,
});
const customers = (on: number, more: Partial<LoadSpec> = {}): LoadSpec => ({
  on,
  kind: "foreign_key",
  attribute: "shop.Order.customer",
  target: "shop.Customer",
  at: inTemplate,
  count: 100,
  ...more,
});

/** One request whose queryset and loads are these. */
async function recorded(
  query: Partial<QuerySpec>,
  load: Partial<LoadSpec>,
  today: Readonly<Record<string, string>> = {},
) {
  const recording = new Recording(files);
  const scope = recording.request("/orders/", testId, [fromTest]);
  scope.load(customers(scope.query(orders(query)), load));
  return recording.open(today);
}

describe("a relation loaded row by row", () => {
  it("is one finding at the queryset, with the numbers and a colleague's words", async () => {
    const finding = (await recorded({}, {})).finding();

    expect(finding.message).toBe(
      'Each of 100 orders loads its customer: 100 extra queries in GET /orders/. Load them with the list: select_related("customer") in shop/views.py:5.',
    );
    expect(finding).toMatchObject({ rule: "n-plus-one", severity: "warning", confidence: "likely", stale: false });
    expect(finding.evidence).toMatchObject({
      scope: `GET /orders/ in ${testId}`,
      queries: 101,
      instances: 100,
      rows: 100,
    });
    expect(finding.at.path).toBe("templates/orders.html");
    expect(finding.queryset?.path).toBe("shop/views.py");
    expect(finding.coveringTests).toEqual([testId]);
  });

  it("is proven where the count grows with the rows", async () => {
    const recording = new Recording(files);
    for (const rows of [3, 40]) {
      const scope = recording.request("/orders/", `${testId}[${rows}]`, [fromTest]);
      scope.load(customers(scope.query(orders({ rows })), { count: rows }));
    }
    const finding = (await recording.open()).finding();

    expect(finding.confidence).toBe("proven");
    expect(finding.evidence.queries).toBe(41);
    expect(finding.coveringTests).toEqual([`${testId}[3]`, `${testId}[40]`]);
  });

  it("is only suspected where the only row loads it", async () => {
    const finding = (await recorded({ rows: 1 }, { count: 1 })).finding();

    expect(finding).toMatchObject({ confidence: "suspected", severity: "hint" });
    expect(finding.message).toContain("one more for every order");
  });

  it("is suspected where a page holds the only row there is, which a paginator counted before", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.query(orders({ rows: null, api: "count", single: true }));
    scope.load(customers(scope.query(orders({ rows: 1, single: true })), { count: 1 }));
    expect((await recording.open()).finding()).toMatchObject({ confidence: "suspected" });
  });

  it("is suspected still where a test itself reads many of the rows", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.load(customers(scope.query(orders({ rows: 1 })), { count: 1 }));
    const own: Code = ["shop/tests/test_orders.py", "order_list()"];
    recording.test(`${testId}[own]`).query(orders({ rows: 30, stack: [own] }));
    expect((await recording.open()).finding()).toMatchObject({ confidence: "suspected" });
  });

  it("is suspected still where many of the rows are read as values", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.load(customers(scope.query(orders({ rows: 1 })), { count: 1 }));
    const sql = 'SELECT DISTINCT "shop_order"."number" AS "number" FROM "shop_order"';
    recording.request("/numbers/", `${testId}[values]`, [fromTest]).query(orders({ rows: 30, sql }));
    expect((await recording.open()).finding()).toMatchObject({ confidence: "suspected" });
  });

  it("is suspected still where one of two rows loads it elsewhere: the other may have been left out", async () => {
    const recording = new Recording(files);
    for (const rows of [1, 2]) {
      const scope = recording.request("/orders/", `${testId}[${rows}]`, [fromTest]);
      scope.load(customers(scope.query(orders({ rows })), { count: 1 }));
    }
    expect((await recording.open()).finding()).toMatchObject({ confidence: "suspected" });
  });

  it("is suspected still where elsewhere few of the rows have what a join brought: the others have nothing that could load", async () => {
    const places = { attribute: "shop.Shipment.carrier", target: "shop.Carrier", path: "shipment" } as const;
    const recording = new Recording(files, [
      ...shopModels.filter(({ label }) => label !== "shop.Shipment"),
      model("shop.Shipment", [
        relation("order", "one_to_one", "shop.Order"),
        relation("carrier", "foreign_key", "shop.Carrier"),
      ]),
      model("shop.Carrier"),
    ]);
    const one = recording.request("/orders/", testId, [fromTest]);
    one.load(customers(one.query(orders({ rows: 1 })), { ...places, count: 1 }));
    const several = recording.request("/orders/", `${testId}_page`, [fromTest]);
    several.load(customers(several.query(orders({ rows: 5 })), { ...places, count: 1 }));
    recording.request("/orders/", `${testId}_none`, [fromTest]).query(orders({ rows: 7 }));
    expect((await recording.open()).finding()).toMatchObject({ confidence: "suspected" });
  });

  it("counts the rows that fired where not all did", async () => {
    const finding = (await recorded({}, { count: 60 })).finding();
    expect(finding.message).toMatch(/^60 of 100 orders load their customer: 60 extra queries/);
  });

  it("keeps its id when lines move and counts change, and has another in another statement", async () => {
    const before = (await recorded({}, {})).finding().id;
    const recording = new Recording({ ...files, "shop/views.py": `import json\n\n${views}` });
    const scope = recording.request("/orders/", "shop/tests/test_orders.py::OrderTests::test_other", [fromTest]);
    scope.load(customers(scope.query(orders({ rows: 7 })), { count: 7 }));
    const elsewhere = (await recorded({ built: viewSet }, {})).finding().id;

    expect((await recording.open()).finding().id).toBe(before);
    expect(elsewhere).not.toBe(before);
  });

  it.each([
    ["edited", views.replace(".paid()", '.paid().select_related("customer")')],
    ["removed", ""],
  ])("is stale once a statement that it rests on was %s, under the id that it had", async (_, today) => {
    const finding = (await recorded({}, {}, { "shop/views.py": today })).finding();

    expect(finding).toMatchObject({ id: (await recorded({}, {})).finding().id, stale: true });
  });
});

describe("the lookup path", () => {
  it("goes through lazily loaded parents, and both hops are one edit", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    const loaded = scope.load(customers(scope.query(orders())));
    scope.load(customers(loaded, { attribute: "shop.Customer.address", target: "shop.Address" }));
    const open = await recording.open();

    const paths = open.findings().flatMap(({ remedy }) => (remedy.kind === "eager-load" ? remedy.lookups : []));
    expect(paths.sort((a, b) => a.path.length - b.path.length)).toEqual([
      { how: "select_related", path: "customer" },
      { how: "select_related", path: "customer__address" },
    ]);
    expect(open.fixed("shop/views.py")).toContain('Order.objects.paid().select_related("customer__address")\n');
  });

  it("goes through what a join of the parent loaded", async () => {
    const load = { attribute: "shop.Customer.address", target: "shop.Address", path: "customer" };
    expect((await recorded({}, load)).finding().remedy).toMatchObject({
      lookups: [{ how: "select_related", path: "customer__address" }],
    });
  });

  it("goes through prefetches and related managers to the outermost list", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    const list = scope.query(orders({ rows: 4 }));
    const items = scope.load({
      on: list,
      kind: "reverse_foreign_key",
      attribute: "shop.Order.items",
      target: "shop.OrderItem",
      at: ["templates/orders.html", "{% for item in order.items.all %}"],
      built: ["templates/orders.html", "{% for item in order.items.all %}"],
      count: 4,
      rows: 12,
    });
    const product = { kind: "foreign_key", attribute: "shop.OrderItem.product", target: "shop.Product" } as const;
    scope.load({ on: items, ...product, at: ["templates/orders.html", "{{ item.product }}"], count: 12 });
    const open = await recording.open();

    expect(open.findings().map(({ message }) => message)).toEqual([
      expect.stringContaining("Each of 12 order items loads its product"),
      expect.stringContaining("Each of 4 orders loads its items"),
    ]);
    expect(open.fixed("shop/views.py")).toContain('Order.objects.paid().prefetch_related("items__product")\n');
  });

  it("goes on below a plain prefetch, in the call that is there", async () => {
    const code = 'orders = Order.objects.prefetch_related("items")\n';
    const recording = new Recording({ ...files, "shop/lists.py": code });
    const scope = recording.request("/orders/", testId, [fromTest]);
    const prefetch = scope.load({
      on: scope.query(orders({ rows: 4, built: ["shop/lists.py", 'Order.objects.prefetch_related("items")'] })),
      kind: "prefetch",
      attribute: "shop.Order.items",
      target: "shop.OrderItem",
      at: inTemplate,
      count: 1,
      rows: 12,
      prefetch: "items",
    });
    const product = { kind: "foreign_key", attribute: "shop.OrderItem.product", target: "shop.Product" } as const;
    scope.load({ on: prefetch, ...product, at: inTemplate, count: 12 });

    expect((await recording.open()).fixed("shop/lists.py")).toBe(
      'orders = Order.objects.prefetch_related("items", "items__product")\n',
    );
  });

  it("starts anew at a Prefetch object's own queryset", async () => {
    const code = 'items = Prefetch("items", queryset=OrderItem.objects.filter(open=True), to_attr="open_items")\n';
    const recording = new Recording({ ...files, "shop/prefetches.py": code });
    const scope = recording.request("/orders/", testId, [fromTest]);
    const prefetch = scope.load({
      on: scope.query(orders({ rows: 4 })),
      kind: "prefetch",
      attribute: "shop.Order.items",
      target: "shop.OrderItem",
      at: inTemplate,
      built: ["shop/prefetches.py", "OrderItem.objects.filter(open=True)"],
      count: 1,
      rows: 12,
      prefetch: "items",
    });
    const product = { kind: "foreign_key", attribute: "shop.OrderItem.product", target: "shop.Product" } as const;
    scope.load({ on: prefetch, ...product, at: inTemplate, count: 12 });
    const open = await recording.open();

    expect(open.fixed("shop/prefetches.py")).toContain('.filter(open=True).select_related("product"), to_attr');
  });

  it("is no name that a broken recording made up", async () => {
    const models = [model("shop.Order", [relation("x", "foreign_key", "shop.Customer", { select: '"); evil("' })])];
    const recording = new Recording(files, models);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.load(customers(scope.query(orders()), { attribute: "shop.Order.x" }));

    expect((await recording.open()).finding().remedy.kind).toBe("advice");
  });

  it("uses the parents of multi-table inheritance and what a proxy stands for", async () => {
    const models = [
      ...shopModels,
      model("shop.GiftOrder", [], { parents: ["shop.Order"] }),
      model("shop.PaidGift", [], { proxyFor: "shop.GiftOrder" }),
    ];
    const gifts = "gifts = PaidGift.objects.paid()\n";
    const recording = new Recording({ ...files, "shop/gifts.py": gifts }, models);
    const scope = recording.request("/orders/", testId, [fromTest]);
    const list = scope.query(orders({ model: "shop.PaidGift", built: ["shop/gifts.py", "PaidGift.objects.paid()"] }));
    scope.load(customers(list, { attribute: "shop.PaidGift.customer" }));

    expect((await recording.open()).finding().remedy).toMatchObject({ lookups: [{ path: "customer" }] });
  });

  it("is a prefetch where the related model's base manager filters", async () => {
    const models = shopModels.map((each) =>
      each.label === "shop.Customer" ? { ...each, baseManagerFilters: true } : each,
    );
    const recording = new Recording(files, models);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.load(customers(scope.query(orders())));

    expect((await recording.open()).finding().remedy).toMatchObject({
      lookups: [{ how: "prefetch_related", path: "customer" }],
    });
  });

  it("is a prefetch where the rows lie in another database", async () => {
    expect((await recorded({}, { db: "crm" })).finding().remedy).toMatchObject({
      lookups: [{ how: "prefetch_related", path: "customer" }],
    });
  });

  it("is advice in words where the models do not know it", async () => {
    const finding = (await recorded({}, { attribute: "shop.Order.seller", target: "shop.Seller" })).finding();
    expect(finding.remedy).toMatchObject({
      kind: "advice",
      text: expect.stringContaining("do not tell a lookup path"),
    });
  });
});

describe("where the fix goes", () => {
  const detail: Partial<QuerySpec> = {
    built: ["shop/views.py", "Order.objects.get(pk=pk)"],
    rows: 1,
    single: true,
    api: "get",
  };
  const items = (on: number, built?: Code): LoadSpec => ({
    on,
    kind: "reverse_foreign_key",
    attribute: "shop.Order.items",
    target: "shop.OrderItem",
    ...(built === undefined ? {} : { built, at: built }),
    count: 1,
    rows: 3,
  });
  const products = (on: number): LoadSpec => ({
    on,
    kind: "foreign_key",
    attribute: "shop.OrderItem.product",
    target: "shop.Product",
    at: ["shop/views.py", "item.product"],
    count: 3,
  });

  it("is the related manager where its own parent is one row", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/<pk>/", testId, [fromTest]);
    scope.load(products(scope.load(items(scope.query(orders(detail)), ["shop/views.py", "order.items.all()"]))));

    const open = await recording.open();
    expect(open.finding().message).toContain('select_related("product") in shop/views.py:11');
    expect(open.fixed("shop/views.py")).toContain('order.items.all().select_related("product")');
  });

  it("is the one row's own queryset where a serializer or template asks the manager", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/<pk>/", testId, [fromTest]);
    scope.load(products(scope.load(items(scope.query(orders(detail))))));

    const open = await recording.open();
    expect(open.finding().message).toContain('Load them with the order: prefetch_related("items__product")');
    expect(open.fixed("shop/views.py")).toContain('Order.objects.prefetch_related("items__product").get(pk=pk)');
  });

  it("is a refined related manager itself, never its parents' queryset", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    const loaded = scope.load({
      ...items(scope.query(orders({ rows: 5 })), ["shop/views.py", "order.items.all()"]),
      refined: true,
      count: 5,
      rows: 15,
    });
    scope.load({ ...products(loaded), count: 15 });
    const messages = (await recording.open()).findings().map(({ message }) => message);

    expect(messages).toEqual([
      expect.stringContaining('select_related("product") in shop/views.py:11'),
      expect.stringContaining("A plain prefetch would not serve this"),
    ]);
  });

  it("is the queryset, not the test's request, where only library code loads the rows", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/api/orders/", testId, [fromTest]);
    const list = scope.query(orders({ built: viewSet, stack: [], rows: 10 }));
    scope.load(customers(list, { stack: [], count: 10 }));
    const finding = (await recording.open()).finding();

    expect(finding.at).toEqual(finding.queryset);
    expect(finding.fires.map(({ path }) => path)).toEqual(["shop/views.py", "shop/tests/test_orders.py"]);
  });

  it("is the queryset, and the finding stands at the serializer's field", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/api/orders/", testId, [fromTest]);
    const list = scope.query(orders({ built: viewSet, stack: [], rows: 10 }));
    scope.load(customers(list, { at: inSerializer, count: 10 }));
    const open = await recording.open();

    expect(open.finding().message).toBe(
      'Each of 10 orders loads its customer for the field customer of OrderSerializer: 10 extra queries in GET /api/orders/. Load them with the list: select_related("customer") in shop/views.py:17.',
    );
    expect(open.finding().at).toMatchObject({
      path: "shop/serializers.py",
      placement: { range: { start: { line: 1 } } },
    });
    expect(open.fixed("shop/views.py")).toContain('queryset = Order.objects.all().select_related("customer")\n');
  });

  it("is the queryset that was handed to a template or serializer, which evaluates it", async () => {
    const finding = (await recorded({ stack: [paid, inSerializer] }, {})).finding();
    expect(finding.remedy).toMatchObject({ kind: "eager-load", lookups: [{ path: "customer" }] });
  });

  it("is told in words for an admin class", async () => {
    const column: Code = ["shop/serializers.py", "customer", 1, { kind: "admin", ...declared, qualname: "OrderAdmin" }];
    const finding = (await recorded({ built: undefined as never }, { at: column })).finding();
    expect(finding.remedy).toMatchObject({
      kind: "advice",
      text: 'No queryset is written for these rows: give OrderAdmin a get_queryset() with select_related("customer"), or for its change list list_select_related = ["customer"]. The rows were asked for in templates/orders.html:1.',
    });
  });

  it("is told in words where a manager's method evaluates the queryset itself", async () => {
    const finding = (await recorded({ stack: [paid, ["shop/views.py", "Order.objects.all()"]] }, {})).finding();
    expect(finding.remedy).toMatchObject({
      kind: "advice",
      text: expect.stringContaining("What is called in shop/views.py:5 evaluates the queryset itself"),
    });
  });

  it("is told in words where no queryset is written", async () => {
    const finding = (await recorded({ built: undefined as never }, {})).finding();

    expect(finding.queryset).toBeNull();
    expect(finding.remedy).toMatchObject({
      kind: "advice",
      text: expect.stringContaining('Order.objects.select_related("customer")'),
    });
  });

  it.each([
    ["count", "Each of 100 orders counts its items", "annotate the orders with Count"],
    ["exists", "asks whether there are any of its items", "annotate the orders with Exists"],
    ["aggregate", "adds up its items", "annotate the orders with the aggregate"],
    ["iterate", "Each of 100 orders queries its items", 'Prefetch("items", queryset=…, to_attr=…)'],
  ])(
    "is told in words for a related manager that is refined, where no queryset is written (%s)",
    async (api, symptom, advice) => {
      const refined = { kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" } as const;
      const recording = new Recording(files);
      const scope = recording.request("/orders/", testId, [fromTest]);
      const { model, rows = null, stack = [] } = orders();
      scope.load(customers(scope.query({ model, rows, stack }), { ...refined, refined: true, api }));
      const finding = (await recording.open()).finding();

      expect(finding.message).toContain(symptom);
      expect(finding.remedy).toMatchObject({ kind: "advice", text: expect.stringContaining(advice) });
    },
  );
});

describe("silence", () => {
  const silent = async (query: Partial<QuerySpec>, load: Partial<LoadSpec>) =>
    expect((await recorded(query, load)).findings()).toEqual([]);

  it("where one of many rows loads it", () => silent({ rows: 50 }, { count: 1 }));
  it("where the only row loads it here, and one of many there", async () => {
    const recording = new Recording(files);
    for (const rows of [1, 30]) {
      const scope = recording.request("/orders/", `${testId}[${rows}]`, [fromTest]);
      scope.load(customers(scope.query(orders({ rows })), { count: 1 }));
    }
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where the only row loads it here, and none of many there", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/1/", testId, [fromTest]);
    scope.load(customers(scope.query(orders({ rows: 1 })), { count: 1 }));
    recording.request("/orders/", `${testId}[all]`, [fromTest]).query(orders({ rows: 30 }));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where the loop is left with the only row that loads it", async () => {
    const search = `def find(request, number):
    for order in Order.objects.paid():
        if order.number == number:
            return JsonResponse(order.as_dict())
`;
    const recording = new Recording({ ...files, "shop/search.py": search });
    const scope = recording.request("/find/", testId, [fromTest]);
    const stack: Code[] = [["shop/search.py", "Order.objects.paid()"]];
    const list = scope.query(orders({ rows: 1, built: stack[0] as Code, stack }));
    scope.load(customers(list, { count: 1, at: ["shop/search.py", "order.as_dict()"] }));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where a template picks one of the rows by its number", async () => {
    const page = "<p>{{ orders.0.customer.name }}</p>{% for order in orders %}{{ order.customer.name }}{% endfor %}";
    const asked = async (token: string, rows: number) => {
      const recording = new Recording({ ...files, "templates/first.html": page });
      const scope = recording.request("/orders/", testId, [fromTest]);
      scope.load(customers(scope.query(orders({ rows })), { at: ["templates/first.html", token], count: rows }));
      return (await recording.open()).findings().map(({ confidence }) => confidence);
    };
    expect(await asked("orders.0.customer.name", 1)).toEqual([]);
    expect(await asked("order.customer.name", 1)).toEqual(["suspected"]);
    expect(await asked("orders.0.customer.name", 5)).toEqual(["likely"]);
  });
  it("where a few of very many rows load it", () => silent({ rows: 100 }, { count: 3 }));
  it("where the parent came alone by get()", () => silent({ rows: 1, single: true, api: "get" }, { count: 1 }));
  it("where the parent came alone by a unique filter", () => silent({ rows: 1, single: true }, { count: 1 }));
  it("where a manager's method looks through rows for one", () =>
    silent({ rows: 1, stack: [paid, ["shop/views.py", "Order.objects.all()"]] }, { count: 1 }));
  it("where one instance asks many times", () => silent({ rows: 50 }, { count: 80, instances: 1 }));
  it("where each of many evaluations brings rows of which some load it", () =>
    silent({ rows: 20, count: 20 }, { count: 12 }));
  it("where the parent is unknown", async () => {
    const recording = new Recording(files);
    recording.request("/orders/", testId, [fromTest]).load(customers(0));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where a chain of lazy loads starts at one row", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/<pk>/", testId, [fromTest]);
    const one = scope.load(customers(scope.query(orders({ rows: 1, single: true })), { count: 1 }));
    scope.load(customers(one, { attribute: "shop.Customer.address", target: "shop.Address", count: 1 }));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where a library's own code filters the related manager: nothing of it is written at the call", async () => {
    const archive = "def archive(orders):\n    return [serializers.serialize('json', [order]) for order in orders]\n";
    const at: Code = ["shop/archive.py", "serializers.serialize('json', [order])"];
    const recording = new Recording({ ...files, "shop/archive.py": archive });
    const scope = recording.request("/orders/", testId, [fromTest]);
    const tags = { kind: "many_to_many", attribute: "shop.Order.tags", target: "shop.Tag", refined: true } as const;
    scope.load(customers(scope.query(orders({ rows: 5 })), { ...tags, at, built: at, count: 5 }));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where a manager writes", () =>
    silent({}, { kind: "many_to_many", attribute: "shop.Order.tags", target: "shop.Tag", api: "add", refined: true }));
  it("where rows come from a prefetch", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    const list = scope.query(orders());
    scope.load({
      on: list,
      kind: "prefetch",
      attribute: "shop.Order.items",
      target: "shop.OrderItem",
      count: 1,
      instances: 100,
      rows: 300,
      prefetch: "items",
      single: false,
    });
    expect((await recording.open()).findings()).toEqual([]);
  });
  it.each(["class", "setup", "teardown"] as const)("where %s loaded the rows", async (phase) => {
    const recording = new Recording(files);
    const list = recording.test(testId, phase).query(orders());
    recording.test(testId).load(customers(list));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where the test's own queryset is walked by the application", async () => {
    const recording = new Recording(files);
    const scope = recording.test(testId);
    scope.load(customers(scope.query(orders({ built: ["shop/tests/test_orders.py", "Order.objects.all()"] }))));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("where the test itself walks the application's queryset", async () => {
    const recording = new Recording(files);
    const scope = recording.test(testId);
    scope.load(customers(scope.query(orders()), { at: ["shop/tests/test_orders.py", "order.customer", 2] }));
    expect((await recording.open()).findings()).toEqual([]);
  });
  it("on parents that form a ring or name a row that is not there", async () => {
    const recording = new Recording(files);
    const scope = recording.request("/orders/", testId, [fromTest]);
    scope.load(customers(999_999));
    expect((await recording.open()).findings()).toEqual([]);
  });
});

describe("rows that are written between the list and their load", () => {
  const code = "orders = Order.objects.paid()\nsave()\nfor order in orders: show(order.customer, order.shipment)\n";
  const orders: QuerySpec = { model: "shop.Order", built: ["shop/views.py", "Order.objects.paid()"], rows: 3 };
  const at: Code = ["shop/views.py", "show(order.customer, order.shipment)"];
  const customers: Omit<LoadSpec, "on"> = {
    kind: "foreign_key",
    attribute: "shop.Order.customer",
    target: "shop.Customer",
    at,
    count: 3,
  };
  const addresses: Omit<LoadSpec, "on"> = {
    kind: "foreign_key",
    attribute: "shop.Customer.address",
    target: "shop.Address",
    at,
    count: 3,
  };
  const shipments: Omit<LoadSpec, "on"> = {
    kind: "reverse_one_to_one",
    attribute: "shop.Order.shipment",
    target: "shop.Shipment",
    at,
    count: 3,
  };

  it("are to be loaded together behind the write; the others with the list", async () => {
    const recording = new Recording({ "shop/views.py": code });
    const scope = recording.request("/orders/");
    const on = scope.query(orders);
    scope.write("shop.Customer", ["shop/views.py", "save()"]);
    const customer = scope.load({ ...customers, on });
    scope.load({ ...addresses, on: customer });
    scope.load({ ...shipments, on });
    const open = await recording.open();

    const told = open.findings().map(({ message, remedy }) => [remedy.kind, message.replace(/^.*?\. /, "")]);
    const outdated = (path: string) => [
      "advice",
      `Loaded along in shop/views.py:1 they would be out of date, as GET /orders/ writes to shop.Customer in between: load them together behind that, with prefetch_related_objects(…, "${path}").`,
    ];
    expect(told).toEqual([
      outdated("customer__address"),
      ["eager-load", 'Load them with the list: select_related("shipment") in shop/views.py:1.'],
      outdated("customer"),
    ]);
    expect(open.fixed("shop/views.py")).toBe(code.replace("paid()", 'paid().select_related("shipment")'));
  });

  it("are not loaded along where only another test saw it, at an access of its own", async () => {
    const recording = new Recording({ "shop/views.py": code, "shop/tests.py": "class Tests: order.customer\n" });
    const scope = recording.request("/orders/");
    scope.load({ ...customers, on: scope.query(orders) });
    const test = recording.test("shop/tests.py::Tests::test_rename");
    const on = test.query({ ...orders, rows: 1 });
    test.write("shop.Customer", ["shop/tests.py", "order.customer"]);
    test.load({ ...customers, on, at: ["shop/tests.py", "order.customer"], count: 1 });

    expect((await recording.open()).finding()).toMatchObject({ remedy: { kind: "advice" } });
  });

  it("are not loaded along where the test hands the rows to a request: it may come behind the write", async () => {
    const recording = new Recording({ "shop/views.py": code, "shop/tests.py": "class Tests: stock.save()\n" });
    const test = recording.test("shop/tests.py::Tests::test_sold_out");
    const on = test.query(orders);
    test.write("shop.Customer", ["shop/tests.py", "stock.save()"]);
    const request = recording.request("/orders/", "shop/tests.py::Tests::test_sold_out");
    request.load({ ...customers, on });

    const finding = (await recording.open()).finding();
    expect(finding.remedy.kind).toBe("advice");
    expect(finding.message).toContain("as Tests::test_sold_out writes to shop.Customer and may do so in between:");
  });

  it("are rightly counted anew", async () => {
    const recording = new Recording({ "shop/views.py": code });
    const scope = recording.request("/orders/");
    const on = scope.query(orders);
    scope.write("shop.OrderItem", ["shop/views.py", "save()"]);
    const items = { kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" } as const;
    scope.load({ ...items, on, at, count: 3, refined: true, api: "count" });

    expect((await recording.open()).findings()).toEqual([]);
  });

  it("are not loaded along where another place counts them anew behind the write", async () => {
    const items = { kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" } as const;
    const recording = new Recording({ "shop/views.py": code });
    const scope = recording.request("/orders/");
    const on = scope.query(orders);
    scope.load({ ...items, on, at, count: 3 });
    scope.write("shop.OrderItem", ["shop/views.py", "save()"]);
    scope.load({ ...items, on, at: ["shop/views.py", "order.shipment"], count: 3, refined: true, api: "count" });

    expect((await recording.open()).finding()).toMatchObject({ rule: "n-plus-one", remedy: { kind: "advice" } });
  });
});
