import { describe, expect, it } from "vitest";
import { type Code, type QuerySpec, type RecordedScope, Recording } from "../fixes/testing.ts";

const services = `from shop.models import Order, Product


def quote(lines):
    total = 0
    for line in lines:
        total += Product.objects.get(pk=line.product_id).price
    return total


def count_states():
    return {state: Order.objects.filter(state=state).count() for state in Order.STATES}


def newest(customers):
    return [latest_order(customer) for customer in customers]


def latest_order(customer):
    return Order.objects.filter(customer=customer.pk).order_by("-pk").first()


def drain(pks):
    while pks:
        Order.objects.filter(pk=pks.pop()).exists()


def first_free(slots):
    for slot in slots:
        if Order.objects.filter(slot=slot).exists():
            return slot


def validate(forms):
    for form in forms:
        form.is_valid()


def close(orders):
    for order in orders:
        check_unique(order)
        order.save()


def check_unique(order):
    if Order.objects.filter(number=order.number).exclude(pk=order.pk).exists():
        raise ValidationError("number")


def totals(cursor, pks):
    for pk in pks:
        cursor.execute("SELECT sum(price) FROM shop_orderitem WHERE order_id = %s", [pk])
`;
const template = `{% for product in products %}
  {% if perms.shop %}{% stock_of product %}{% endif %}
{% endfor %}
`;
const tags = `@register.simple_tag
def stock_of(product):
    return Stock.objects.filter(sku=product.sku).count()
`;
const serializers = `class OrderSerializer(ModelSerializer):
    notes = SerializerMethodField()

    def get_notes(self, order):
        return list(Note.objects.filter(reference=order.reference))
`;
const tests = `class QuoteTests(TestCase):
    def test_quote(self):
        for pk in range(5):
            latest_order(pk)
`;
const files = {
  "shop/services.py": services,
  "shop/templatetags/stock.py": tags,
  "shop/serializers.py": serializers,
  "templates/products.html": template,
  "shop/tests.py": tests,
};
const test = "shop/tests.py::QuoteTests::test_quote";
const inServices = (code: string): Code => ["shop/services.py", code];
const get = inServices("Product.objects.get(pk=line.product_id)");
const latest = inServices('Order.objects.filter(customer=customer.pk).order_by("-pk").first()');
const built = inServices("Order.objects.filter(customer=customer.pk)");

type Asked = Partial<QuerySpec> & Pick<QuerySpec, "stack">;

/** What is found in requests that each ran these queries, as `rule severity confidence: message`. */
async function found(...scopes: readonly (readonly Asked[])[]): Promise<readonly string[]> {
  const recording = new Recording(files);
  for (const [index, asked] of scopes.entries()) {
    const request = recording.request("/quote/", `${test}${index || ""}`);
    for (const each of asked) ask(request, each);
  }
  return (await recording.open())
    .findings()
    .map(({ rule, severity, confidence, message }) => `${rule} ${severity} ${confidence}: ${message}`);
}

function ask(scope: RecordedScope, asked: Asked): number {
  return scope.query({ model: "shop.Product", count: 5, parameters: 5, api: "get", ...asked });
}

describe("a query in a loop", () => {
  it("is told with its loop, its count and what to do", async () => {
    expect(await found([{ stack: [get], built: get }])).toEqual([
      "get-in-loop warning likely: The loop in shop/services.py:6 gets a product with a query in each of its turns: 5 queries in GET /quote/, with 5 different values. Fetch them all with one query before the loop.",
    ]);
    const call = inServices("latest_order(customer)");
    const stack = [call, latest];
    const query = { stack, built, model: "shop.Order", api: "first" };
    expect(await found([query], [{ ...query, count: 9, parameters: 9 }])).toEqual([
      "query-in-loop warning proven: The loop in shop/services.py:16 looks up an order in each of its turns: 9 queries in GET /quote/, with 9 different values. Load the orders of all turns before the loop, with filter(…__in=…), and keep them in a dict.",
    ]);
  });

  it("is found behind a template's loop, and behind a serializer's list", async () => {
    const stock: Code = ["shop/templatetags/stock.py", "Stock.objects.filter(sku=product.sku).count()"];
    const tag: Code = ["templates/products.html", "stock_of product"];
    const madeStock: Code = ["shop/templatetags/stock.py", "Stock.objects.filter(sku=product.sku)"];
    expect(await found([{ stack: [tag, stock], built: madeStock, model: "shop.Stock", api: "count" }])).toEqual([
      expect.stringMatching(
        /^query-in-loop warning likely: The loop in templates\/products.html:1 counts stocks in each/,
      ),
    ]);
    const field: Code = [
      "shop/serializers.py",
      "notes = SerializerMethodField()",
      1,
      { kind: "serializer", qualname: "OrderSerializer", token: "notes", functionLine: 0 },
    ];
    const notes: Code = ["shop/serializers.py", "Note.objects.filter(reference=order.reference)"];
    expect(await found([{ stack: [field, notes], built: notes, model: "shop.Note", api: "iterate" }])).toEqual([
      expect.stringMatching(/^query-in-loop warning likely: The list loads notes in each of its turns: 5 queries/),
    ]);
  });

  it("is told of raw SQL too", async () => {
    const stack = [inServices('cursor.execute("SELECT sum(price) FROM shop_orderitem WHERE order_id = %s", [pk])')];
    expect(
      await found([{ stack, kind: "cursor", sql: "SELECT sum(price) FROM shop_orderitem WHERE order_id = %s" }]),
    ).toEqual([
      expect.stringMatching(/^query-in-loop warning likely: The loop in shop\/services.py:51 runs SQL in each/),
    ]);
  });

  it("is a hint where it asked for two things only", async () => {
    expect(await found([{ stack: [get], built: get, count: 2, parameters: 2 }])).toEqual([
      expect.stringMatching(/^get-in-loop hint suspected/),
    ]);
  });

  it.each<readonly [string, Asked]>([
    ["asked once", { stack: [get], built: get, count: 1, parameters: 1 }],
    ["asked for the same each time", { stack: [get], built: get, count: 5, parameters: 1 }],
    [
      "in a loop over what is written in the code",
      {
        stack: [inServices("Order.objects.filter(state=state).count()")],
        built: inServices("Order.objects.filter(state=state)"),
        api: "count",
      },
    ],
    [
      "in a while loop",
      {
        stack: [inServices("Order.objects.filter(pk=pks.pop()).exists()")],
        built: inServices("Order.objects.filter(pk=pks.pop())"),
        api: "exists",
      },
    ],
    ["outside any loop of the application", { stack: [latest], built, api: "first" }],
    ["for many keys at once", { stack: [get], built: get, sql: "SELECT * FROM shop_product WHERE id IN (%s, …)" }],
    [
      "between bounds, as a report's of each hour: no list of keys would serve them",
      { stack: [get], built: get, sql: "SELECT SUM(total) FROM shop_order WHERE (placed >= %s AND placed < %s)" },
    ],
    ["with locks", { stack: [get], built: get, sql: "SELECT * FROM shop_product WHERE id = %s FOR UPDATE" }],
    [
      "that a library made",
      { stack: [inServices("form.is_valid()")], built: inServices("form.is_valid()"), api: "exists" },
    ],
    ["that gets or creates", { stack: [get], built: get, api: "get_or_create" }],
  ])("is silent about one %s", async (_name, asked) => {
    expect(await found([asked])).toEqual([]);
  });

  describe("that also writes", () => {
    const checked = inServices("Order.objects.filter(number=order.number).exclude(pk=order.pk).exists()");
    const check: Asked = {
      stack: [inServices("check_unique(order)"), checked],
      built: inServices("Order.objects.filter(number=order.number)"),
      model: "shop.Order",
      api: "exists",
      tables: ["shop_order"],
    };
    const save = inServices("order.save()");
    async function foundWith(write: (request: RecordedScope) => void, asked = check) {
      const recording = new Recording(files);
      const request = recording.request("/close/", test);
      write(request);
      ask(request, asked);
      return (await recording.open()).findings().map(({ rule }) => rule);
    }

    it("is silent where it writes to what it asks for: each turn is rightly asked anew", async () => {
      expect(await foundWith((request) => request.write("shop_order", save))).toEqual([]);
    });

    it("is told where it gets the rows that it saves, each by its key", async () => {
      const own = { ...check, api: "get" };
      expect(await foundWith((request) => request.write("shop_order", save), own)).toEqual(["get-in-loop"]);
    });

    it("is told where it writes to something else, and where the writing is done outside it", async () => {
      expect(await foundWith((request) => request.write("shop_log", save))).toEqual(["query-in-loop"]);
      const elsewhere = inServices("latest_order(customer)");
      expect(await foundWith((request) => request.write("shop_order", elsewhere))).toEqual(["query-in-loop"]);
      const joined = { ...check, tables: ["shop_customer", "shop_order"] };
      expect(await foundWith((request) => request.write("shop_order", save), joined)).toEqual(["query-in-loop"]);
    });
  });

  it("is silent about a test's own loop", async () => {
    const recording = new Recording(files);
    const loop: Code = ["shop/tests.py", "latest_order(pk)"];
    recording
      .test(test)
      .query({ model: "shop.Order", stack: [loop, latest], built, count: 5, parameters: 5, api: "first" });
    expect((await recording.open()).findings()).toEqual([]);
  });
});
