import { beforeAll, describe, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { renderMarkdown, renderPlainText } from "./document.ts";
import { hover } from "./hover.ts";
import type { Project } from "./project.ts";
import { createTestProject } from "./testing.ts";
import {
  type ShopOptions,
  shopProject,
  template,
  templatePath,
  testPath,
  tests,
  views,
  viewsPath,
} from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const fiveMinutesLater = 1_767_225_600_000 + 5 * 60_000;

function textAt(project: Project, path: string, text: string, code: string, nth = 0): string | null {
  const found = hover(project, path, rangeOf(text, code, nth).start, fiveMinutesLater);
  return found === null ? null : renderPlainText(found.blocks);
}

test("a lazy attribute: the answer, SQL that runs, the plan, who runs it, and how old that is", () => {
  const found = hover(shopProject(parser), viewsPath, rangeOf(views, "customer.name").start, fiveMinutesLater);
  expect(found?.range).toEqual(rangeOf(views, "order.customer"));
  expect(
    renderMarkdown(found?.blocks ?? []),
  ).toBe(`**100 queries**: \`order.customer\` (N+1), 100 rows, 10 ms in the database, in \`GET /orders/\`. The queryset is written in \`shop/views.py:5\`

\`\`\`sql
SELECT
  "name"
FROM
  "shop_customer"
WHERE
  "id" = 7
LIMIT
  21
\`\`\`

\`\`\`querysight-plan
SEARCH shop_customer USING INTEGER PRIMARY KEY (rowid=?)
\`\`\`

Endpoints and commands that run it:

- \`GET /orders/\`

Tests that run it:

- \`shop/tests.py::test_list\`

Recorded 5 minutes ago.`);
});

test("a serializer's field is named as what asks", () => {
  const text = "class OrderSerializer:\n    customer = CustomerSerializer()\n";
  const segment = new SegmentBuilder();
  const kind = "serializer";
  const site = segment.siteAt(segment.file("shop/api.py", text), "customer = CustomerSerializer()", {
    kind,
    qualname: "OrderSerializer",
    token: "customer",
  });
  const scope = segment.scope({ kind: "request", method: "GET", route: "/api/orders/" });
  segment.row(scope, {
    stack: segment.stack(site),
    cause: segment.cause("foreign_key", { model: "shop.Order", field: "customer" }),
    statement: segment.statement("SELECT 1"),
    count: 10,
  });
  const segments = [segment.endScope(scope).end()];
  const project = createTestProject({ parser, files: { "shop/api.py": text }, segments });
  expect(textAt(project, "shop/api.py", text, "customer")).toMatch(
    /^10 queries: order\.customer for the field customer of OrderSerializer, .* in GET \/api\/orders\//,
  );
});

test("a queryset tells of its own query, wherever that is evaluated", () => {
  expect(textAt(shopProject(parser), viewsPath, views, "objects")).toMatch(
    /^1 query: Order, 100 rows, 0\.4 ms in the database, in GET \/orders\/\. .*\n\nSELECT[\s\S]*SCAN o {3}<- reads every row/,
  );
});

test("a loop's header tells of all that runs in it", () => {
  expect(textAt(shopProject(parser), viewsPath, views, "for order")).toMatch(
    /^101 queries, 100 of them order\.customer \(N\+1\), 200 rows, 10 ms in the database[\s\S]*Beside it:\n\n- 1x Order\n/,
  );
});

test("a loop's header tells how its number varies from test to test", () => {
  const project = shopProject(parser);
  const again = (test: string, customers: number, run: string) => {
    const segment = new SegmentBuilder(run);
    const file = segment.file(viewsPath, views);
    const load = segment.siteAt(file, "order.customer", { qualname: "order_list", functionLine: 4 });
    const scope = segment.scope({ kind: "request", test, method: "GET", route: "/orders/" });
    segment.row(scope, {
      stack: segment.stack(load),
      cause: segment.cause("foreign_key", { model: "shop.Order", field: "customer", lookup: "customer" }),
      statement: segment.statement("SELECT 1"),
      count: customers,
    });
    project.record(segment.endScope(scope).test(test).collected([test], false).end(), { state: "partial" });
  };
  expect(textAt(project, viewsPath, views, "for order")).not.toMatch(/across/);
  again("shop/tests.py::test_two", 2, "20260102T000000Z-1-bbbb");
  again("shop/tests.py::test_ten", 10, "20260103T000000Z-1-cccc");
  expect(textAt(project, viewsPath, views, "for order")).toMatch(
    /^101 queries, .*in GET \/orders\/.*\n\n2 to 101 across 3 tests\.\n/,
  );
});

test("a template's variable and its loop", () => {
  const project = shopProject(parser);
  expect(textAt(project, templatePath, template, "address.city")).toMatch(/^100 queries: order\.address/);
  expect(textAt(project, templatePath, template, "for order")).toMatch(/^100 queries: order\.address/);
});

test("a call that others' queries pass through", () => {
  expect(textAt(shopProject(parser), testPath, tests, "client.get")).toMatch(/^1 query: the session/);
});

test("nothing, where nothing ran", () => {
  const project = shopProject(parser);
  expect(textAt(project, viewsPath, views, "names = []")).toBeNull();
  expect(textAt(project, viewsPath, views, "import Order")).toBeNull();
  expect(textAt(project, "no/such/file.py", "x", "x")).toBeNull();
});

test("age, after an edit to a statement that it rests on", () => {
  const project = shopProject(parser);
  project.edit(viewsPath, views.replace("objects.all()", "objects.filter(paid=True)"));
  expect(textAt(project, viewsPath, views, "order.customer")).toMatch(
    /Recorded 5 minutes ago, before an edit in shop\/views\.py:5: record again to be sure\.$/,
  );
});

describe("hostile text in a trace", () => {
  const attacks: readonly ShopOptions[] = [
    { sql: "SELECT 1 -- ```\n[run](command:evil) <img src=x>\n```\n", sample: null },
    { sql: "SELECT %s", sample: ["'```\n[run](command:evil)'"] },
    { customerModel: "shop.`[x](command:evil)`<script>\n\n# y" },
    { sql: `SELECT '${"`".repeat(5_000)}'`, sample: [] },
  ];

  test.each(attacks)("stays text %#", (options) => {
    const found = hover(
      shopProject(parser, options),
      viewsPath,
      rangeOf(views, "order.customer").start,
      fiveMinutesLater,
    );
    const markdown = renderMarkdown(found?.blocks ?? []);
    const outside = markdown
      .replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, "")
      .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
    expect(outside).not.toMatch(/command:|evil|<|script|\]\(/);
    expect(outside).toMatch(/^\*\*100 queries\*\*/);
  });
});
