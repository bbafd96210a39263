import { describe, expect, it } from "vitest";
import { relation } from "../fixes/testing.ts";
import { Schema } from "../insights/schema.ts";
import type { textAt } from "../text/testing.ts";
import { model } from "../trace/testing.ts";
import { read, shop } from "./testing.ts";

/** Each mark is labelled with the rule and the lookups, or the start of the advice. */
function check(fixture: string): void {
  const { marked, findings } = read(fixture);
  const found = findings.flatMap(({ rule, fires, remedy }) =>
    fires.map(({ placement }) => ({
      range: placement.state === "gone" ? null : placement.range,
      label:
        remedy.kind === "advice"
          ? rule
          : `${rule} ${remedy.lookups.map(({ how, path }) => `${how} ${path}`).join(", ")}`,
    })),
  );
  expect(found).toEqual(marked.marks);
}

const loud: (readonly [string, string])[] = [
  [
    "a foreign key of each row",
    `for order in Order.objects.all():
    print(order.customer.name)
#         ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "a path of them",
    `for order in Order.objects.all():
    print(order.customer.address.country.name)
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ n-plus-one select_related customer__address__country
`,
  ],
  [
    "the rest of a path of which a part is joined",
    `for order in Order.objects.select_related("customer"):
    print(order.customer.address.city)
#         ^^^^^^^^^^^^^^^^^^^^^^ n-plus-one select_related customer__address
`,
  ],
  [
    "the key of a related row, which loads it",
    `for order in Order.objects.all():
    print(order.customer.pk)
#         ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "a swappable user",
    `for order in Order.objects.all():
    print(order.user.email)
#         ^^^^^^^^^^ n-plus-one select_related user
`,
  ],
  [
    "the other side of a one-to-one field",
    `for order in Order.objects.all():
    print(order.shipment)
#         ^^^^^^^^^^^^^^ n-plus-one select_related shipment
`,
  ],
  [
    "rows by a local name, step by step",
    `def view(request):
    orders = Order.objects.paid()
    if request.user:
        orders = orders.filter(status="x")
    orders = orders.order_by("pk")
    for order in orders:
        print(order.customer.name)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "a list of them, numbered",
    `def view(request):
    orders = list(Order.objects.newest())
    for number, order in enumerate(orders):
        print(order.customer)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "comprehensions and generators",
    `def view(request):
    return [order.customer.name for order in Order.objects.all()]
#           ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "several places, told once",
    `for order in Order.objects.all():
    print(order.customer.name)
#         ^^^^^^^^^^^^^^ n-plus-one select_related customer
    print(order.customer.address_id)
#         ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "async loops",
    `async def view(request):
    async for order in Order.objects.all():
        print(order.customer)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "related rows of each row, and what they load",
    `for order in Order.objects.all():
    for item in order.items.all():
#               ^^^^^^^^^^^^^^^^^ n-plus-one prefetch_related items
        print(item.product)
#             ^^^^^^^^^^^^ n-plus-one prefetch_related items__product
`,
  ],
  [
    "what prefetched rows load",
    `for order in Order.objects.prefetch_related("items"):
    for item in order.items.all():
        print(item.product)
#             ^^^^^^^^^^^^ n-plus-one prefetch_related items__product
`,
  ],
  [
    "the related rows of one that was fetched",
    `def view(request, pk):
    order = get_object_or_404(Order, pk=pk)
    for item in order.items.all():
        print(item.product)
#             ^^^^^^^^^^^^ n-plus-one select_related product
`,
  ],
  [
    "a many-to-many field",
    `for order in Order.objects.all():
    print(list(order.tags.all()))
#              ^^^^^^^^^^^^^^^^ n-plus-one prefetch_related tags
`,
  ],
  [
    "related rows that are filtered, counted, tested, added up",
    `for order in Order.objects.prefetch_related("items"):
    print([item.pk for item in order.items.filter(product=1)])
#                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ filtered-prefetch
    print(order.tags.count())
#         ^^^^^^^^^^^^^^^^^^ aggregate-per-row
    print(order.items.filter(product=1).exists())
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ aggregate-per-row
    print(order.items.aggregate(Sum("price")))
#         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ aggregate-per-row
`,
  ],
  [
    "get() and filter() for what the loop is about",
    `def view(lines):
    for line in lines:
        print(Product.objects.get(pk=line["product"]))
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ get-in-loop
    for line in lines:
        print(Product.objects.filter(maker=line.maker).count())
#             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ query-in-loop
`,
  ],
  [
    "a view's own queryset",
    `class Orders(View):
    def get_queryset(self):
        return Order.objects.paid()

    def get(self, request):
        for order in self.get_queryset().order_by("pk"):
            print(order.customer)
#                 ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "what a filtered related manager of the model itself brings",
    `class Basket(models.Model):
    def total(self):
        return sum(item.product.price for item in Item.objects.filter(order=self))
#                  ^^^^^^^^^^^^ n-plus-one select_related product
`,
  ],
];

loud.push(
  [
    "models that are fetched by their label, and imported in functions",
    `Order = get_model("shop", "Order")

def view(request):
    from shop.models import Item as Line
    for order in Order.objects.all():
        print(order.customer)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
    return [line.product for line in Line.objects.all()]
#           ^^^^^^^^^^^^ n-plus-one select_related product
`,
  ],
  [
    "what a parameter's filtered related manager brings",
    `def view(order: Order):
    for item in order.items.order_by("pk"):
        print(item.product)
#             ^^^^^^^^^^^^ n-plus-one select_related product
`,
  ],
);

loud.push(
  [
    "what a function of the project returns, at the call",
    `def open_orders(now):
    found = Order.objects.filter(placed_at__lt=now)
    return found.order_by("pk")

def view(now):
    for order in open_orders(now):
        print(order.customer)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
    for order in open_orders(now).filter(pk__gt=1):
        print(order.customer)
#             ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
  ],
  [
    "related rows that have a name before they are read",
    `for order in Order.objects.prefetch_related("items"):
    found = order.items.filter(product=1)
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ filtered-prefetch
    print([item for item in found])
`,
  ],
);

loud.push([
  "what an iterator() without a chunk size would not prefetch, without an edit",
  `for order in Order.objects.iterator():
    print(order.customer, list(order.items.all()))
#         ^^^^^^^^^^^^^^ n-plus-one select_related customer
#                              ^^^^^^^^^^^^^^^^^ n-plus-one
for order in Order.objects.iterator(chunk_size=9):
    print(list(order.items.all()))
#              ^^^^^^^^^^^^^^^^^ n-plus-one prefetch_related items
`,
]);

loud.push([
  "the first of several loops over one list, with the others' places",
  `def view(request):
    orders = Order.objects.all()
    if all(order.customer for order in orders):
#          ^^^^^^^^^^^^^^ n-plus-one select_related customer
        return [order.customer.name for order in orders]
#               ^^^^^^^^^^^^^^ n-plus-one select_related customer
`,
]);

const silent: readonly (readonly [string, string])[] = [
  ["is joined already", 'for order in Order.objects.select_related("customer"):\n    order.customer.name\n'],
  [
    "is prefetched already",
    'for order in Order.objects.prefetch_related("customer__address"):\n    order.customer.address\n',
  ],
  ["comes by a join of everything", "for order in Order.objects.select_related():\n    order.customer\n"],
  ["may be joined by what cannot be read", "for order in Order.objects.select_related(*names):\n    order.customer\n"],
  ["is joined by a manager's method", "for order in Order.objects.with_customer():\n    order.customer\n"],
  ["may be joined by a manager's method", "for order in Order.objects.in_parts(x):\n    order.customer\n"],
  ["is joined by the manager itself", "for note in Note.objects.all():\n    note.order\n"],
  ["may be joined by a method of unknown origin", "for order in Order.objects.for_user(x):\n    order.customer\n"],
  ["is the column alone", "for order in Order.objects.all():\n    order.customer_id\n"],
  ["is no relation", "for order in Order.objects.all():\n    order.status\n    order.total\n    order.nothing.name\n"],
  ["is no instance", 'for order in Order.objects.values("customer"):\n    order.customer\n'],
  ["is one of few", "for order in Order.objects.all()[:3]:\n    order.customer\n"],
  ["is the only one", "for order in Order.objects.filter(pk=pk):\n    order.customer\n"],
  ["is set before", "for order in Order.objects.all():\n    order.customer = customer\n    order.customer.name\n"],
  [
    "is the row that was asked",
    "def view(pk):\n    order = Order.objects.get(pk=pk)\n    for item in order.items.all():\n        item.order.customer\n",
  ],
  ["has a variable of another value", "for order in Order.objects.all():\n    order = other\n    order.customer\n"],
  ["is gone through by a parameter", "def view(orders):\n    for order in orders:\n        order.customer\n"],
  [
    "may have been prefetched by a caller",
    "class Basket(Order):\n    def total(self):\n        return [item.product for item in self.items.all()]\n",
  ],
  [
    "comes where an error is handled",
    "for order in Order.objects.all():\n    try:\n        f()\n    except E:\n        log(order.customer)\n",
  ],
  ["ends the loop", "for order in Order.objects.all():\n    return order.customer\n"],
  ["is done in a function made there", "for order in Order.objects.all():\n    run(lambda: order.customer)\n"],
  [
    "is loaded for the rows by hand",
    'def f():\n    orders = list(Order.objects.all())\n    prefetch_related_objects(orders, "customer")\n    for order in orders:\n        order.customer\n',
  ],
  [
    "is counted of what is prefetched",
    'for order in Order.objects.prefetch_related("items"):\n    order.items.count()\n    len(order.items.all())\n',
  ],
  [
    "is not evaluated",
    "for order in Order.objects.all():\n    f(order.items.filter(product=1))\n    order.items.all()\n",
  ],
  [
    "is written",
    "for order in Order.objects.all():\n    order.items.add(x)\n    order.items.filter(product=1).delete()\n    order.items.create()\n",
  ],
  [
    "is prefetched with a queryset that may load more",
    'for order in Order.objects.prefetch_related(Prefetch("items", queryset=x)):\n    for item in order.items.all():\n        item.product\n',
  ],
  ["is asked for in batches", "for chunk in chunks:\n    print(Product.objects.filter(pk__in=chunk).count())\n"],
  [
    "is asked for between bounds",
    "for day in days:\n    print(Product.objects.filter(date__gte=day, date__lt=day).count())\n",
  ],
  ["is asked for a few times", 'for kind in ("a", "b"):\n    print(Product.objects.get(kind=kind))\n'],
  ["is asked for so many times", "for i in range(10):\n    print(Product.objects.get(pk=i))\n"],
  ["is the same in each turn", "for line in lines:\n    print(Product.objects.get(pk=1))\n"],
  [
    "is looked up once for each value",
    "def f(lines):\n    for line in lines:\n        if line.pk not in known:\n            known[line.pk] = Product.objects.get(pk=line.pk)\n",
  ],
  [
    "is written in each turn",
    "for line in lines:\n    Product.objects.filter(pk=line.pk).update(x=1)\n    Product.objects.create(pk=line.pk)\n",
  ],
  ["is locked on purpose", "for line in lines:\n    print(Product.objects.select_for_update().get(pk=line.pk))\n"],
  ["is of a class that is no model", "for line in lines:\n    print(Config.objects.get(pk=line.pk))\n"],
  [
    "is what a row of that very model is like now",
    "for order in Order.objects.all():\n    if Order.objects.filter(pk=order.pk).exists():\n        order.save()\n",
  ],
  [
    "a parameter may have had prefetched",
    "def view(order: Order):\n    for item in order.items.all():\n        item.product\n",
  ],
  [
    "a parameter may bring, whatever the module calls by its name",
    "def view(Order):\n    for order in Order.objects.all():\n        order.customer\n",
  ],
  [
    "a function joins already, may join, or evaluates",
    `def joined():
    return Order.objects.select_related("customer")

def either(flag):
    if flag:
        return Order.objects.select_related("customer")
    return Order.objects.all()

def listed():
    return list(Order.objects.all())

@cached
def cached_orders():
    return Order.objects.all()

def view():
    for order in joined():
        order.customer
    for order in either(True):
        order.customer
    for order in listed():
        order.customer
    for order in cached_orders():
        order.customer
`,
  ],
  [
    "is asked for anew since the loop writes it",
    `def view(lines):
    for line in lines:
        found = Product.objects.filter(maker=line)
        for product in found:
            product.delete()
    for line in lines:
        if not Product.objects.filter(maker=line).exists():
            Product.objects.create(maker=line)
`,
  ],
  [
    "has a name and is not read",
    "for order in Order.objects.all():\n    found = order.items.filter(product=1)\n    order.save()\n",
  ],
  [
    "two functions import under one name",
    "def f():\n    from shop.models import Order as A\n    return A\ndef g():\n    from shop.models import Item as A\n    for a in A.objects.all():\n        a.product\n",
  ],
];

describe("a loop is told of", () => {
  it.each(loud)("%s", (_, fixture) => check(fixture));
});

describe("nothing is said of what", () => {
  it.each(silent)("%s", (_, fixture) => check(fixture));

  it("a recorded test ran", () => {
    const code = "for order in Order.objects.all():\n    order.customer\n";
    const seen: string[] = [];
    const isRecorded = (path: string, range: Parameters<typeof textAt>[1]) => {
      seen.push(`${path} ${range.start.line}-${range.end.line}`);
      return true;
    };
    expect(read(code, { isRecorded }).findings).toEqual([]);
    expect(seen).toEqual(["shop/views.py 2-3"]);
  });

  it.each(["shop/tests/test_orders.py", "shop/migrations/0002_x.py", "conftest.py"])("stands in %s", (path) => {
    expect(read("for order in Order.objects.all():\n    order.customer\n", { path }).findings).toEqual([]);
  });
});

it("says what a colleague would", () => {
  const { findings } = read(
    "for order in Order.objects.all():\n    if order.status:\n        print(order.customer.address)\n",
  );
  expect(findings.map(({ message }) => message)).toEqual([
    'Each order of this loop that comes here would load its customer\'s address: one query for each row (from reading the code; no recorded test runs this loop). Load them with the list: select_related("customer__address") in shop/views.py:3.',
  ]);
});

it("tells one queryset's relation once, at the first loop", () => {
  const loop = "    for order in orders:\n        print(order.customer)\n";
  const { findings } = read(`def view():\n    orders = Order.objects.all()\n${loop}${loop}`);
  expect(findings.map(({ fires }) => fires.length)).toEqual([2]);
});

describe("models are known", () => {
  it("by the recording where the text cannot tell", () => {
    const models = [
      model("shop.Order", [relation("refunds", "reverse_foreign_key", "billing.Refund")]),
      model("billing.Refund", [], { file: null }),
    ];
    const code = `for order in Order.objects.all():
    print(len(order.refunds.all()))
`;
    const found = (schema: Schema | null) => read(code, { schema }).findings.map(({ remedy }) => remedy);
    expect(found(null)).toEqual([]);
    expect(found(new Schema(models))).toMatchObject([{ lookups: [{ how: "prefetch_related", path: "refunds" }] }]);
  });

  it("by what is written since they were recorded", () => {
    const models = [model("shop.Order")];
    const { findings } = read("for order in Order.objects.all():\n    order.customer\n", {
      schema: new Schema(models),
    });
    expect(findings).toHaveLength(1);
  });

  it.each([
    ["a package of models", "shop/models/__init__.py", "from .orders import *\n", "shop/models/orders.py"],
    [
      "names that are passed on",
      "shop/models.py",
      "from shop.tables import Order, Item, Customer, Note, Product\n",
      "shop/tables.py",
    ],
  ])("through %s", (_, path, text, inner) => {
    const { "shop/models.py": own = "", ...rest } = shop;
    const files = { ...rest, [path]: text, [inner]: own };
    const { findings } = read("for order in Order.objects.all():\n    order.customer\n", { files });
    expect(findings).toHaveLength(1);
  });

  it("below a folder that imports start from", () => {
    const files = Object.fromEntries(Object.entries(shop).map(([path, text]) => [`backend/${path}`, text]));
    const code = "for order in Order.objects.all():\n    order.customer\n";
    expect(read(code, { files, path: "backend/shop/views.py" }).findings).toHaveLength(1);
    expect(read(code, { files, path: "elsewhere/views.py" }).findings).toHaveLength(0);
  });

  it("in modules that import each other, and inherit in circles", () => {
    const files = {
      "shop/__init__.py": "",
      "shop/models.py": "from shop.models import *\nfrom shop.more import Order\nclass Item(Item): pass\n",
      "shop/more.py": "from shop.models import Order\n",
    };
    expect(read("for order in Order.objects.all():\n    order.customer\n", { files }).findings).toEqual([]);
    expect(read("for item in Item.objects.all():\n    item.customer\n", { files }).findings).toEqual([]);
  });

  it("by fields of abstract models, and the names that those give the other side", () => {
    const files = {
      ...shop,
      "shop/models.py": `from django.db import models

class Written(models.Model):
    author = models.ForeignKey("Customer", on_delete=models.CASCADE, related_name="%(class)s_by_them")

    class Meta:
        abstract = True

class Customer(models.Model):
    pass

class Note(Written):
    order = models.ForeignKey("Customer", on_delete=models.CASCADE, related_name="+")
`,
    };
    const found = (code: string) => read(code, { files }).findings.map(({ rule }) => rule);
    expect(found("for note in Note.objects.all():\n    note.author\n")).toEqual(["n-plus-one"]);
    expect(found("for customer in Customer.objects.all():\n    len(customer.note_by_them.all())\n")).toEqual([
      "n-plus-one",
    ]);
    expect(found("for customer in Customer.objects.all():\n    len(customer.written_by_them.all())\n")).toEqual([]);
  });
});
