import { describe, expect, it } from "vitest";
import { type Code, type Eager, type OpenRecording, Recording } from "./testing.ts";

const views = "shop/views.py";
const row: Code = ["templates/orders.html", "{{ order.it }}"];

const tests = `def test_it():
    with assertNumQueries(3):
        client.get("/orders/")
`;

/** Twenty orders of the only queryset in `text`, in two tests, with what was loaded along. Each prefetch that is not read runs a query. */
async function recorded(text: string, eager: readonly Eager[], sql?: string): Promise<OpenRecording> {
  const recording = new Recording({ [views]: text, "templates/orders.html": "{{ order.it }}", "shop/tests.py": tests });
  const built = /Order\.objects\s*\.\w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/.exec(text)?.[0] ?? "";
  for (const test of ["shop/tests.py::test_it", "shop/tests.py::test_other"]) {
    const scope = recording.request(
      "/orders/",
      test,
      test.endsWith("it") ? [["shop/tests.py", 'client.get("/orders/")']] : [],
    );
    const on = scope.query({
      model: "shop.Order",
      built: [views, built],
      stack: [row],
      rows: 20,
      eager,
      ...(sql && { sql }),
    });
    for (const [path] of eager.filter(([path]) => ["items", "tags"].includes(path))) {
      scope.load({
        on,
        kind: "prefetch",
        attribute: `shop.Order.${path}`,
        target: "shop.Tag",
        count: 1,
        prefetch: path,
      });
    }
  }
  return recording.open();
}

const customer: Eager = ["customer", 20, false];
const items: Eager = ["items", 20, false];
const tags: Eager = ["tags", 20, true];
const address: Eager = ["customer__address", 9, false];

describe("a lookup that nobody reads", () => {
  it.each<[string, string, string, readonly Eager[]]>([
    [
      "is taken out",
      'a = Order.objects.select_related("shipment", "customer")\n',
      'a = Order.objects.select_related("shipment")\n',
      [customer],
    ],
    [
      "is taken out of lines",
      'a = Order.objects.prefetch_related(\n    "tags",  # read\n    "items",  # not\n).order_by("pk")\n',
      'a = Order.objects.prefetch_related(\n    "tags",  # read\n).order_by("pk")\n',
      [items, tags],
    ],
    [
      "takes the call along, where nothing else is in it",
      'a = Order.objects.filter(paid=True).select_related("customer")[:5]\n',
      "a = Order.objects.filter(paid=True)[:5]\n",
      [customer],
    ],
    [
      "leaves a queryset, not a manager",
      'a = Order.objects.select_related("customer")\n',
      "a = Order.objects.all()\n",
      [customer],
    ],
    [
      "leaves get() to the manager",
      'a = Order.objects.select_related("customer").get(pk=1)\n',
      "a = Order.objects.get(pk=1)\n",
      [customer],
    ],
    [
      "takes a line of a chain along",
      'a = (\n    Order.objects.filter(paid=True)\n    .prefetch_related("items")  # for the list\n    .order_by("pk")\n)\n',
      'a = (\n    Order.objects.filter(paid=True)\n    .order_by("pk")\n)\n',
      [items],
    ],
    [
      "goes with others of both methods",
      'a = Order.objects.filter(x=1).select_related("customer").prefetch_related("items", "tags")\n',
      'a = Order.objects.filter(x=1).prefetch_related("tags")\n',
      [customer, items, tags],
    ],
    [
      "goes with all of them",
      'a = Order.objects.select_related("customer").prefetch_related("items")\n',
      "a = Order.objects.all()\n",
      [customer, items],
    ],
    [
      "goes with what rests on it",
      'a = Order.objects.select_related("customer", "customer__address", "shipment")\n',
      'a = Order.objects.select_related("shipment")\n',
      [customer, address],
    ],
    [
      "is shortened to what is read",
      "a = Order.objects.select_related('customer__address', 'shipment')\n",
      "a = Order.objects.select_related('customer', 'shipment')\n",
      [["customer", 20, true], address],
    ],
    [
      "goes where its first part is named already",
      'a = Order.objects.select_related("customer__address", "customer")\n',
      'a = Order.objects.select_related("customer")\n',
      [["customer", 20, true], address],
    ],
    [
      "goes as a Prefetch object, with the imports that it alone used",
      'from django.db.models import Count, Prefetch\n\nfrom shop.models import Item, Order\n\na = Order.objects.prefetch_related("tags", Prefetch("items", queryset=Item.objects.all()))\nb = Count("x")\n',
      'from django.db.models import Count\n\nfrom shop.models import Order\n\na = Order.objects.prefetch_related("tags")\nb = Count("x")\n',
      [items, tags],
    ],
  ])("%s", async (_what, before, after, eager) => {
    const open = await recorded(before, eager);
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "changes-behaviour" } });
    expect(open.fixed(views)).toBe(after);
  });

  it("says what it does, and lowers the count that a test asserts", async () => {
    const open = await recorded('a = Order.objects.select_related("customer").prefetch_related("items", "tags")\n', [
      customer,
      items,
      tags,
    ]);
    const result = open.fix();
    expect(result.ok && result.fix.title).toBe(
      'Take "items" out of prefetch_related(), remove select_related("customer") in shop/views.py',
    );
    expect(open.fixed("shop/tests.py")).toContain("assertNumQueries(2)");
  });
});

it("saves queries where a prefetch goes, and none where a join does", async () => {
  const join = (await recorded('a = Order.objects.select_related("customer")\n', [customer])).fix();
  const prefetch = (await recorded('a = Order.objects.prefetch_related("items")\n', [items])).fix();
  expect([join.ok && join.fix.keepsCounts, prefetch.ok && prefetch.fix.keepsCounts]).toEqual([true, undefined]);
});

describe("it is withheld", () => {
  it.each<[string, string, string, string?]>([
    ["of locked rows", 'a = Order.objects.select_related("customer").select_for_update()\n', "The rows are locked"],
    [
      "of rows locked out of sight",
      'a = Order.objects.select_related("customer").f()\n',
      "The rows are locked",
      "SELECT a FROM b FOR UPDATE",
    ],
    [
      "in a union",
      'a = Order.objects.select_related("customer").f()\n',
      "in a union",
      "SELECT a FROM b UNION SELECT c FROM d",
    ],
    [
      "beside extra()",
      'a = Order.objects.select_related("customer").extra(where=["shop_customer.x"])\n',
      "extra() may name",
    ],
    [
      "where only() names its fields",
      'a = Order.objects.select_related("customer").only("pk", "customer__name")\n',
      "only() names fields of customer",
    ],
    [
      "where defer() is given what cannot be read",
      'a = Order.objects.select_related("customer").defer(*LONG)\n',
      "defer() names fields of customer",
    ],
    [
      "where a comment would go with it",
      'a = Order.objects.select_related("shipment",  # why\n                               "customer")\n',
      "A comment stands among",
    ],
    [
      "where a list gives more",
      'a = Order.objects.select_related("customer", *OTHERS)\n',
      "is given more than is written",
    ],
  ])("%s", async (_what, text, reason, sql) => {
    expect((await recorded(text, [customer], sql)).fixed(views)).toContain(reason);
  });

  it("where a Prefetch object would be of another's rows", async () => {
    const text = 'a = Order.objects.prefetch_related(Prefetch("customer__orders", queryset=b))\n';
    const open = await recorded(text, [
      ["customer", 20, true],
      ["customer__orders", 3, false],
    ]);
    expect(open.fixed(views)).toContain("withheld: A Prefetch object stands for customer__orders");
  });
});
