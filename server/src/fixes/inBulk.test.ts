import { describe, expect, it } from "vitest";
import { field, model } from "../trace/testing.ts";
import { type Code, Recording } from "./testing.ts";

const path = "shop/services.py";
const models = [
  model("shop.OrderItem", [
    field("id", { primaryKey: true }),
    field("sku", { unique: true }),
    field("code", { unique: true, null: true }),
    field("name"),
  ]),
];

/** The text after the fix of the `get` in it; the reason where it is withheld. */
async function fixed(
  text: string,
  get: string,
  more: { readonly writes?: string; readonly built?: string } = {},
): Promise<string> {
  const recording = new Recording({ [path]: text }, models);
  const at: Code = [path, get];
  const built: Code = [path, more.built ?? get];
  const request = recording.request("/quote/", "shop/tests.py::test_quote");
  request.query({
    model: "shop.OrderItem",
    built,
    stack: [at],
    count: 5,
    parameters: 5,
    api: "get",
    tables: ["item"],
  });
  if (more.writes !== undefined) {
    request.write(more.writes, at);
    request.query({
      model: "shop.OrderItem",
      built,
      stack: [at],
      count: 2,
      parameters: 2,
      api: "get",
      tables: ["item"],
    });
  }
  const open = await recording.open();
  const finding = open.findings().find(({ rule }) => rule === "get-in-loop");
  if (finding === undefined) throw new Error("Nothing was found.");
  const result = open.fix([finding]);
  if (result.ok) expect(result.fix.safety).toBe("changes-behaviour");
  return open.fixed(path);
}

const withheld = expect.stringMatching(/^withheld: \S.*\.$/);

describe("in_bulk before the loop", () => {
  it("asks for a dict's keys at once, and lets get() answer for what is not there", async () => {
    const text = `def price(quantities):
    total = 0
    for pk, quantity in quantities.items():
        item = OrderItem.objects.get(pk=pk)
        total += item.price * quantity
    return total
`;
    expect(await fixed(text, "OrderItem.objects.get(pk=pk)")).toBe(`def price(quantities):
    total = 0
    order_items = OrderItem.objects.in_bulk(quantities)
    for pk, quantity in quantities.items():
        item = order_items.get(pk) or OrderItem.objects.get(pk=pk)
        total += item.price * quantity
    return total
`);
  });

  it("reads the keys off what the loop goes through, by a unique field, within another expression", async () => {
    const text = `def names(rows):
    lines = [row for row in rows]
    for line in lines:
        yield OrderItem.objects.select_related("order").get(sku=line.sku).name
`;
    const built = 'OrderItem.objects.select_related("order")';
    expect(await fixed(text, `${built}.get(sku=line.sku)`, { built })).toBe(`def names(rows):
    lines = [row for row in rows]
    order_items = OrderItem.objects.select_related("order").in_bulk([line.sku for line in lines], field_name="sku")
    for line in lines:
        yield (order_items.get(line.sku) or OrderItem.objects.select_related("order").get(sku=line.sku)).name
`);
  });

  it("keeps a line's layout, its line ends and other names", async () => {
    const text =
      "def f(order_items):\r\n\tpks = sorted(order_items)\r\n\tfor pk in pks:\r\n\t\tprint(OrderItem.objects.get(\r\n\t\t\tid=pk,\r\n\t\t))\r\n";
    expect(await fixed(text, "OrderItem.objects.get(\r\n\t\t\tid=pk,\r\n\t\t)")).toBe(
      "def f(order_items):\r\n\tpks = sorted(order_items)\r\n\torder_items_2 = OrderItem.objects.in_bulk(pks)\r\n\tfor pk in pks:\r\n\t\tprint(order_items_2.get(pk) or OrderItem.objects.get(\r\n\t\t\tid=pk,\r\n\t\t))\r\n",
    );
  });

  it.each([
    [
      "a loop over what may be read only once",
      "def f(pks):\n    for pk in pks:\n        OrderItem.objects.get(pk=pk)\n",
    ],
    ["a comprehension", "def f():\n    pks = [1]\n    return [OrderItem.objects.get(pk=pk) for pk in pks]\n"],
    ["a key that is worked out", "def f(d):\n    for pk in d.keys():\n        OrderItem.objects.get(pk=ask(pk))\n"],
    ["a key that is not the loop's", "def f(d, pk):\n    for x in d.keys():\n        OrderItem.objects.get(pk=pk)\n"],
    [
      "a variable that the loop changes",
      "def f(d):\n    for pk in d.keys():\n        pk = pk or 1\n        OrderItem.objects.get(pk=pk)\n",
    ],
    [
      "a row that the loop changes, which two turns would share",
      "def f(d):\n    for pk in d.keys():\n        item = OrderItem.objects.get(pk=pk)\n        item.seen += 1\n",
    ],
    [
      "a row that the loop changes by name",
      "def f(d):\n    for pk in d.keys():\n        item = OrderItem.objects.get(pk=pk)\n        setattr(item, d[pk], 1)\n",
    ],
    ["a field that is not unique", "def f(d):\n    for name in d.keys():\n        OrderItem.objects.get(name=name)\n"],
    [
      "a unique field that may be null",
      "def f(d):\n    for code in d.keys():\n        OrderItem.objects.get(code=code)\n",
    ],
    ["two conditions", "def f(d):\n    for pk in d.keys():\n        OrderItem.objects.get(pk=pk, name='x')\n"],
    [
      "a queryset that in_bulk() does not take",
      "def f(d):\n    for pk in d.keys():\n        OrderItem.objects.values().get(pk=pk)\n",
    ],
    [
      "a collection that comes to be anew",
      "def f(rows):\n    pks = [1]\n    pks = iter(rows)\n    for pk in pks:\n        OrderItem.objects.get(pk=pk)\n",
    ],
  ])("is withheld for %s", async (_name, text) => {
    const [get = "", made] =
      /(OrderItem\.objects\.values\(\))?(?:OrderItem\.objects)?\.get\((?:[^()]|\([^()]*\))*\)/.exec(text) ?? [];
    expect(await fixed(text, get, { built: made ?? get })).toEqual(withheld);
  });

  it("is withheld where the loop writes rows of the same table", async () => {
    const text = "def f(d):\n    for pk in d.keys():\n        OrderItem.objects.get(pk=pk)\n";
    expect(await fixed(text, "OrderItem.objects.get(pk=pk)", { writes: "other" })).toContain("in_bulk(d)");
    expect(await fixed(text, "OrderItem.objects.get(pk=pk)", { writes: "item" })).toEqual(withheld);
  });
});
