import { expect, test } from "vitest";
import type { PlanNode } from "../trace/model.ts";
import { planText } from "./plan.ts";

function sqlite(...nodes: readonly PlanNode[]): string {
  return planText({ statementId: 1, db: "default", vendor: "sqlite", nodes });
}

test("indents what stands below, and names what is costly in kind", () => {
  expect(
    sqlite(
      { id: 3, parent: 0, detail: "COMPOUND QUERY" },
      { id: 4, parent: 3, detail: "SCAN shop_order" },
      { id: 5, parent: 3, detail: "SEARCH c USING AUTOMATIC COVERING INDEX (id=?)" },
      { id: 6, parent: 5, detail: "SCAN p USING COVERING INDEX p_name" },
      { id: 9, parent: 0, detail: "USE TEMP B-TREE FOR ORDER BY" },
    ),
  ).toBe(
    [
      "COMPOUND QUERY",
      "  SCAN shop_order   <- reads every row",
      "  SEARCH c USING AUTOMATIC COVERING INDEX (id=?)   <- builds an index for this one query: the join has none",
      "    SCAN p USING COVERING INDEX p_name   <- walks the whole index",
      "USE TEMP B-TREE FOR ORDER BY   <- sorts or groups in a temporary table: no index serves it",
    ].join("\n"),
  );
});

test("leaves served nodes and other vendors' plans alone", () => {
  expect(sqlite({ id: 1, parent: 0, detail: "SEARCH o USING INDEX o_paid (paid=?)" })).not.toContain("<-");
  expect(sqlite({ id: 1, parent: 0, detail: "SCAN CONSTANT ROW" })).not.toContain("<-");
  const nodes = [{ id: 1, parent: 0, detail: "SCAN t" }];
  expect(planText({ statementId: 1, db: "default", vendor: "postgresql", nodes })).toBe("SCAN t");
});

test("names a PostgreSQL table that is read whole only where a probe says that no index serves its filter", () => {
  const nodes = [
    { id: 1, parent: 0, detail: "Nested Loop" },
    { id: 2, parent: 1, detail: "Seq Scan on shop_order o" },
    { id: 3, parent: 2, detail: "Filter: (status = 'paid')" },
    { id: 4, parent: 1, detail: "Seq Scan on shop_customer" },
  ];
  const column = {
    column: "status",
    lookup: "exact",
    use: "equality",
    alternative: false,
    served: false,
    reason: null,
  } as const;
  const common = {
    statementId: 1,
    db: "default",
    vendor: "postgresql",
    sort: [],
    sortServed: null,
    indexes: [],
    candidate: null,
  };
  const probes = [
    { ...common, table: "shop_order", columns: [column], served: false },
    { ...common, table: "shop_customer", columns: [{ ...column, served: true }], served: true },
  ];
  expect(planText({ statementId: 1, db: "default", vendor: "postgresql", nodes }, probes)).toBe(
    [
      "Nested Loop",
      "  Seq Scan on shop_order o   <- reads every row: no index serves status",
      "    Filter: (status = 'paid')",
      "  Seq Scan on shop_customer",
    ].join("\n"),
  );
});

test("says what MySQL's access types mean", () => {
  const nodes = [
    { id: 1, parent: 0, detail: "SIMPLE shop_order: type=ALL possible_keys=NULL key=NULL ref=NULL; Using where" },
    { id: 2, parent: 0, detail: "SIMPLE shop_tag: type=index possible_keys=NULL key=name ref=NULL; Using index" },
    { id: 3, parent: 0, detail: "SIMPLE shop_item: type=ALL possible_keys=PRIMARY key=NULL ref=NULL" },
  ];
  const lines = planText({ statementId: 1, db: "default", vendor: "mysql", nodes }).split("\n");
  expect(lines.map((line) => line.split("   <- ")[1])).toEqual(["reads every row", "walks the whole index", undefined]);
});

test("shows all of a plan whose nodes go in circles or hang on nothing", () => {
  const text = sqlite(
    { id: 1, parent: 2, detail: "A" },
    { id: 2, parent: 1, detail: "B" },
    { id: 3, parent: 3, detail: "C" },
    { id: 4, parent: 99, detail: "D" },
  );
  expect(
    text
      .split("\n")
      .map((line) => line.trim())
      .sort(),
  ).toEqual(["A", "B", "C", "D"]);
});

test("ends a plan that has no end", () => {
  const nodes = Array.from({ length: 5_000 }, (_, id) => ({ id: id + 1, parent: id, detail: `[n](${id})\nnext` }));
  const lines = sqlite(...nodes).split("\n");
  expect(lines).toHaveLength(61);
  expect(lines.at(-1)).toBe("… 4940 more");
});
