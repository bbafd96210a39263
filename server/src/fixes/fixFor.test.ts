import { describe, expect, it } from "vitest";
import { type Code, type LoadSpec, type QuerySpec, Recording, shopModels } from "./testing.ts";

const path = "shop/views.py";

type Wanted = "customer" | "items" | "shipment" | "customer__address" | "items__product";

interface Shape {
  /** The call that made the queryset, where it is not the whole `code`. */
  readonly made: string;
  readonly wanted?: readonly Wanted[];
  readonly query?: Partial<QuerySpec>;
  /** False for lines only. */
  readonly columns?: boolean;
}

/** The file after the fix for what the queryset's rows load one by one. */
async function fixed(
  code: string,
  { made, wanted = ["customer"], query = {}, columns = true }: Shape,
): Promise<string> {
  const recording = new Recording({ [path]: code, "shop/rows.html": "{{ row.it }}" }, shopModels, columns);
  const scope = recording.request("/orders/");
  const root = scope.query({
    model: "shop.Order",
    built: [path, made],
    stack: [["shop/rows.html", "{{ row.it }}"]],
    rows: 12,
    ...query,
  });
  const load = (on: number, kind: LoadSpec["kind"], attribute: string, target: string): number =>
    scope.load({ on, kind, attribute, target, at: ["shop/rows.html", "{{ row.it }}"], count: 12 });
  for (const each of wanted) {
    if (each.startsWith("customer")) {
      const customer = load(root, "foreign_key", "shop.Order.customer", "shop.Customer");
      if (each === "customer__address") load(customer, "foreign_key", "shop.Customer.address", "shop.Address");
    } else if (each === "shipment") {
      load(root, "reverse_one_to_one", "shop.Order.shipment", "shop.Shipment");
    } else {
      const items = load(root, "reverse_foreign_key", "shop.Order.items", "shop.OrderItem");
      if (each === "items__product") load(items, "foreign_key", "shop.OrderItem.product", "shop.Product");
    }
  }
  return (await recording.open()).fixed(path);
}

describe("the edit", () => {
  it.each<[string, string, Shape, string]>([
    [
      "a method of a custom queryset",
      "orders = Order.objects.paid()\n",
      { made: "Order.objects.paid()" },
      'orders = Order.objects.paid().select_related("customer")\n',
    ],
    [
      "the file's own quotes",
      "orders = Order.objects.filter(status='paid')\n",
      { made: "Order.objects.filter(status='paid')" },
      "orders = Order.objects.filter(status='paid').select_related('customer')\n",
    ],
    [
      "both kinds at once",
      "orders = Order.objects.all()\n",
      { made: "Order.objects.all()", wanted: ["customer__address", "items__product"] },
      'orders = Order.objects.all().select_related("customer__address").prefetch_related("items__product")\n',
    ],
    [
      "behind the last call of the queryset, before a slice",
      "orders = Order.objects.paid().newest()[:20]\n",
      { made: "Order.objects.paid()" },
      'orders = Order.objects.paid().newest().select_related("customer")[:20]\n',
    ],
    [
      "before an index",
      'order = Order.objects.order_by("pk")[0]\n',
      { made: 'Order.objects.order_by("pk")', wanted: ["items__product"] },
      'order = Order.objects.order_by("pk").prefetch_related("items__product")[0]\n',
    ],
    [
      "before first()",
      "order = Order.objects.filter(paid=True).first()\n",
      { made: "Order.objects.filter(paid=True)" },
      'order = Order.objects.filter(paid=True).select_related("customer").first()\n',
    ],
    [
      "before get(), behind the manager",
      "order = Order.objects.get(pk=1)\n",
      { made: "Order.objects.get(pk=1)", wanted: ["items__product"] },
      'order = Order.objects.prefetch_related("items__product").get(pk=1)\n',
    ],
    [
      "a chain of several lines, one call a line",
      "orders = (\n    Order.objects\n    .filter(paid=True)  # only those\n    .order_by('pk')\n)\n",
      { made: ".filter(paid=True)" },
      "orders = (\n    Order.objects\n    .filter(paid=True)  # only those\n    .order_by('pk')\n    .select_related('customer')\n)\n",
    ],
    [
      "a call whose arguments span lines",
      "orders = Order.objects.filter(\n    paid=True,\n)\n",
      { made: "Order.objects.filter(\n    paid=True,\n)" },
      'orders = Order.objects.filter(\n    paid=True,\n).select_related("customer")\n',
    ],
    [
      "into a select_related that is there",
      'orders = Order.objects.select_related("shipment").all()\n',
      { made: 'Order.objects.select_related("shipment")' },
      'orders = Order.objects.select_related("shipment", "customer").all()\n',
    ],
    [
      "into one of several lines with a trailing comma and comments",
      'orders = Order.objects.select_related(\n    "shipment",  # for the carrier\n)\n',
      { made: 'Order.objects.select_related(\n    "shipment",  # for the carrier\n)' },
      'orders = Order.objects.select_related(\n    "shipment",  # for the carrier\n    "customer",\n)\n',
    ],
    [
      "into a prefetch_related with a Prefetch object, which stays",
      'orders = Order.objects.prefetch_related(Prefetch("tags", queryset=Tag.objects.all()))\n',
      { made: 'Order.objects.prefetch_related(Prefetch("tags", queryset=Tag.objects.all()))', wanted: ["items"] },
      'orders = Order.objects.prefetch_related(Prefetch("tags", queryset=Tag.objects.all()), "items")\n',
    ],
    [
      "behind a select_related(None), which takes back what stood before",
      'orders = Order.objects.select_related("shipment").select_related(None)\n',
      { made: 'Order.objects.select_related("shipment")' },
      'orders = Order.objects.select_related("shipment").select_related(None).select_related("customer")\n',
    ],
    [
      "names given as starred arguments stay",
      "orders = Order.objects.select_related(*RELATED)\n",
      { made: "Order.objects.select_related(*RELATED)" },
      'orders = Order.objects.select_related(*RELATED, "customer")\n',
    ],
    [
      "super().get_queryset()",
      "def get_queryset(self):\n    return super().get_queryset()\n",
      { made: "super().get_queryset()" },
      'def get_queryset(self):\n    return super().get_queryset().select_related("customer")\n',
    ],
    [
      "the default manager of a model that is not named",
      "orders = self.model._default_manager.all()\n",
      { made: "self.model._default_manager.all()" },
      'orders = self.model._default_manager.all().select_related("customer")\n',
    ],
    [
      "a class-level queryset",
      "class OrderViewSet(ModelViewSet):\n    queryset = Order.objects.all()\n",
      { made: "Order.objects.all()" },
      'class OrderViewSet(ModelViewSet):\n    queryset = Order.objects.all().select_related("customer")\n',
    ],
    [
      "the queryset in get_object_or_404",
      "order = get_object_or_404(Order.objects.filter(paid=True), pk=pk)\n",
      { made: "Order.objects.filter(paid=True)", wanted: ["items__product"] },
      'order = get_object_or_404(Order.objects.filter(paid=True).prefetch_related("items__product"), pk=pk)\n',
    ],
    [
      "a queryset inside list()",
      "orders = list(Order.objects.paid())\n",
      { made: "Order.objects.paid()" },
      'orders = list(Order.objects.paid().select_related("customer"))\n',
    ],
    [
      "a manager that is passed bare",
      "orders = get_list_or_404(Order.objects, paid=True)\n",
      { made: "get_list_or_404(Order.objects, paid=True)" },
      'orders = get_list_or_404(Order.objects.select_related("customer"), paid=True)\n',
    ],
    [
      "the values of a dictionary of rows",
      "orders = Order.objects.in_bulk().values()\n",
      { made: "Order.objects.in_bulk()" },
      'orders = Order.objects.select_related("customer").in_bulk().values()\n',
    ],
    [
      "iterator() with a chunk size",
      "for order in Order.objects.all().iterator(chunk_size=500):\n    pass\n",
      { made: "Order.objects.all()", wanted: ["items"] },
      'for order in Order.objects.all().prefetch_related("items").iterator(chunk_size=500):\n    pass\n',
    ],
    [
      "iterator() with a join",
      "for order in Order.objects.all().iterator():\n    pass\n",
      { made: "Order.objects.all()", query: { api: "iterator" } },
      'for order in Order.objects.all().select_related("customer").iterator():\n    pass\n',
    ],
    [
      "only() with the foreign key",
      'orders = Order.objects.only("number", "customer")\n',
      { made: 'Order.objects.only("number", "customer")' },
      'orders = Order.objects.only("number", "customer").select_related("customer")\n',
    ],
    [
      "select_for_update() of the rows themselves",
      'orders = Order.objects.select_for_update(of=("self",))\n',
      { made: 'Order.objects.select_for_update(of=("self",))' },
      'orders = Order.objects.select_for_update(of=("self",)).select_related("customer")\n',
    ],
    [
      "select_for_update() with a prefetch",
      "orders = Order.objects.select_for_update()\n",
      { made: "Order.objects.select_for_update()", wanted: ["items"] },
      'orders = Order.objects.select_for_update().prefetch_related("items")\n',
    ],
    [
      "the only queryset of a statement, where no columns are known",
      "cities = sorted({order.city for order in Order.objects.paid().newest()})\n",
      { made: "Order.objects.paid()", columns: false },
      'cities = sorted({order.city for order in Order.objects.paid().newest().select_related("customer")})\n',
    ],
    [
      "super().get_queryset(), where no columns are known",
      "def get_queryset(self):\n    return super().get_queryset()\n",
      { made: "super().get_queryset()", columns: false },
      'def get_queryset(self):\n    return super().get_queryset().select_related("customer")\n',
    ],
    [
      "the queryset of the rows' own model, where no columns are known",
      "show(Order.objects.all(), Tag.objects.all())\n",
      { made: "Order.objects.all()", columns: false },
      'show(Order.objects.all().select_related("customer"), Tag.objects.all())\n',
    ],
    [
      "the outer queryset of a line, not the one in its arguments",
      "orders = Order.objects.filter(pk__in=Item.objects.filter(open=True).values('order'))\n",
      { made: "Order.objects.filter(pk__in=Item.objects.filter(open=True).values('order'))" },
      "orders = Order.objects.filter(pk__in=Item.objects.filter(open=True).values('order')).select_related('customer')\n",
    ],
  ])("%s", async (_name, code, shape, expected) => {
    expect(await fixed(code, shape)).toBe(expected);
  });

  it("inserts a join that is nullable like any other", async () => {
    const code = "orders = Order.objects.all()\n";
    expect(await fixed(code, { made: "Order.objects.all()", wanted: ["shipment"] })).toBe(
      'orders = Order.objects.all().select_related("shipment")\n',
    );
  });

  it("is withheld where the expression gives rows of another model too", async () => {
    const code = "class Base:\n    def all(self):\n        return self.model._default_manager.all()\n";
    const recording = new Recording({ [path]: code });
    const built: Code = [path, "self.model._default_manager.all()"];
    const scope = recording.request("/orders/");
    const on = scope.query({ model: "shop.Order", built, rows: 3 });
    const customer = { attribute: "shop.Order.customer", target: "shop.Customer" };
    scope.load({ on, kind: "foreign_key", ...customer, at: [path, "self.model"], count: 3 });
    recording.request("/tags/").query({ model: "shop.Tag", built, rows: 3 });

    expect((await recording.open()).fixed(path)).toMatch(/^withheld: The same expression gives tags, too/);
  });

  it("takes the queryset that the lookups start from, where two stand in one line without columns", async () => {
    const recording = new Recording({ [path]: "show(Tag.objects.all(), Order.objects.all())\n" }, shopModels, false);
    const scope = recording.request("/orders/");
    scope.query({ model: "shop.Tag", built: [path, "Tag.objects.all()"], rows: 3 });
    const on = scope.query({ model: "shop.Order", built: [path, "Order.objects.all()"], rows: 3 });
    const customer = { attribute: "shop.Order.customer", target: "shop.Customer" };
    scope.load({ on, kind: "foreign_key", ...customer, at: [path, "show("], count: 3 });

    expect((await recording.open()).fixed(path)).toBe(
      'show(Tag.objects.all(), Order.objects.all().select_related("customer"))\n',
    );
  });

  it("is one for findings of several querysets", async () => {
    const code = "orders = Order.objects.all()\npaid = Order.objects.paid()\n";
    const recording = new Recording({ [path]: code });
    const scope = recording.request("/orders/");
    for (const made of ["Order.objects.all()", "Order.objects.paid()"]) {
      const on = scope.query({ model: "shop.Order", built: [path, made], rows: 3 });
      const customer = { attribute: "shop.Order.customer", target: "shop.Customer" };
      scope.load({ on, kind: "foreign_key", ...customer, at: [path, made], count: 3 });
    }
    const open = await recording.open();

    expect(open.findings()).toHaveLength(2);
    expect(open.fixed(path)).toBe(
      'orders = Order.objects.all().select_related("customer")\npaid = Order.objects.paid().select_related("customer")\n',
    );
  });
});

describe("withheld", () => {
  it.each<[string, string, Shape, string]>([
    [
      "a queryset that goes into a union further on",
      "orders = Order.objects.all()\nboth = other.union(orders)\n",
      { made: "Order.objects.all()" },
      "orders goes into union() too",
    ],
    [
      "union()",
      "orders = Order.objects.all().union(other)\n",
      { made: "Order.objects.all()" },
      "Django allows no select_related or prefetch_related on the result of union()",
    ],
    [
      "values()",
      'orders = Order.objects.all().values("pk")\n',
      { made: "Order.objects.all()" },
      "values() gives no model instances",
    ],
    [
      "raw()",
      "orders = Order.objects.raw(SQL)\n",
      { made: "Order.objects.raw(SQL)", query: { kind: "raw" } },
      "Raw SQL takes no select_related",
    ],
    [
      "get_or_create()",
      "order, _ = Order.objects.get_or_create(pk=1)\n",
      { made: "Order.objects.get_or_create(pk=1)", wanted: ["items__product"] },
      "get_or_create() may create the row",
    ],
    [
      "iterator() without a chunk size, together with a prefetch",
      "for order in Order.objects.all().iterator():\n    pass\n",
      { made: "Order.objects.all()", wanted: ["items"] },
      "iterator() takes a prefetch only with a chunk_size",
    ],
    [
      "iterator() further on, together with a prefetch",
      "orders = Order.objects.all()\nrows = orders.iterator()\n",
      { made: "Order.objects.all()", wanted: ["items"], query: { api: "iterator" } },
      "The rows are read by iterator()",
    ],
    [
      "only() without the foreign key",
      'orders = Order.objects.only("number")\n',
      { made: 'Order.objects.only("number")' },
      "only() leaves out a column that customer needs",
    ],
    [
      "only() without a foreign key further on",
      'orders = Order.objects.only("number", "customer__name")\n',
      { made: 'Order.objects.only("number", "customer__name")', wanted: ["customer__address"] },
      "only() leaves out a column that customer__address needs",
    ],
    [
      "defer() of the foreign key",
      'orders = Order.objects.defer("customer")\n',
      { made: 'Order.objects.defer("customer")' },
      "defer() leaves out a column",
    ],
    [
      "only() with names that are not written there",
      "orders = Order.objects.only(*FIELDS)\n",
      { made: "Order.objects.only(*FIELDS)" },
      "only() leaves out columns that are not written there",
    ],
    [
      "only() in a manager's method, as the recorded SQL shows",
      "orders = Order.objects.slim()\n",
      {
        made: "Order.objects.slim()",
        query: { sql: 'SELECT "shop_order"."id", "shop_order"."number" FROM "shop_order" WHERE "customer_id" = %s' },
      },
      "The rows are loaded without their column customer_id",
    ],
    [
      "select_for_update()",
      "orders = Order.objects.select_for_update()\n",
      { made: "Order.objects.select_for_update()" },
      "select_for_update() would lock the joined rows too",
    ],
    [
      "select_for_update() in a manager's method, as the recorded SQL shows",
      "orders = Order.objects.locked()\n",
      { made: "Order.objects.locked()", query: { sql: "SELECT * FROM shop_order FOR UPDATE" } },
      "The rows are locked",
    ],
    [
      "distinct() on columns",
      'orders = Order.objects.distinct("number")\n',
      { made: 'Order.objects.distinct("number")' },
      "distinct() on certain columns",
    ],
    [
      "select_related() that follows everything",
      "orders = Order.objects.select_related()\n",
      { made: "Order.objects.select_related()" },
      "select_related() without names follows every relation",
    ],
    [
      "a Prefetch object for the same relation",
      'orders = Order.objects.prefetch_related(Prefetch("items", queryset=Item.objects.all()))\n',
      { made: 'Order.objects.prefetch_related(Prefetch("items", queryset=Item.objects.all()))', wanted: ["items"] },
      "A Prefetch object loads items already",
    ],
    [
      "a lookup that is there already",
      'orders = Order.objects.select_related("customer__address")\n',
      { made: 'Order.objects.select_related("customer__address")' },
      "names customer already: record the tests again",
    ],
    [
      "a union of the queryset further on, as the recorded SQL shows",
      "orders = Order.objects.all()\nboth = orders | more\n",
      { made: "Order.objects.all()", query: { sql: "SELECT * FROM a UNION SELECT * FROM b" } },
      "The queryset ends up in a union",
    ],
    [
      "a call that is no queryset's",
      "page = self.paginate(request)\n",
      { made: "self.paginate(request)" },
      "No queryset is written for these rows",
    ],
    [
      "one of two querysets in a statement, where no columns are known",
      "show(Order.objects.all(), Order.objects.paid())\n",
      { made: "Order.objects.all()", columns: false },
      "No queryset is written for these rows",
    ],
    [
      "a manager of another model",
      "show(Tag.objects.all())\n",
      { made: "Tag.objects.all()" },
      "No queryset is written for these rows",
    ],
    [
      "a variable passed to get_list_or_404",
      "orders = get_list_or_404(kind, paid=True)\n",
      { made: "get_list_or_404(kind, paid=True)" },
      "No queryset is written for these rows",
    ],
  ])("%s", async (_name, code, shape, reason) => {
    const result = await fixed(code, shape);
    expect(result).toContain("withheld: ");
    expect(result).toContain(reason);
  });

  it("an edited queryset", async () => {
    const recording = new Recording({ [path]: "orders = Order.objects.all()\n" });
    const scope = recording.request("/orders/");
    const on = scope.query({ model: "shop.Order", built: [path, "Order.objects.all()"], rows: 3 });
    scope.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: [path, "orders"],
      count: 3,
    });
    const open = await recording.open({ [path]: "orders = Order.objects.filter(paid=True)\n" });

    expect(open.fixed(path)).toContain("was edited after the recording");
  });

  it("nothing at all", async () => {
    const open = await new Recording({}).open();
    expect(open.fix([])).toEqual({ ok: false, withheld: { reason: "There is nothing to change." } });
  });
});

it.each(['SELECT "shop_order"."number" FROM "shop_order"', 'SELECT "shop_order"."id" AS "pk" FROM "shop_order"'])(
  "minds no values() of the same queryset, which load no instances: %s",
  async (sql) => {
    const code = "orders = Order.objects.all()\nnumbers = orders.values_list(n)\nshow(orders)\n";
    const recording = new Recording({ [path]: code });
    const scope = recording.request("/orders/");
    const made: Code = [path, "Order.objects.all()"];
    const on = scope.query({ model: "shop.Order", built: made, rows: 3 });
    scope.query({ model: "shop.Order", built: made, rows: 3, sql });
    scope.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: [path, "show(orders)"],
      count: 3,
    });

    expect((await recording.open()).fixed(path)).toBe(code.replace("all()", 'all().select_related("customer")'));
  },
);

describe("rows that are written in between", () => {
  const code = "orders = Order.objects.all()\nsave()\nshow(orders)\n";
  const customer: Omit<LoadSpec, "on"> = {
    kind: "foreign_key",
    attribute: "shop.Order.customer",
    target: "shop.Customer",
    at: [path, "show(orders)"],
    count: 3,
  };

  async function safetyWith(steps: readonly ("query" | "load" | string)[]) {
    const recording = new Recording({ [path]: code });
    const scope = recording.request("/orders/");
    let on = 0;
    for (const step of steps) {
      if (step === "query") on = scope.query({ model: "shop.Order", built: [path, "Order.objects.all()"], rows: 3 });
      else if (step === "load") scope.load({ ...customer, on });
      else scope.write(step, [path, "save()"]);
    }
    const result = (await recording.open()).fix();
    return result.ok ? result.fix : null;
  }

  it("are not loaded along: they would be out of date", async () => {
    expect(await safetyWith(["query", "shop.Customer", "load"])).toBeNull();
  });

  it.each([
    ["another table's", ["query", "shop.Tag", "load"]],
    ["those written before the queryset ran", ["shop.Customer", "query", "load"]],
    ["those written after all was loaded", ["query", "load", "shop.Customer"]],
  ])("do not matter where they are %s", async (_name, steps) => {
    expect((await safetyWith(steps))?.safety).toBe("safe");
  });
});
