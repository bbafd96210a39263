import { beforeAll, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { report } from "./report.ts";
import { reportText } from "./reportText.ts";
import { findingAt, type TestProject } from "./testing.ts";
import { shopProject, templatePath, testId, views, viewsPath } from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const edit = { file: viewsPath, range: rangeOf(views, "all()"), newText: 'select_related("customer")' };

function shop(): TestProject {
  return shopProject(parser, {
    fixFor: () => ({ ok: true, fix: { title: 'Add select_related("customer")', safety: "safe", edits: [edit] } }),
  });
}

test("has exactly the documented shape", () => {
  expect(JSON.parse(JSON.stringify(report(shop())))).toEqual({
    version: 1,
    findings: [
      {
        id: "n1-0001",
        rule: "n-plus-one",
        severity: "warning",
        confidence: "likely",
        stale: false,
        message: "100 of 100 orders each loaded customer.",
        file: viewsPath,
        line: 8,
        column: 22,
        evidence: { scope: "GET /orders/", queries: 101, instances: 100, rows: 100, sqlTimeMs: 12.1 },
        site: { file: viewsPath, line: 5 },
        coveringTests: ["shop/tests.py::test_list"],
        fix: { title: 'Add select_related("customer")', safety: "safe", edits: [edit] },
        withheld: null,
      },
    ],
    scopes: [
      {
        id: `request|${testId}|call|1`,
        kind: "request",
        test: testId,
        method: "GET",
        route: "/orders/",
        view: "shop.views.order_list",
        queries: 202,
        sqlTimeMs: 30.401,
        duplicates: 198,
      },
    ],
  });
});

test("a stale finding has no fix, and keeps a place", () => {
  const project = shop();
  project.edit(viewsPath, "pass\n");
  expect(report(project).findings).toMatchObject([
    { stale: true, fix: null, file: viewsPath, line: 8, site: { line: 5 } },
  ]);
});

test("a queryset that is written nowhere leaves the firing place as the site", () => {
  const project = shopProject(parser, {
    findings: (shop) => [findingAt(shop.placeOf(templatePath, "{{ order.address.city }}"))],
  });
  expect(report(project).findings).toMatchObject([
    { file: templatePath, line: 3, column: 7, site: { file: templatePath, line: 3 }, fix: null },
  ]);
});

test("reads well in a terminal", () => {
  expect(reportText(report(shop()), "1 test recorded")).toBe(`1 finding; 1 test recorded.

shop/views.py:8:22  warning  n-plus-one  n1-0001
  100 of 100 orders each loaded customer.
  101 queries in GET /orders/, 12 ms SQL; 100 of 100 rows
  the queryset: shop/views.py:5
  covered by shop/tests.py::test_list
  fix (safe): Add select_related("customer")

Endpoints by queries:
     202  GET /orders/ (198 of them repeat a statement)

querysight fix --all applies the safe fixes; querysight fix <id> applies one.
`);
});

test("lets no escape sequence of a trace reach the terminal", () => {
  const project = shopProject(parser, {
    findings: (shop) => [
      findingAt(shop.placeOf(viewsPath, "order.customer"), { message: "\u001b[31mred\u0007\n\u001b]0;title\u0007" }),
    ],
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
  expect(reportText(report(project), "")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
