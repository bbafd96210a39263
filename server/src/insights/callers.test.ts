import { describe, expect, it } from "vitest";
import { type Code, Recording } from "../fixes/testing.ts";

const models = `class Profile(models.Model):
    def orders(self):
        mine = Order.objects.filter(customer__profile=self)
        if self.archived:
            mine = mine.exclude(open=False)
        return mine.order_by("number")

    def newest(self):
        return Order.objects.filter(customer__profile=self)[:5]

    def listed(self):
        return list(Order.objects.filter(customer__profile=self))
`;
const views = `def history(request):
    rows = request.profile.orders()
    return render(request, "history.html", {"orders": list(rows)})


def export(request):
    return [order.number for order in request.profile.orders()]


def front(request):
    rows = request.profile.newest()
    return render(request, "front.html", {"orders": list(rows)})


def mail(request):
    return [order.number for order in request.profile.newest()]
`;
const template = "{% for order in orders %}{{ order.customer.name }}{% endfor %}\n";
const files = {
  "shop/models.py": models,
  "shop/views.py": views,
  "templates/history.html": template,
  "shop/tests.py": "class Tests: ...\n",
};
const test = (name: string) => `shop/tests.py::Tests::${name}`;
const built: Code = ["shop/models.py", "Order.objects.filter(customer__profile=self)"];
const newest: Code = ["shop/models.py", "Order.objects.filter(customer__profile=self)", 2];
const inHistory: Code = ["shop/views.py", "request.profile.orders()"];
const inExport: Code = ["shop/views.py", "request.profile.orders()", 2];

/** The history page loads each order's customer; the export reads its orders without. */
async function recorded(
  exported: number,
  code = { built, first: inHistory, second: inExport },
  rows = 4,
  text = views,
) {
  const recording = new Recording({ ...files, "shop/views.py": text });
  const page = recording.request("/history/", test("test_history"));
  const list = page.query({
    model: "shop.Order",
    built: code.built,
    callers: [code.first],
    stack: [["shop/views.py", "list(rows)"]],
    rows,
  });
  page.load({
    on: list,
    kind: "foreign_key",
    attribute: "shop.Order.customer",
    target: "shop.Customer",
    at: ["templates/history.html", "{{ order.customer.name }}"],
    count: rows,
  });
  const other = recording.request("/export/", test("test_export"));
  other.query({ model: "shop.Order", built: code.built, callers: [code.second], rows: exported });
  return recording.open();
}

describe("a function that builds a queryset for several callers", () => {
  it("is left alone where one of them reads the rows without: the other's call changes", async () => {
    const recording = await recorded(30);

    expect(recording.finding().message).toContain('select_related("customer") in shop/views.py:2.');
    expect(recording.fixed("shop/views.py")).toBe(
      views.replace("request.profile.orders()", 'request.profile.orders().select_related("customer")'),
    );
    expect(recording.fixed("shop/models.py")).toBe(models);
  });

  it("changes itself where nobody was seen to read the rows without", async () => {
    const recording = await recorded(0);

    expect(recording.finding().message).toContain('select_related("customer") in shop/models.py:3.');
  });

  it("changes itself where only a test itself reads the rows without", async () => {
    const recording = new Recording({ ...files, "shop/tests.py": "class Tests: list(profile.orders())\n" });
    const page = recording.request("/history/", test("test_history"));
    const on = page.query({
      model: "shop.Order",
      built,
      callers: [inHistory],
      stack: [["shop/views.py", "list(rows)"]],
      rows: 4,
    });
    page.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: ["templates/history.html", "{{ order.customer.name }}"],
      count: 4,
    });
    const own: Code = ["shop/tests.py", "profile.orders()"];
    const direct = recording.test(test("test_orders"));
    direct.query({
      model: "shop.Order",
      built,
      callers: [own],
      stack: [["shop/tests.py", "list(profile.orders())"]],
      rows: 9,
    });

    expect((await recording.open()).finding().message).toContain("in shop/models.py:3.");
  });

  it("changes itself where its value may be no queryset that can be changed", async () => {
    const sliced = { built: newest, first: ["shop/views.py", "request.profile.newest()"], second: inExport } as const;
    const listed = { ...sliced, built: ["shop/models.py", "Order.objects.filter(customer__profile=self)", 3] } as const;

    expect((await recorded(30, sliced)).finding().message).toContain("in shop/models.py:9.");
    expect((await recorded(30, { ...listed, first: inHistory })).finding().message).toContain("in shop/models.py:12.");
  });

  it("is left alone where its only call changes the queryset further", async () => {
    const open = views.replace("rows = request.profile.orders()", "rows = request.profile.orders().filter(open=True)");
    const recording = await recorded(0, undefined, 4, open);

    expect(recording.finding().message).toContain('select_related("customer") in shop/views.py:2.');
    expect(recording.fixed("shop/views.py")).toBe(
      open.replace("(open=True)", '(open=True).select_related("customer")'),
    );
  });

  it("is left alone where it returns other things too, and this call goes on with a queryset", async () => {
    const open = views.replace("rows = request.profile.orders()", "rows = request.profile.orders().filter(open=True)");
    const mixed = models.replace(
      'return mine.order_by("number")',
      "return [] if self.closed else mine\n        return mine",
    );
    const recording = new Recording({ ...files, "shop/models.py": mixed, "shop/views.py": open });
    const page = recording.request("/history/", test("test_history"));
    const on = page.query({
      model: "shop.Order",
      built,
      callers: [inHistory],
      stack: [["shop/views.py", "list(rows)"]],
      rows: 4,
    });
    page.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: ["templates/history.html", "{{ order.customer.name }}"],
      count: 4,
    });

    expect((await recording.open()).finding().message).toContain('select_related("customer") in shop/views.py:2.');
  });

  it("is left alone for the one call that goes on with a queryset, and changes itself for another that cannot be told", async () => {
    const open = views.replace("rows = request.profile.orders()", "rows = request.profile.orders().filter(open=True)");
    const mixed = models.replace(
      'return mine.order_by("number")',
      "return [] if self.closed else mine\n        return mine",
    );
    const recording = new Recording({ ...files, "shop/models.py": mixed, "shop/views.py": open });
    for (const [name, caller] of [
      ["test_history", inHistory],
      ["test_export", inExport],
    ] as const) {
      const scope = recording.request(`/${name}/`, test(name));
      const on = scope.query({ model: "shop.Order", built, callers: [caller], stack: [caller], rows: 4 });
      scope.load({
        on,
        kind: "foreign_key",
        attribute: "shop.Order.customer",
        target: "shop.Customer",
        at: ["templates/history.html", "{{ order.customer.name }}"],
        count: 4,
      });
    }
    const findings = (await recording.open()).findings();

    expect(findings.map(({ queryset }) => queryset?.path).sort()).toEqual(["shop/models.py", "shop/views.py"]);
  });

  it("is left alone, with advice, where a call goes on with it under a local name, as it may return something else", async () => {
    const open = views.replace(
      "rows = request.profile.orders()\n",
      "rows = request.profile.orders()\n    if not isinstance(rows, list):\n        rows = rows.filter(open=True)\n",
    );
    const mixed = models.replace(
      'return mine.order_by("number")',
      "return self.cached if self.closed else mine\n        return mine",
    );
    const recording = new Recording({ ...files, "shop/models.py": mixed, "shop/views.py": open });
    const page = recording.request("/history/", test("test_history"));
    const stack: Code[] = [["shop/views.py", "list(rows)"]];
    const on = page.query({ model: "shop.Order", built, callers: [inHistory], stack, rows: 4 });
    page.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: ["templates/history.html", "{{ order.customer.name }}"],
      count: 4,
    });
    const finding = (await recording.open()).finding();

    expect(finding.queryset?.path).toBe("shop/views.py");
    expect(finding.remedy).toMatchObject({ kind: "advice" });
    expect(finding.message).toContain("in shop/views.py:2 may return no queryset: add select_related");
  });

  it("is left alone where it hands the queryset to a method that makes its value, and this call goes on with it", async () => {
    const handed = models.replace('return mine.order_by("number")', "return self.annotated(mine, True).distinct()");
    const recording = (text: string) => {
      const open = views.replace("rows = request.profile.orders()", text);
      const recording = new Recording({ ...files, "shop/models.py": handed, "shop/views.py": open });
      const page = recording.request("/history/", test("test_history"));
      const stack: Code[] = [["shop/views.py", "list(rows)"]];
      const on = page.query({ model: "shop.Order", built, callers: [inHistory], stack, rows: 4 });
      page.load({
        on,
        kind: "foreign_key",
        attribute: "shop.Order.customer",
        target: "shop.Customer",
        at: ["templates/history.html", "{{ order.customer.name }}"],
        count: 4,
      });
      return recording.open();
    };
    const message = async (text: string) => (await recording(text)).finding().message;

    expect(await message("rows = request.profile.orders().filter(open=True)")).toContain("in shop/views.py:2.");
    expect(await message("rows = request.profile.orders()")).toContain("in shop/models.py:3.");
  });

  it("changes itself where it overrides what a base class calls: other models pass there", async () => {
    const views = `class Bulk:
    def rows(self):
        return self.get_queryset().filter(open=True)

class Orders(Bulk):
    def get_queryset(self):
        return Order.objects.all()

class Plain:
    def get_queryset(self):
        return Order.objects.all()

    def rows(self):
        return self.get_queryset().filter(open=True)
`;
    const finding = async (occurrence: number, builder: string, called: number, caller: string) => {
      const recording = new Recording({ "shop/views.py": views, "templates/history.html": template });
      const page = recording.request("/history/");
      const on = page.query({
        model: "shop.Order",
        built: ["shop/views.py", "Order.objects.all()", occurrence, { qualname: builder }],
        callers: [["shop/views.py", "self.get_queryset()", called, { qualname: caller }]],
        stack: [["templates/history.html", "{% for order in orders %}"]],
        rows: 4,
      });
      page.load({
        on,
        kind: "foreign_key",
        attribute: "shop.Order.customer",
        target: "shop.Customer",
        at: ["templates/history.html", "{{ order.customer.name }}"],
        count: 4,
      });
      return (await recording.open()).finding().message;
    };
    expect(await finding(1, "Orders.get_queryset", 1, "Bulk.rows")).toContain("in shop/views.py:7.");
    expect(await finding(2, "Plain.get_queryset", 2, "Plain.rows")).toContain("in shop/views.py:14.");
  });

  it("keeps a guess at the caller, whatever others read", async () => {
    const recording = await recorded(30, undefined, 1);

    expect(recording.finding()).toMatchObject({ confidence: "suspected", severity: "hint" });
    expect(recording.finding().message).toContain("in shop/views.py:2.");
  });

  it("is left alone by what others read before the last edit, in tests that were not repeated", async () => {
    const recording = new Recording(files);
    const other = recording.request("/export/", test("test_export"));
    other.query({ model: "shop.Order", built, callers: [inExport], rows: 30 });
    const edited = `import datetime\n${models}`;
    recording.edit("shop/models.py", edited);
    const page = recording.request("/history/", test("test_history"));
    const on = page.query({
      model: "shop.Order",
      built,
      callers: [inHistory],
      stack: [["shop/views.py", "list(rows)"]],
      rows: 4,
    });
    page.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: ["templates/history.html", "{{ order.customer.name }}"],
      count: 4,
    });
    const open = await recording.open();

    expect(open.finding().message).toContain('select_related("customer") in shop/views.py:2.');
  });
});
