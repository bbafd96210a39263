import { describe, expect, it } from "vitest";
import { type LoadSpec, type QuerySpec, Recording, relation, shopModels } from "../fixes/testing.ts";
import { field, model } from "../trace/testing.ts";

const view = `class ActivityView(ListView):
    def get_queryset(self):
        return Entry.objects.select_related("actor")[:50]
`;
const tests = `class ActivityTests(TestCase):
    def test_count(self):
        with self.assertNumQueries(7):
            self.client.get("/audit/")
`;
const template = `{% for entry in entries %}
  {{ entry.target }} {{ entry.target.customer }}
{% endfor %}
`;
const files = { "audit/views.py": view, "audit/tests.py": tests, "templates/activity.html": template };
const models = [
  ...shopModels,
  model("audit.Entry", [
    field("id", { primaryKey: true }),
    relation("actor", "foreign_key", "auth.User"),
    field("target", { relation: "generic_foreign_key", column: null, prefetch: "target" }),
  ]),
];
const built = ["audit/views.py", 'Entry.objects.select_related("actor")'] as const;
const entries = (more: Partial<QuerySpec> = {}): QuerySpec => ({ model: "audit.Entry", built, rows: 6, ...more });
const targets = (on: number, more: Partial<LoadSpec> = {}): LoadSpec => ({
  on,
  kind: "generic_foreign_key",
  attribute: "audit.Entry.target",
  target: "shop.Order",
  at: ["templates/activity.html", "{{ entry.target }}"],
  count: 6,
  rows: 6,
  single: true,
  ...more,
});

describe("a generic foreign key that is loaded for every row", () => {
  it("is prefetched, whatever models it points at", async () => {
    const recording = new Recording(files, models);
    const scope = recording.request("/audit/");
    const on = scope.query(entries());
    scope.load(targets(on, { count: 4 }));
    scope.load(targets(on, { target: "shop.Product", count: 2 }));

    const open = await recording.open();
    const finding = open.finding();
    expect([finding.rule, finding.severity, finding.remedy.kind]).toEqual([
      "generic-foreign-key",
      "warning",
      "eager-load",
    ]);
    expect(finding.message).toBe(
      'Each of 6 entries loads its target: 6 extra queries in GET /audit/. Load them with the list: prefetch_related("target") in audit/views.py:3.',
    );
    expect(open.fix()).toMatchObject({ ok: true, fix: { safety: "safe" } });
    expect(open.fixed("audit/views.py")).toBe(
      view.replace('related("actor")', 'related("actor").prefetch_related("target")'),
    );
  });

  it("lowers an asserted count to one query for each model", async () => {
    const recording = new Recording(files, models);
    const id = "audit/tests.py::ActivityTests::test_count";
    const scope = recording.request("/audit/", id, [["audit/tests.py", 'self.client.get("/audit/")']]);
    const on = scope.query(entries());
    scope.load(targets(on, { count: 4 }));
    scope.load(targets(on, { target: "shop.Product", count: 2 }));

    expect((await recording.open()).fixed("audit/tests.py")).toContain("assertNumQueries(3)");
  });

  it("leaves what hangs on its objects to a GenericPrefetch, in words", async () => {
    const recording = new Recording(files, models);
    const scope = recording.request("/audit/");
    const orders = scope.load(targets(scope.query(entries())));
    scope.load({
      on: orders,
      kind: "foreign_key",
      attribute: "shop.Order.customer",
      target: "shop.Customer",
      at: ["templates/activity.html", "{{ entry.target.customer }}"],
      count: 6,
    });
    const told = (await recording.open()).findings().map(({ rule, remedy }) => [rule, remedy]);
    expect(told).toEqual(
      expect.arrayContaining([
        ["generic-foreign-key", expect.objectContaining({ kind: "eager-load" })],
        [
          "n-plus-one",
          {
            kind: "advice",
            text: 'Load them with what target points at: prefetch_related(GenericPrefetch("target", [Order.objects.select_related("customer")])) in audit/views.py:3 (Django 5.0 and newer).',
          },
        ],
      ]),
    );
  });

  it("is prefetched behind a join and below another prefetch", async () => {
    const recording = new Recording({ "audit/views.py": "for log in Log.objects.all():\n    log.entry.target\n" }, [
      ...models,
      model("audit.Log", [relation("entry", "foreign_key", "audit.Entry")]),
    ]);
    const scope = recording.request("/audit/");
    const on = scope.query({ model: "audit.Log", built: ["audit/views.py", "Log.objects.all()"], rows: 6 });
    scope.load(targets(on, { path: "entry", at: ["audit/views.py", "log.entry.target"] }));
    expect((await recording.open()).fixed("audit/views.py")).toContain('all().prefetch_related("entry__target")');
  });
});

describe("there is no finding", () => {
  async function silent(query: Partial<QuerySpec>, load: Partial<LoadSpec>) {
    const recording = new Recording(files, models);
    const scope = recording.request("/audit/");
    scope.load(targets(scope.query(entries(query)), load));
    expect((await recording.open()).findings()).toEqual([]);
  }

  it("where the entry came alone", () => silent({ rows: 1, single: true, api: "get" }, { count: 1, rows: 1 }));
  it("where few of many entries are opened", () => silent({ rows: 50 }, { count: 1, rows: 1 }));
  it("where one entry is asked many times", () => silent({ rows: 50 }, { count: 80, instances: 1, rows: 80 }));
  it("where the entries were prefetched for", () =>
    silent({}, { kind: "prefetch", prefetch: "target", single: false }));
});

it("is no edit where only() may leave out its two columns", async () => {
  const text = view.replace('select_related("actor")', 'only("action")');
  const recording = new Recording({ ...files, "audit/views.py": text }, models);
  const scope = recording.request("/audit/");
  scope.load(targets(scope.query(entries({ built: ["audit/views.py", 'Entry.objects.only("action")'] }))));
  expect((await recording.open()).fixed("audit/views.py")).toContain("withheld: only() leaves out a column");
});
