import { describe, expect, it } from "vitest";
import { type Code, type Eager, type OpenRecording, type RecordedScope, Recording } from "../fixes/testing.ts";

const views = "shop/views.py";
const template = "templates/orders.html";
const row: Code = [template, "{{ order.it }}"];
const ids = ["shop/tests.py::A::test_one", "shop/tests.py::A::test_two"];

const view = (queryset: string) => `def orders(request):\n    return show(${queryset})\n`;

interface Spec {
  readonly text?: string;
  readonly built?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly callers?: readonly Code[];
  readonly today?: Readonly<Record<string, string>>;
}

type Record_ = (scope: RecordedScope, load: (eager: readonly Eager[], more?: object) => number, at: number) => void;

/** One request in each of two tests; what each loads along is told by `each`. */
async function recorded(
  queryset: string,
  each: Record_,
  spec: Spec = {},
  last: (recording: Recording) => void = () => {},
) {
  const { text = view(queryset), built = queryset, files = {}, callers = [] } = spec;
  const recording = new Recording({ [views]: text, [template]: "{{ order.it }}", ...files });
  for (const [at, test] of ids.entries()) {
    const scope = recording.request("/orders/", test);
    const load = (eager: readonly Eager[], more: object = {}) =>
      scope.query({ model: "shop.Order", built: [views, built], callers, stack: [row], rows: 20, eager, ...more });
    each(scope, load, at);
  }
  last(recording);
  return recording.open(spec.today);
}

const unread: Record_ = (_scope, load) => load([["customer", 20, false]]);
const join = 'Order.objects.select_related("customer")';

describe("a relation that is loaded along and never read", () => {
  it("is told where it is joined, with the coverage", async () => {
    const finding = (await recorded(join, unread)).finding();
    expect([finding.rule, finding.severity, finding.confidence, finding.remedy.kind]).toEqual([
      "unused-eager-loading",
      "hint",
      "likely",
      "drop-lookup",
    ]);
    expect(finding.message).toBe(
      'Each of 20 orders is joined with its customer in GET /orders/, and none of the 2 tests that load it reads it. Remove select_related("customer") in shop/views.py:2.',
    );
    expect([finding.at.path, finding.coveringTests, finding.stale]).toEqual([views, ids, false]);
    expect(finding.evidence).toMatchObject({ queries: 1, instances: 20, rows: 20 });
  });

  it("is told where it is prefetched, with what that costs", async () => {
    const queryset = 'Order.objects.prefetch_related("tags", "items")';
    const open = await recorded(queryset, (scope, load) => {
      const on = load([
        ["items", 12, false],
        ["tags", 20, true],
      ]);
      for (const name of ["items", "tags"]) {
        const kind = "prefetch";
        scope.load({ on, kind, attribute: `shop.Order.${name}`, target: "shop.Tag", count: 1, prefetch: name });
      }
    });
    const finding = open.finding();
    expect(finding.message).toBe(
      'The items of 20 orders are prefetched in GET /orders/ (1 query), and none of the 2 tests that load them reads them. Take "items" out of prefetch_related() in shop/views.py:2.',
    );
    expect([finding.evidence.queries, finding.shownBy.size]).toEqual([2, 2]);
  });

  it("is a hint where few tests show it, and information where five do", async () => {
    const severities = await Promise.all(
      [0, 2, 3].map(async (more) => {
        const open = await recorded(join, unread, {}, (recording) => {
          for (let index = 0; index < more; index++)
            recording.request("/orders/", `shop/tests.py::B::test_${index}`).query({
              model: "shop.Order",
              built: [views, join],
              stack: [row],
              rows: 1,
              eager: [["customer", 1, false]],
            });
        });
        return [open.finding().severity, open.finding().message.replace(/.* and | Remove.*/g, "")];
      }),
    );
    expect(severities).toEqual([
      ["hint", "none of the 2 tests that load it reads it."],
      ["hint", "none of the 4 tests that load it reads it."],
      ["information", "none of the 5 tests that load it reads it."],
    ]);
  });

  it("is told of what no test ran", async () => {
    const recording = new Recording({ [views]: view(join), [template]: "{{ order.it }}" });
    for (const name of ["report", "mail"]) {
      const eager = [["customer", 1, false]] as const;
      recording.command(name).query({ model: "shop.Order", built: [views, join], rows: 1, single: true, eager });
    }
    const { message } = (await recording.open()).finding();
    expect(message).toContain("The order is joined with its customer in mail, and nothing that was recorded reads it.");
  });

  it("is shortened where its first part is read", async () => {
    const queryset = 'Order.objects.select_related("customer__address")';
    const { message } = (
      await recorded(queryset, (_scope, load) =>
        load([
          ["customer", 20, true],
          ["customer__address", 9, false],
        ]),
      )
    ).finding();
    expect(message).toBe(
      'Each of 20 orders is joined with its customer\'s address in GET /orders/, and none of the 2 tests that load it reads it. Shorten "customer__address" to "customer" in its select_related() in shop/views.py:2.',
    );
  });

  it("is followed through a prefetch", async () => {
    const queryset = 'Order.objects.prefetch_related("items__product")';
    const open = await recorded(queryset, (scope, load) => {
      const on = load([["items", 20, true]]);
      const items = scope.load({
        on,
        kind: "prefetch",
        attribute: "shop.Order.items",
        target: "shop.OrderItem",
        count: 1,
        rows: 40,
        prefetch: "items",
        eager: [["product", 40, false]],
      });
      scope.load({
        on: items,
        kind: "prefetch",
        attribute: "shop.OrderItem.product",
        target: "shop.Product",
        count: 1,
        prefetch: "items__product",
      });
    });
    expect(open.finding().message).toBe(
      'The items\' products of 20 orders are prefetched in GET /orders/ (1 query), and none of the 2 tests that load them reads them. Shorten "items__product" to "items" in its prefetch_related() in shop/views.py:2.',
    );
  });

  it("is followed through a prefetch behind what was joined, which needs no prefetch", async () => {
    const built = join;
    const open = await recorded(
      `${join}.prefetch_related("customer__orders__items")`,
      (scope, load) => {
        const on = load([
          ["customer", 20, true],
          ["customer__orders", 20, false],
        ]);
        const orders = scope.load({
          on,
          kind: "prefetch",
          attribute: "shop.Customer.orders",
          target: "shop.Order",
          path: "customer",
          count: 1,
          rows: 40,
          prefetch: "customer__orders",
          eager: [["items", 9, false]],
        });
        const items = { on: orders, attribute: "shop.Order.items", target: "shop.OrderItem" };
        scope.load({ ...items, kind: "prefetch", count: 1, prefetch: "customer__orders__items" });
      },
      { built },
    );
    const finding = open.finding();
    expect(finding.message).toContain("orders' items of 20 orders are prefetched in GET /orders/ (1 query)");
    expect(finding.message).toContain('Remove prefetch_related("customer__orders__items") in shop/views.py:2.');
  });

  it("is told with what rests on it, and not without", async () => {
    const queryset = 'Order.objects.select_related("customer", "customer__address")';
    const both = await recorded(queryset, (_scope, load) =>
      load([
        ["customer", 20, false],
        ["customer__address", 9, false],
      ]),
    );
    expect(
      both
        .findings()
        .map(({ remedy }) => remedy.kind === "drop-lookup" && remedy.lookup.path)
        .sort(),
    ).toEqual(["customer", "customer__address"]);
    const one = await recorded(queryset, (_scope, load) =>
      load([
        ["customer", 20, false],
        ["customer__address", 0, false],
      ]),
    );
    expect(one.findings()).toEqual([]);
  });

  it("is told where a variable or a function goes on to load it", async () => {
    const byName =
      'def orders(request):\n    rows = Order.objects.all()\n    rows = rows.select_related("customer")\n    return show(rows)\n';
    expect((await recorded("", unread, { text: byName, built: "Order.objects.all()" })).finding().message).toContain(
      "shop/views.py:3",
    );
    const called =
      'def rows():\n    return Order.objects.all()\n\n\ndef orders(request):\n    return show(rows().select_related("customer"))\n';
    const callers: readonly Code[] = [[views, "rows()", 2]];
    expect(
      (await recorded("", unread, { text: called, built: "Order.objects.all()", callers })).finding().message,
    ).toContain("shop/views.py:6");
  });

  it("is no edit where more is given than is written", async () => {
    const { remedy } = (await recorded('Order.objects.select_related(*RELATED, "customer")', unread)).finding();
    expect(remedy).toEqual({
      kind: "advice",
      text: 'select_related() is given more than is written there: take "customer" out by hand, where nothing else names it.',
    });
  });

  it("is stale once anything in the files that ran was edited", async () => {
    const today = { [template]: "{{ order.it }}\n{{ order.customer }}" };
    const open = await recorded(join, unread, { today });
    expect([open.finding().stale, (await recorded(join, unread)).finding().stale]).toEqual([true, false]);
  });
});

describe("there is no finding", () => {
  const silent = async (open: Promise<OpenRecording>) => expect((await open).findings()).toEqual([]);

  it("where one of several scopes reads it", () =>
    silent(recorded(join, (_scope, load, at) => load([["customer", 20, at === 1]]))));
  it("where only a test's set-up reads it", () =>
    silent(
      recorded(join, unread, {}, (recording) => {
        recording
          .test("shop/tests.py::A::test_one", "setup")
          .query({ model: "shop.Order", built: [views, join], rows: 1, eager: [["customer", 1, true]] });
      }),
    ));
  it("where it was read after its request, or copied or pickled, which the recorder calls read", () =>
    silent(recorded(join, (_scope, load) => load([["customer", 20, true]]))));
  it("where one test alone shows it", () =>
    silent(recorded(join, (scope, load, at) => at === 0 && unread(scope, load, at))));
  it("where another page, or another method of the page, took rows that had nothing there", () =>
    silent(
      recorded(join, unread, {}, (recording) => {
        const scope = recording.request("/orders/print/", ids[0]);
        scope.query({
          model: "shop.Order",
          built: [views, join],
          stack: [row],
          rows: 3,
          eager: [["customer", 0, false]],
        });
      }),
    ));
  it("where no row was loaded", () => silent(recorded(join, (_scope, load) => load([], { rows: 0 }))));
  it("where all rows lacked it", () => silent(recorded(join, (_scope, load) => load([["customer", 0, false]]))));
  it("where nothing is known of what was loaded along", () => silent(recorded(join, (_scope, load) => load([]))));
  it("where some recording of the same rows does not know", () =>
    silent(recorded(join, (_scope, load, at) => load(at === 0 ? [["customer", 20, false]] : []))));
  it("where a page failed before it read", () =>
    silent(
      recorded(
        join,
        () => {},
        {},
        (recording) => {
          for (const status of [404, 500]) {
            const scope = recording.request("/orders/", ids[0]);
            recording.answers(scope, status);
            scope.query({ model: "shop.Order", built: [views, join], rows: 5, eager: [["customer", 5, false]] });
          }
        },
      ),
    ));
  it("where the tests failed", () =>
    silent(
      recorded(join, unread, {}, (recording) => {
        for (const id of ids) recording.ends(id, "failed");
      }),
    ));
  it("where the query failed", () =>
    silent(recorded(join, (_scope, load) => load([["customer", 20, false]], { errors: 1 }))));
  it("where a test loads the rows itself", () => {
    const tests = "shop/tests.py";
    const text = `def test_it():\n    list(${join})\n`;
    const recording = new Recording({ [tests]: text });
    recording
      .test(`${tests}::test_it`)
      .query({ model: "shop.Order", built: [tests, join], rows: 5, eager: [["customer", 5, false]] });
    return silent(recording.open());
  });
  it("where a test alone looks at the application's rows", () => {
    const tests = "shop/tests.py";
    const recording = new Recording({ [tests]: "def test_it():\n    list(orders())\n", [views]: view(join) });
    recording.test(`${tests}::test_it`).query({
      model: "shop.Order",
      built: [views, join],
      stack: [[tests, "list(orders())"]],
      rows: 5,
      eager: [["customer", 5, false]],
    });
    return silent(recording.open());
  });
  it("where a manager's method loads it, maybe for others", () =>
    silent(
      recorded("Order.objects.listed()", unread, {
        files: {
          "shop/models.py":
            'class OrderQuerySet(QuerySet):\n    def listed(self):\n        return self.select_related("customer")\n',
        },
      }),
    ));
  it("where a function that others call loads it, and one of them reads", () => {
    const text = `def rows():\n    return ${join}\n\n\ndef a(request):\n    return show(rows())\n\n\ndef b(request):\n    return list(rows())\n`;
    return silent(
      recorded(
        join,
        (_scope, load, at) => load([["customer", 20, at === 1]], { callers: [[views, "rows()", at + 2]] }),
        { text },
      ),
    );
  });
  it("where a variable holds one of two querysets that go on to load it", () => {
    const text = `def orders(request):
    rows = Order.objects.all()
    if request.GET:
        rows = Order.objects.paid()
    rows = rows.select_related("customer")
    return show(rows)
`;
    return silent(recorded("", unread, { text, built: "Order.objects.all()" }));
  });
  it("where a longer lookup reads it, for whom it is needed", () =>
    silent(
      recorded(
        `${join}.prefetch_related("customer__orders")`,
        (_scope, load) =>
          load([
            ["customer", 20, false],
            ["customer__orders", 20, true],
          ]),
        { built: join },
      ),
    ));
  it("where it is named twice", () => silent(recorded(`${join}.select_related("customer")`, unread, { built: join })));
  it("where a name gives what is loaded along", () =>
    silent(recorded("Order.objects.select_related(*RELATED)", unread)));
  it("where it was taken back", () => silent(recorded(`${join}.select_related(None)`, unread, { built: join })));
  it("where it goes to an attribute of its own", () =>
    silent(
      recorded('Order.objects.prefetch_related(Prefetch("items", to_attr="lines"))', (_scope, load) =>
        load([["items", 20, false]]),
      ),
    ));
  it("where the related rows are asked for again in another way, which is another finding", async () => {
    const queryset = 'Order.objects.prefetch_related("items")';
    const open = await recorded(queryset, (scope, load) => {
      const on = load([["items", 20, false]]);
      scope.load({
        on,
        kind: "reverse_foreign_key",
        attribute: "shop.Order.items",
        target: "shop.OrderItem",
        at: row,
        count: 20,
        refined: true,
      });
    });
    expect(open.findings().map(({ rule }) => rule)).toEqual(["filtered-prefetch"]);
  });
  it("where a library made the queryset", () => {
    const recording = new Recording({
      "shop/admin.py": "class OrderAdmin(ModelAdmin):\n    list_select_related = ['customer']\n",
      [template]: "{{ order.it }}",
    });
    const site = { kind: "model_admin", column: null, qualname: "OrderAdmin" } as const;
    recording.request("/admin/").query({
      model: "shop.Order",
      built: ["shop/admin.py", "class OrderAdmin(ModelAdmin):", 1, site],
      stack: [row],
      rows: 5,
      eager: [["customer", 5, false]],
    });
    return silent(recording.open());
  });
  it("where the call was edited away", () =>
    silent(recorded(join, unread, { today: { [views]: view("Order.objects.all()") } })));
});
