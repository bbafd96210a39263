import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parseLine } from "./records.ts";
import { field, model, SegmentBuilder } from "./testing.ts";

const schema = JSON.parse(
  readFileSync(new URL("../../../docs/segment.schema.json", import.meta.url), "utf8"),
) as object;
const validate = new Ajv2020({ allErrors: false, strict: false }).compile(schema);

type Line = Readonly<Record<string, unknown>>;

/** One record of each type, as the recorder writes them. */
function everyRecord(): readonly Line[] {
  const builder = new SegmentBuilder();
  const file = builder.file("shop/views.py", "orders = Order.objects.all()\n");
  const template = builder.file("shop/list.html", "{% for o in orders %}", "django-template");
  const site = builder.siteAt(file, "Order.objects.all()", { qualname: "f" });
  builder.siteAt(template, "{% for o in orders %}", { kind: "template" });
  const jinja = builder.file("shop/list.jinja", "{% for o in orders %}", "jinja");
  builder.site(jinja, { kind: "template", line: 1 });
  for (const kind of ["serializer", "admin", "graphql", "view", "model_admin", "inline_admin", "factory"] as const)
    builder.siteAt(file, "orders", { kind, qualname: "OrderSerializer", token: "orders", functionLine: 0 });
  const stack = builder.stack(site);
  const scope = builder.scope({ test: "t.py::a", kind: "request", method: "GET", path: "/", route: "/", view: "v" });
  const statement = builder.statement("SELECT 1", "select", ["shop_order"]);
  const options = { stack, construction: builder.construction(stack, site), statement, sample: ["1"], rows: 1 };
  const eager = [{ path: "customer__address", loaded: 3, read: false }];
  const loaded = { ...options, cause: builder.cause("queryset", { model: "shop.Order" }), eager };
  builder.eagerRead(builder.row(scope, loaded), "customer__address");
  builder.row(scope, { ...options, cause: builder.cause("foreign_key", { model: "shop.Order", field: "customer" }) });
  builder.endScope(scope, 200).test("t.py::a").collected(["t.py::a"]);
  builder.plan(statement, [{ id: 1, parent: 0, detail: "SCAN shop_order" }]);
  const status = {
    column: "status",
    lookup: "exact",
    use: "equality",
    alternative: false,
    served: false,
    reason: null,
  } as const;
  builder.probe(statement, {
    vendor: "postgresql",
    table: "shop_order",
    columns: [status, { ...status, column: "name", lookup: "icontains", use: "none", reason: "leading_wildcard" }],
    sort: [{ column: "placed", descending: true }],
    served: false,
    sortServed: null,
    indexes: [],
    candidate: { columns: ["status", "placed"], proven: true },
  });
  builder.models(model("shop.Order", [field("customer", { relation: "foreign_key", to: "shop.Customer" })])).end();
  builder.add("notice", { level: "info", code: "c", message: "m", count: 1 });
  return builder
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

const described = (record: Line) =>
  `${String(record["type"])} ${JSON.stringify(record)}: ${JSON.stringify(validate.errors)}`;

describe("the segment schema and this reader", () => {
  test("agree on every record that tests are built of", () => {
    for (const record of everyRecord()) {
      expect(validate(record), described(record)).toBe(true);
      expect(parseLine(JSON.stringify(record)).kind, described(record)).toBe("record");
    }
  });

  test("agree on what may be changed in it: what the schema allows is read", () => {
    const values = [null, -1, 0, 1, 1.5, 2 ** 40, "", "x", true, [], {}, [[1, 2]], [1, 2, 3], ["a"]];
    let allowed = 0;
    for (const record of everyRecord()) {
      for (const member of Object.keys(record).filter((name) => name !== "type")) {
        for (const value of values) {
          const changed = { ...record, [member]: value };
          if (!validate(changed)) continue;
          allowed += 1;
          expect(parseLine(JSON.stringify(changed)).kind, described(changed)).toBe("record");
        }
      }
    }
    expect(allowed).toBeGreaterThan(200);
  });

  test("agree on types and members that are not known yet", () => {
    const [header] = everyRecord();
    expect(validate({ type: "later", id: 1 })).toBe(true);
    expect(parseLine('{"type":"later","id":1}').kind).toBe("unknown");
    expect(validate({ ...header, later: 1 })).toBe(true);
    expect(parseLine(JSON.stringify({ ...header, later: 1 })).kind).toBe("record");
  });
});
