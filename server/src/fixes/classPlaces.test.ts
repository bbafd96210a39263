import { describe, expect, it } from "vitest";
import type { SiteKind } from "../trace/model.ts";
import { type Code, type OpenRecording, Recording, shopModels } from "./testing.ts";

type Wanted = "customer" | "items" | "shipment";

interface Shape {
  readonly kind?: SiteKind;
  /** What of the text the site is; a line that starts with `class` is told as the line alone. */
  readonly at?: string;
  readonly name?: string;
  readonly view?: string;
  readonly wanted?: readonly Wanted[];
  /** The tables of the list's own query. */
  readonly tables?: readonly string[];
  readonly sql?: string;
  readonly manager?: string | null;
  /** It has a `get_queryset` of its own. */
  readonly filters?: boolean;
}

const html = "shop/rows.html";
const imports =
  "from django.contrib.auth.mixins import LoginRequiredMixin\nfrom django.views import generic\nfrom django.views.generic import DetailView, ListView\n\n";

/** Orders, each of which loads what is wanted, of the queryset that Django made for a class. */
async function recorded(path: string, code: string, shape: Shape): Promise<OpenRecording> {
  const { kind = "view", at = "model = Order", name = "Orders", wanted = ["customer"] } = shape;
  const { view = `shop.views.${name}`, tables = ["shop_order"], sql, manager = "objects", filters = false } = shape;
  const models = shopModels.map((model) =>
    model.label === "shop.Order" ? { ...model, defaultManager: manager, defaultManagerFilters: filters } : model,
  );
  const recording = new Recording({ [path]: code, [html]: "{{ row.it }}" }, models);
  const scope = recording.request("/orders/", null, [], view);
  const site = { kind, qualname: name, token: "shop.Order" };
  const built: Code = [path, at, 1, at.startsWith("class") ? { ...site, column: null } : site];
  const on = scope.query({
    model: "shop.Order",
    built,
    stack: [[html, "{{ row.it }}"]],
    rows: 12,
    tables,
    ...(sql === undefined ? {} : { sql }),
  });
  const load = { on, at: [html, "{{ row.it }}"] as Code, count: 12 };
  for (const each of wanted) {
    if (each === "customer")
      scope.load({ ...load, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer" });
    if (each === "shipment")
      scope.load({ ...load, kind: "reverse_one_to_one", attribute: "shop.Order.shipment", target: "shop.Shipment" });
    if (each === "items")
      scope.load({ ...load, kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" });
  }
  return recording.open();
}

async function fixedView(code: string, shape: Shape = {}): Promise<string> {
  const fixed = (await recorded("shop/views.py", imports + code, shape)).fixed("shop/views.py");
  return fixed.startsWith(imports) ? fixed.slice(imports.length) : fixed;
}

const admin = { kind: "model_admin", name: "OrderAdmin", at: "class OrderAdmin" } as const;
const changeList = "shop.admin.OrderAdmin.changelist_view";

async function fixedAdmin(code: string, shape: Shape = {}): Promise<string> {
  const open = await recorded("shop/admin.py", code, { ...admin, view: changeList, ...shape });
  return open.fixed("shop/admin.py");
}

describe("a generic view with a model", () => {
  it.each<[string, string, Shape, string]>([
    [
      "gets a queryset in its place",
      'class Orders(ListView):\n    model = Order  # all\n    template_name = "orders.html"\n',
      {},
      'class Orders(ListView):\n    queryset = Order.objects.select_related("customer")  # all\n    template_name = "orders.html"\n',
    ],
    [
      "with all that its rows load",
      "class Orders(LoginRequiredMixin, generic.ListView):\n    model = models.Order\n    title = 'x'\n",
      { at: "model = models.Order", wanted: ["items", "customer", "shipment"] },
      "class Orders(LoginRequiredMixin, generic.ListView):\n    queryset = models.Order.objects.select_related('customer', 'shipment').prefetch_related('items')\n    title = 'x'\n",
    ],
    [
      "through the model's default manager, whatever its name",
      "class Orders(DetailView):\n    model = Order\n",
      { manager: "everything" },
      'class Orders(DetailView):\n    queryset = Order.everything.select_related("customer")\n',
    ],
    [
      "through the attribute that every model has, where the name is not known",
      "class Orders(DetailView):\n    model = Order\n",
      { manager: null },
      'class Orders(DetailView):\n    queryset = Order._default_manager.select_related("customer")\n',
    ],
    [
      "beside it, where the class reads the model",
      "class Orders(ListView):\n    model = Order\n\n    def title(self):\n        return self.model.__name__\n",
      {},
      'class Orders(ListView):\n    model = Order\n    queryset = Order.objects.select_related("customer")\n\n    def title(self):\n        return self.model.__name__\n',
    ],
    [
      "beside it, where a base class may",
      "class Orders(FilterView):\n    model = Order\n",
      {},
      'class Orders(FilterView):\n    model = Order\n    queryset = Order.objects.select_related("customer")\n',
    ],
    [
      "beside it, where others are derived from the class",
      "class Orders(ListView):\n    model = Order\n",
      { at: "class Orders" },
      'class Orders(ListView):\n    model = Order\n    queryset = Order.objects.select_related("customer")\n',
    ],
    [
      "beside an annotated one",
      "class Orders(ListView):\n    model: type[Order] = Order\n",
      { at: "model: type[Order] = Order" },
      'class Orders(ListView):\n    model: type[Order] = Order\n    queryset = Order.objects.select_related("customer")\n',
    ],
    [
      "beside it, where a base class only has the name of one of Django's",
      "class Orders(views.ListView):\n    model = Order\n",
      {},
      'class Orders(views.ListView):\n    model = Order\n    queryset = Order.objects.select_related("customer")\n',
    ],
    [
      "as a method, where the manager may leave out others for each request",
      "class Orders(ListView):\n    model = Order\n",
      { filters: true },
      'class Orders(ListView):\n    model = Order\n\n    def get_queryset(self):\n        return super().get_queryset().select_related("customer")\n',
    ],
    [
      "as a method, where the model is inherited",
      "class Orders(BaseList):\n    paginate_by = 20\n",
      { at: "class Orders" },
      'class Orders(BaseList):\n    paginate_by = 20\n\n    def get_queryset(self):\n        return super().get_queryset().select_related("customer")\n',
    ],
    [
      "as a method in a class that says nothing",
      "class Orders(BaseList):\n    pass\n",
      { at: "class Orders", wanted: ["items"] },
      'class Orders(BaseList):\n    def get_queryset(self):\n        return super().get_queryset().prefetch_related("items")\n',
    ],
  ])("%s", async (_name, code, shape, expected) => {
    expect(await fixedView(code, shape)).toBe(expected);
  });

  it.each<[string, string, Shape, RegExp]>([
    [
      "whose model is worked out",
      "class Orders(ListView):\n    model = apps.get_model('shop.Order')\n",
      { at: "model = apps.get_model('shop.Order')" },
      /does not name its model: give it a queryset with select_related\("customer"\)/,
    ],
    ["in one line", "class Orders(BaseList): paginate_by = 20\n", { at: "class Orders" }, /stands in one line/],
    [
      "whose rows are locked",
      "class Orders(ListView):\n    model = Order\n",
      { sql: "SELECT * FROM shop_order FOR UPDATE" },
      /select_for_update/,
    ],
    [
      "whose rows end in a union",
      "class Orders(ListView):\n    model = Order\n",
      { sql: "SELECT * FROM shop_order UNION SELECT * FROM shop_order" },
      /union/,
    ],
    [
      "whose column is left out",
      "class Orders(ListView):\n    model = Order\n",
      { sql: 'SELECT "shop_order"."id" FROM shop_order' },
      /without their column customer_id/,
    ],
  ])("is left alone, %s", async (_name, code, shape, reason) => {
    expect(await fixedView(code, shape)).toMatch(new RegExp(`^withheld: .*${reason.source}`));
  });

  it("is named in the finding, with its class", async () => {
    const open = await recorded("shop/views.py", "class Orders(ListView):\n    model = Order\n", {});
    const { message, queryset } = open.finding();
    expect(message).toBe(
      'Each of 12 orders loads its customer: 12 extra queries in GET /orders/. Load them with the list: give Orders a queryset with select_related("customer") (shop/views.py:2).',
    );
    expect(queryset?.placement).toMatchObject({ range: { start: { line: 1, character: 4 } } });
  });
});

describe("a change list of the admin", () => {
  it.each<[string, string, Shape, string]>([
    [
      "names its joins behind its other lists",
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number"]\n    list_filter = ["status"]\n    search_fields = ["number"]\n\n    def city(self, order):\n        return order.customer.city\n',
      {},
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number"]\n    list_filter = ["status"]\n    list_select_related = ["customer"]\n    search_fields = ["number"]\n\n    def city(self, order):\n        return order.customer.city\n',
    ],
    [
      "as a tuple where its lists are tuples",
      "class OrderAdmin(ModelAdmin):\n    list_display = ('number',)\n",
      {},
      "class OrderAdmin(ModelAdmin):\n    list_display = ('number',)\n    list_select_related = ('customer',)\n",
    ],
    [
      "into the list that is there",
      'class OrderAdmin(ModelAdmin):\n    list_select_related = [\n        "shipment",  # carrier\n    ]\n',
      { tables: ["shop_order", "shop_shipment"] },
      'class OrderAdmin(ModelAdmin):\n    list_select_related = [\n        "shipment",  # carrier\n        "customer",\n    ]\n',
    ],
    [
      "into a tuple of one",
      'class OrderAdmin(ModelAdmin):\n    list_select_related = ("shipment",)\n',
      { tables: ["shop_order", "shop_shipment"] },
      'class OrderAdmin(ModelAdmin):\n    list_select_related = ("shipment", "customer")\n',
    ],
    [
      "into an empty tuple",
      "class OrderAdmin(ModelAdmin):\n    list_select_related = ()\n",
      {},
      'class OrderAdmin(ModelAdmin):\n    list_select_related = ("customer",)\n',
    ],
    [
      "in place of False",
      "class OrderAdmin(ModelAdmin):\n    list_select_related = False\n",
      {},
      'class OrderAdmin(ModelAdmin):\n    list_select_related = ["customer"]\n',
    ],
    [
      "with the columns that it joins by itself until some are named",
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number", "customer"]\n',
      { wanted: ["shipment"], tables: ["shop_order", "shop_customer"] },
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number", "customer"]\n    list_select_related = ["customer", "shipment"]\n',
    ],
    [
      "and a method for what cannot be joined",
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number"]\n',
      { wanted: ["customer", "items"] },
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number"]\n    list_select_related = ["customer"]\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related("items")\n',
    ],
    [
      "in a class that says nothing",
      "@register(Order)\nclass OrderAdmin(ModelAdmin):\n    pass\n",
      {},
      '@register(Order)\nclass OrderAdmin(ModelAdmin):\n    list_select_related = ["customer"]\n',
    ],
    [
      "in a class with only a docstring",
      '@register(Order)\nclass OrderAdmin(ModelAdmin):\n    """Orders."""\n',
      { wanted: ["items"] },
      '@register(Order)\nclass OrderAdmin(ModelAdmin):\n    """Orders."""\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related("items")\n',
    ],
  ])("%s", async (_name, code, shape, expected) => {
    expect(await fixedAdmin(code, shape)).toBe(expected);
  });

  it.each<[string, string, Shape, RegExp]>([
    [
      "where all relations are followed",
      "class OrderAdmin(ModelAdmin):\n    list_select_related = True\n",
      {},
      /is no list of names/,
    ],
    [
      "where a method names them",
      "class OrderAdmin(ModelAdmin):\n    def get_list_select_related(self, request):\n        return []\n",
      {},
      /get_list_select_related\(\) decides/,
    ],
    [
      "where a constant does",
      "class OrderAdmin(ModelAdmin):\n    list_select_related = RELATED\n",
      {},
      /is no list of names/,
    ],
    [
      "where it joins more than its columns tell",
      'class OrderAdmin(ModelAdmin):\n    list_display = ["number", "customer"]\n',
      { wanted: ["shipment"], tables: ["shop_order", "shop_customer", "shop_address"] },
      /joins relations by itself/,
    ],
    [
      "where its own names would go from the list to a method",
      'class OrderAdmin(ModelAdmin):\n    list_select_related = ["shipment"]\n',
      { view: "shop.admin.OrderAdmin.export_view" },
      /joins relations by itself/,
    ],
  ])("is left alone, %s", async (_name, code, shape, reason) => {
    expect(await fixedAdmin(code, shape)).toMatch(new RegExp(`^withheld: .*${reason.source}`));
  });

  it("is told from the class's other pages, which list_select_related does not reach", async () => {
    const code = "class OrderAdmin(ModelAdmin):\n    pass\n";
    expect(await fixedAdmin(code, { view: "shop.admin.OrderAdmin.export_view" })).toBe(
      'class OrderAdmin(ModelAdmin):\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related("customer")\n',
    );
  });

  it("is told from an inline", async () => {
    const code = "class Orders(TabularInline):\n    model = Order\n    extra = 0\n";
    const open = await recorded("shop/admin.py", code, {
      kind: "inline_admin",
      view: "shop.admin.CustomerAdmin.change_view",
    });
    expect(open.fixed("shop/admin.py")).toBe(
      'class Orders(TabularInline):\n    model = Order\n    extra = 0\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related("customer")\n',
    );
  });

  it("is named in the finding", async () => {
    const open = await recorded("shop/admin.py", "class OrderAdmin(ModelAdmin):\n    pass\n", {
      ...admin,
      view: changeList,
    });
    expect(open.finding().message).toContain('give OrderAdmin list_select_related = ["customer"] (shop/admin.py:1)');
  });
});

describe("a recording of a class's queryset", () => {
  const before =
    "class OrderAdmin(ModelAdmin):\n    list_display = ['number']\n\n    def city(self):\n        return 1\n";

  async function isStale(today: string): Promise<boolean> {
    const recording = new Recording({ "shop/admin.py": before, [html]: "{{ row.it }}" });
    const scope = recording.request("/orders/", null, [], changeList);
    const site = { kind: "model_admin", qualname: "OrderAdmin", token: "shop.Order", column: null } as const;
    const on = scope.query({
      model: "shop.Order",
      built: ["shop/admin.py", "class OrderAdmin", 1, site],
      stack: [[html, "{{ row.it }}"]],
      rows: 12,
    });
    const load = { on, at: [html, "{{ row.it }}"] as Code, count: 12 };
    scope.load({ ...load, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer" });
    return (await recording.open({ "shop/admin.py": today })).finding().stale;
  }

  it("stands while other members change", async () => {
    expect(await isStale(`import os\n\n${before.replace("return 1", "return 2").replaceAll("'", '"')}`)).toBe(false);
  });

  it.each([
    ["a list of joins is added", before.replace("['number']", "['number']\n    list_select_related = ['customer']")],
    ["the columns change", before.replace("['number']", "['number', 'customer']")],
    [
      "a method is added",
      before.replace("    def city", "    def get_queryset(self, request):\n        pass\n\n    def city"),
    ],
    ["its bases change", before.replace("(ModelAdmin)", "(Mixin, ModelAdmin)")],
  ])("is one before an edit once %s", async (_name, today) => {
    expect(await isStale(today)).toBe(true);
  });
});

describe("a model in Django's shortcuts", () => {
  const loads = async (code: string, made: string, single = true): Promise<string> => {
    const recording = new Recording({ "shop/views.py": code, [html]: "{{ row.it }}" });
    const scope = recording.request("/orders/1/");
    const built: Code = ["shop/views.py", made];
    const on = scope.query({
      model: "shop.Order",
      built,
      single,
      api: single ? "get" : "iterate",
      rows: single ? 1 : 9,
    });
    const at: Code = [html, "{{ row.it }}"];
    const order = { on, at, attribute: "shop.Order.items", target: "shop.OrderItem" };
    const items = scope.load({ ...order, kind: "reverse_foreign_key", count: single ? 1 : 9, rows: 9 });
    scope.load({
      on: items,
      kind: "foreign_key",
      attribute: "shop.OrderItem.product",
      target: "shop.Product",
      at,
      count: 9,
    });
    return (await recording.open()).fixed("shop/views.py");
  };

  it.each([
    ["get_object_or_404(Order, pk=pk)", 'get_object_or_404(Order.objects.prefetch_related("items__product"), pk=pk)'],
    [
      "get_object_or_404(models.Order, pk=pk)",
      'get_object_or_404(models.Order.objects.prefetch_related("items__product"), pk=pk)',
    ],
    [
      "shortcuts.get_object_or_404(Order, pk=pk)",
      'shortcuts.get_object_or_404(Order.objects.prefetch_related("items__product"), pk=pk)',
    ],
  ])("%s", async (before, after) => {
    expect(await loads(`order = ${before}\n`, before)).toBe(`order = ${after}\n`);
  });

  it("is one for several rows as well", async () => {
    expect(await loads("orders = get_list_or_404(Order)\n", "get_list_or_404(Order)", false)).toBe(
      'orders = get_list_or_404(Order.objects.prefetch_related("items__product"))\n',
    );
  });

  it.each(["get_or_none(Order, pk=pk)", "get_object_or_404(Tag, pk=pk)", "get_object_or_404(kind(Order), pk=pk)"])(
    "is not taken for one in %s",
    async (code) => {
      expect(await loads(`order = ${code}\n`, code)).toMatch(/^withheld: No queryset is written for these rows/);
    },
  );
});
