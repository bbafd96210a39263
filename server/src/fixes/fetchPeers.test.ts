import { describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { field, model } from "../trace/testing.ts";
import { alternativesFor, fixFor } from "./fixFor.ts";
import {
  type Code,
  type LoadSpec,
  type OpenRecording,
  type QuerySpec,
  Recording,
  relation,
  shopModels,
} from "./testing.ts";

const views = "shop/views.py";
const template = "templates/orders.html";
const row: Code = [template, "{{ order.it }}"];
const test = "shop/tests.py::test_it";
const tests = (queries = 6) => `def test_it():
    with assertNumQueries(${queries}):
        client.get("/orders/")
`;
const models = [
  ...shopModels,
  model("shop.Note", [
    field("body", { column: "body" }),
    field("target", { relation: "generic_foreign_key", column: null, prefetch: "target" }),
    relation("order", "foreign_key", "shop.Order"),
  ]),
];

interface Spec {
  readonly django?: string;
  readonly query?: Partial<QuerySpec>;
  readonly load?: Partial<LoadSpec>;
  /** That the test asserts. */
  readonly queries?: number;
  readonly more?: (on: number, load: (spec: Partial<LoadSpec>) => number) => void;
}

/** Five rows of the only queryset in `text`, each of which loads its customer. */
async function recorded(
  text: string,
  { django = "6.1", query = {}, load = {}, queries, more }: Spec = {},
): Promise<OpenRecording> {
  const recording = new Recording(
    { [views]: text, [template]: "{{ order.it }}", "shop/tests.py": tests(queries) },
    models,
    true,
    { django },
  );
  const built = /\w+\.objects\s*\.\w+\([^()]*\)/.exec(text)?.[0] ?? "";
  const scope = recording.request("/orders/", test, [["shop/tests.py", 'client.get("/orders/")']]);
  const on = scope.query({ model: "shop.Order", built: [views, built], stack: [row], rows: 5, ...query });
  const loaded = (spec: Partial<LoadSpec>) =>
    scope.load({
      on,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: row,
      count: 5,
      ...spec,
    });
  const first = loaded(load);
  more?.(first, loaded);
  return recording.open();
}

/** The file with the choice that sets a fetch mode; null where there is none. */
function chosen(open: OpenRecording, text: string, path = views): string | null {
  const fix = open
    .findings()
    .flatMap((finding) => alternativesFor(finding, open))
    .find(({ title }) => title.includes("fetch_mode"));
  return fix === undefined
    ? null
    : applyEdits(
        text,
        fix.edits.filter(({ file }) => file === path),
      );
}

const queryset = "orders = Order.objects.all()\n";

describe("a fetch mode is another choice", () => {
  it.each([
    [
      "with the models that are there",
      `from django.db import models\n\n${queryset}`,
      "from django.db import models\n\norders = Order.objects.all().fetch_mode(models.FETCH_PEERS)\n",
    ],
    [
      "with models imported",
      `from django.views import View\n\n${queryset}`,
      "from django.db import models\nfrom django.views import View\n\norders = Order.objects.all().fetch_mode(models.FETCH_PEERS)\n",
    ],
    [
      "by another name",
      `from django.db import models as m\n\n${queryset}`,
      "from django.db import models as m\n\norders = Order.objects.all().fetch_mode(m.FETCH_PEERS)\n",
    ],
    [
      "where models are others",
      `from shop import models\n\norders = models.Order.objects.all()\n`,
      "from django.db.models import FETCH_PEERS\n\nfrom shop import models\n\norders = models.Order.objects.all().fetch_mode(FETCH_PEERS)\n",
    ],
    [
      "before a slice, in the chain's lines",
      "from django.db import models\n\norders = (\n    Order.objects.all()\n    .order_by('pk')\n)[:5]\n",
      "from django.db import models\n\norders = (\n    Order.objects.all()\n    .order_by('pk')\n    .fetch_mode(models.FETCH_PEERS)\n)[:5]\n",
    ],
  ])("%s", async (_how, before, after) => expect(chosen(await recorded(before), before)).toBe(after));

  it.each<[string, Partial<LoadSpec>, Partial<QuerySpec>]>([
    [
      "a one-to-one relation, from behind",
      { kind: "reverse_one_to_one", attribute: "shop.Order.shipment", target: "shop.Shipment" },
      {},
    ],
    [
      "what a generic foreign key points at",
      { kind: "generic_foreign_key", attribute: "shop.Note.target" },
      { model: "shop.Note" },
    ],
    [
      "a column that was left out",
      { kind: "deferred_field", attribute: "shop.Note.body", target: "shop.Note" },
      { model: "shop.Note" },
    ],
  ])("for %s", async (_what, load, query) => {
    const text = `rows = ${query.model?.slice(5) ?? "Order"}.objects.all()\n`;
    expect(chosen(await recorded(text, { load, query }), text)).toContain("fetch_mode(models.FETCH_PEERS)");
  });

  it("for a relation behind another, with one query for each", async () => {
    const open = await recorded(queryset, {
      queries: 11,
      more: (on, load) => load({ on, attribute: "shop.Customer.address", target: "shop.Address" }),
    });
    const titles = open.findings().flatMap((finding) => alternativesFor(finding, open).map(({ title }) => title));
    expect(titles.toSorted()).toEqual([
      "Load customer of all rows once the first asks: add fetch_mode(models.FETCH_PEERS) in shop/views.py",
      "Load customer.address of all rows once the first asks: add fetch_mode(models.FETCH_PEERS) in shop/views.py",
    ]);
    expect(chosen(open, tests(11), "shop/tests.py")).toContain("assertNumQueries(3)");
  });

  it("that makes N+1 queries two, and is never the best", async () => {
    const open = await recorded(queryset);
    expect(chosen(open, tests(), "shop/tests.py")).toContain("assertNumQueries(2)");
    const finding = open.finding();
    expect([finding.remedy.kind, finding.alternatives.map(({ kind }) => kind)]).toEqual([
      "eager-load",
      ["fetch-peers"],
    ]);
    const [fix] = alternativesFor(finding, open);
    expect([fix?.safety, fixFor([finding], open)]).toMatchObject(["changes-behaviour", { fix: { safety: "safe" } }]);
  });
});

describe("a fetch mode is no choice", () => {
  const none = async (text: string, spec: Spec = {}) => expect(chosen(await recorded(text, spec), text)).toBeNull();

  it.each(["6.0.4", "5.2.8", "4.2.30", "6.0rc1", "", "dev"])("before Django 6.1: %s", (django) =>
    none(queryset, { django }),
  );
  it.each(["6.1", "6.1.3", "6.2a1", "7.0"])("but since then: %s", async (django) =>
    expect(chosen(await recorded(queryset, { django }), queryset)).not.toBeNull(),
  );
  it("for related managers, which no mode governs", () =>
    none(queryset, { load: { kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem" } }));
  it("behind a related manager", async () => {
    const open = await recorded(queryset, {
      load: { kind: "reverse_foreign_key", attribute: "shop.Order.items", target: "shop.OrderItem", rows: 10 },
      more: (on, load) => load({ on, attribute: "shop.OrderItem.product", target: "shop.Product", count: 10 }),
    });
    expect(chosen(open, queryset)).toBeNull();
  });
  it("for rows that come one after the other", () =>
    none("orders = Order.objects.all().iterator()\n", { query: { api: "iterator" } }));
  it("for raw SQL", () => none("orders = Order.objects.raw('')\n", { query: { kind: "raw" } }));
  it("where there is one already", () => none("orders = Order.objects.all().fetch_mode(MODE)\n"));
});
