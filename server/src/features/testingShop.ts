import type { PythonParser } from "../python/parser.ts";
import type { Outcome } from "../trace/model.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { createTestProject, findingAt, type TestProject, type TestProjectOptions } from "./testing.ts";

export const viewsPath = "shop/views.py";
export const templatePath = "shop/templates/orders.html";
export const testPath = "shop/tests.py";
export const testId = `${testPath}::test_list`;

export const views = `from shop.models import Order


def order_list(request):
    orders = Order.objects.all()
    names = []
    for order in orders:
        names.append(order.customer.name)
    return render(request, "orders.html", {"orders": orders})
`;

export const template = `<ul>
{% for order in orders %}
  <li>{{ order.address.city }}</li>
{% endfor %}
</ul>
`;

export const tests = `def test_list(client):
    client.get("/orders/")
`;

export interface ShopOptions extends Partial<Omit<TestProjectOptions, "parser" | "segments">>, SegmentOptions {}

export interface SegmentOptions {
  readonly sql?: string;
  readonly sample?: readonly string[] | null;
  readonly customerModel?: string;
  readonly run?: string;
  /** How often a customer is loaded. */
  readonly customers?: number;
  readonly outcome?: Outcome;
  /** The views as they were when this was recorded. */
  readonly recorded?: string;
}

/**
 * One recorded request: a hundred orders (0.4 ms), a customer for each in a Python loop (0.1 ms each), an address for each in a template
 * loop, and one query for the session. The finding is that of the customers.
 */
export function shopProject(parser: PythonParser, options: ShopOptions = {}): TestProject {
  return createTestProject({
    parser,
    segments: [shopSegment(options)],
    files: { [viewsPath]: views, [templatePath]: template, [testPath]: tests },
    findings: (project) => [
      findingAt(project.placeOf(viewsPath, "order.customer"), {
        queryset: project.placeOf(viewsPath, "Order.objects.all()"),
        stale: project.placeOf(viewsPath, "Order.objects.all()").placement.state === "gone",
      }),
    ],
    ...options,
  });
}

export function shopSegment(options: SegmentOptions = {}): SegmentBuilder {
  const { sql, sample, customerModel = "shop.Order", run, customers: loads = 100, outcome = "passed" } = options;
  const segment = new SegmentBuilder(run);
  const view = { qualname: "order_list", functionLine: 4 };
  const viewsFile = segment.file(viewsPath, options.recorded ?? views);
  const templateFile = segment.file(templatePath, template, "django-template");
  const testFile = segment.file(testPath, tests);
  const get = segment.siteAt(testFile, 'client.get("/orders/")', { qualname: "test_list" });
  const chain = segment.siteAt(viewsFile, "Order.objects.all()", view);
  const header = segment.siteAt(viewsFile, "orders", { ...view, occurrence: 2 });
  const customer = segment.siteAt(viewsFile, "order.customer", view);
  const render = segment.siteAt(viewsFile, 'render(request, "orders.html", {"orders": orders})', view);
  const forTag = segment.siteAt(templateFile, "for order in orders", { kind: "template" });
  const cityTag = segment.siteAt(templateFile, "order.address.city", { kind: "template" });

  const built = segment.construction(segment.stack(get, chain), chain);
  const orders = segment.statement('SELECT "o"."id" FROM "shop_order" "o" WHERE "o"."paid" = %s', "select", [
    "shop_order",
  ]);
  const customers = segment.statement(sql ?? 'SELECT "name" FROM "shop_customer" WHERE "id" = %s LIMIT 21');
  const addresses = segment.statement('SELECT "city" FROM "shop_address" WHERE "id" = %s LIMIT 21');
  const sessions = segment.statement('SELECT "data" FROM "django_session" WHERE "key" = %s');
  segment.plan(orders, [{ id: 3, parent: 0, detail: "SCAN o" }]);
  segment.plan(customers, [{ id: 2, parent: 0, detail: "SEARCH shop_customer USING INTEGER PRIMARY KEY (rowid=?)" }]);

  const list = segment.scope({
    kind: "request",
    test: testId,
    method: "GET",
    path: "/orders/",
    route: "/orders/",
    view: "shop.views.order_list",
  });
  segment.row(list, { stack: segment.stack(get), cause: segment.cause("session"), statement: sessions, single: true });
  const root = segment.row(list, {
    stack: segment.stack(get, header),
    construction: built,
    cause: segment.cause("queryset", { model: "shop.Order", api: "iterate", target: "shop.Order" }),
    statement: orders,
    rows: 100,
    ns: 400_000,
    sample: sample === undefined ? ["1"] : null,
  });
  segment.row(list, {
    stack: segment.stack(get, customer),
    construction: segment.construction(segment.stack(get, customer), customer),
    cause: segment.cause("foreign_key", { model: customerModel, field: "customer", lookup: "customer" }),
    statement: customers,
    parent: root,
    count: loads,
    rows: loads,
    ns: 100_000,
    single: true,
    parameters: loads,
    sample: sample === undefined ? ["7"] : sample,
  });
  segment.row(list, {
    stack: segment.stack(get, render, forTag, cityTag),
    cause: segment.cause("foreign_key", { model: "shop.Order", field: "address", lookup: "address" }),
    statement: addresses,
    parent: root,
    count: 100,
    rows: 100,
    ns: 200_000,
    single: true,
    parameters: 100,
  });
  segment.endScope(list, 200);
  return segment.test(testId, outcome).collected([testId]).end();
}
