import { describe, expect, it } from "vitest";
import { type OpenRecording, Recording, shopModels } from "./testing.ts";

const path = "shop/services.py";

/** Twelve orders that each load their items or their customer where the code says so. */
async function recorded(
  code: string,
  at: string,
  { many = true, rows = 12, customers = 12 } = {},
): Promise<OpenRecording> {
  const recording = new Recording({ [path]: code }, shopModels);
  const scope = recording.request("/orders/");
  const on = scope.query({ model: "shop.Order", built: [path, "Order.objects.all()"], rows });
  const load = { on, at: [path, at] as const, count: rows, instances: rows, parameters: customers };
  if (many)
    scope.load({ ...load, kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" });
  else scope.load({ ...load, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer" });
  return recording.open();
}

describe("a related manager that is called with another one", () => {
  it("reads what the default one prefetched: nothing is loaded along", async () => {
    const code =
      'def f():\n    for order in Order.objects.all():\n        print(order.items(manager="everything").all())\n';
    const open = await recorded(code, 'order.items(manager="everything").all()');
    expect(open.fixed(path)).toMatch(/^withheld: items\(manager=…\) asks another manager/);
  });

  it("is no matter elsewhere", async () => {
    const code = `def f():
    for order in Order.objects.all():
        print(order.items.all())


def g(order):
    return order.items(manager="everything").all()
`;
    const open = await recorded(code, "order.items.all()");
    expect(open.fixed(path)).toContain('Order.objects.all().prefetch_related("items")');
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "safe" } });
  });
});

describe("few parents that many rows share", () => {
  const shared = { many: false, rows: 120, customers: 2 };
  const loop = (body: string) => `def f():\n    for order in Order.objects.all():\n        ${body}\n`;

  it.each([
    ["is set on what is loaded", "order.customer.seen = order.pk", "order.customer"],
    ["is added to", "order.customer.total += order.sum", "order.customer"],
    ["is set by name", 'setattr(order.customer, "seen", 1)', "order.customer"],
    ["may be set by what is called with it", "settle(order.customer)", "order.customer"],
    [
      "may be set by what is called with its variable",
      "it = order.customer\n        settle(order, who=it)",
      "order.customer",
    ],
    ["is set on a variable", "customer = order.customer\n        customer.seen = order.pk", "order.customer"],
  ])("are no safe prefetch where something %s, as they would share it", async (_, body, at) => {
    const open = await recorded(loop(body), at, shared);
    expect(open.fixed(path)).toContain('prefetch_related("customer")');
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "changes-behaviour" } });
  });

  it.each([
    ["is only read", "print(order.customer.name == 1)", "order.customer"],
    ["is set on the row itself", "order.seen = order.customer.name", "order.customer"],
  ])("are a safe one where it %s", async (_, body, at) => {
    const open = await recorded(loop(body), at, shared);
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "safe" } });
  });

  it("are no matter to a join, which gives each row its own", async () => {
    const open = await recorded(loop("order.customer.seen = 1"), "order.customer", { many: false });
    expect(open.fixed(path)).toContain('select_related("customer")');
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "safe" } });
  });
});
