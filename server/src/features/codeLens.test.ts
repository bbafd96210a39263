import { beforeAll, describe, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { codeLenses } from "./codeLens.ts";
import type { Project } from "./project.ts";
import { createTestProject } from "./testing.ts";
import { shopProject, template, templatePath, testPath, views, viewsPath } from "./testingShop.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** `line: title`, lines from 1. */
function lenses(project: Project, path: string): readonly string[] {
  return codeLenses(project, path).map(({ range, title }) => `${range.start.line + 1}: ${title}`);
}

describe("a lens above a loop", () => {
  test("counts header and body, then says why", () => {
    expect(lenses(shopProject(parser), viewsPath)).toEqual([
      "5: 1 query · 100 rows · 0.4 ms · its rows load 100 more, one by one (N+1)",
      "7: executes 101 queries · 100x order.customer (N+1) · 10 ms SQL",
    ]);
  });

  test("stands above a template's for tag", () => {
    expect(lenses(shopProject(parser), templatePath)).toEqual([
      "2: executes 100 queries · 100x order.address · 20 ms SQL",
    ]);
  });

  test("says what a verified fix changed, while its number still holds", () => {
    const project = (after: number) => ({
      ...shopProject(parser),
      measuredBefore: () => new Map([["6:4", { before: 1_001, after }]]),
    });
    expect(lenses(project(101), viewsPath)[1]).toMatch(/^7: executes 1,001 -> 101 queries · /);
    expect(lenses(project(100), viewsPath)[1]).toMatch(/^7: executes 101 queries · /);
  });

  test("leads to the load and to the queryset", () => {
    const [, loop] = codeLenses(shopProject(parser), viewsPath);
    expect(loop?.places.map(({ label, place }) => `${label} ${place.path}:${place.site.line}`)).toEqual([
      "100x order.customer shop/views.py:8",
      "the queryset that loads the rows shop/views.py:5",
      "1x Order shop/views.py:7",
    ]);
  });

  test("calls no load an N+1 that the finding does not rest on, or that is merely suspected", () => {
    const project = shopProject(parser);
    const [finding] = project.findings();
    if (finding === undefined) throw new Error("The shop has a finding.");
    const elsewhere = { ...project, findings: () => [{ ...finding, shownBy: new Set([-1]) }] };
    const guessed = { ...project, findings: () => [{ ...finding, confidence: "suspected" as const }] };
    for (const shop of [elsewhere, guessed]) {
      expect(lenses(shop, viewsPath)).toEqual([
        "5: 1 query · 100 rows · 0.4 ms",
        "7: executes 101 queries · 100x order.customer · 10 ms SQL",
      ]);
    }
  });

  test("moves with its statement", () => {
    const project = shopProject(parser);
    project.edit(viewsPath, `# a remark\n${views}`);
    expect(lenses(project, viewsPath).at(1)).toBe("8: executes 101 queries · 100x order.customer (N+1) · 10 ms SQL");
  });

  test("says so where a statement under it was edited", () => {
    const project = shopProject(parser);
    project.edit(viewsPath, views.replace("Order.objects.all()", 'Order.objects.select_related("customer")'));
    expect(lenses(project, viewsPath)).toEqual([
      "7: executed 101 queries · recorded before an edit in shop/views.py:5 · 100x order.customer (N+1) · 10 ms SQL",
    ]);
  });

  test("says so where the edit is in the queryset that the rows come from, in another file", () => {
    const project = shopProject(parser);
    project.edit(viewsPath, views.replace("Order.objects.all()", 'Order.objects.select_related("address")'));
    expect(lenses(project, templatePath)).toEqual([
      "2: executed 100 queries · recorded before an edit in shop/views.py:5 · 100x order.address · 20 ms SQL",
    ]);
  });

  test("says so where the edit is in the test that made the request", () => {
    const project = shopProject(parser);
    project.edit(testPath, 'def test_list(client):\n    client.get("/orders/?page=2")\n');
    expect(lenses(project, templatePath)).toEqual([
      "2: executed 100 queries · recorded before an edit in shop/tests.py:2 · 100x order.address · 20 ms SQL",
    ]);
  });

  test("says so where the loop's own tag was edited, and is gone with its body", () => {
    const project = shopProject(parser);
    const edited = template.replace("for order in orders", "for order in page");
    project.edit(templatePath, edited);
    expect(lenses(project, templatePath)).toEqual([
      "2: executed 100 queries · recorded before an edit in shop/templates/orders.html:2 · 100x order.address · 20 ms SQL",
    ]);
    project.edit(templatePath, edited.replace("order.address.city", "order.id"));
    expect(lenses(project, templatePath)).toEqual([]);
  });

  test("shows text of the trace as text", () => {
    const project = shopProject(parser, { customerModel: "shop.$(bug)[x](command:evil)\n\u202e<b>" });
    expect(lenses(project, viewsPath).at(1)).toBe(
      "7: executes 101 queries · 100x $ (bug)[x](command:evil) <b>.customer (N+1) · 10 ms SQL",
    );
  });
});

describe("a file that nothing is known of", () => {
  test.each(["shop/models.py", "../secret.py", ""])("%j has no lenses", (path) => {
    expect(lenses(shopProject(parser), path)).toEqual([]);
  });

  test("a syntax error keeps what stands", () => {
    const project = shopProject(parser);
    project.edit(viewsPath, `${views}\n\ndef broken(:\n`);
    expect(lenses(project, viewsPath)).toHaveLength(2);
  });
});

describe("one lens a statement", () => {
  const text = "def names():\n    return [o.customer.name for o in Order.objects.all()]\n";

  function recorded(phase: "call" | "setup", count: number, run: string): SegmentBuilder {
    const segment = new SegmentBuilder(run);
    const file = segment.file("shop/services.py", text);
    const site = { qualname: "names", functionLine: 1 };
    const chain = segment.siteAt(file, "Order.objects.all()", site);
    const load = segment.siteAt(file, "o.customer", site);
    const test = `shop/tests.py::test_${phase}`;
    const scope = segment.scope({ kind: "test", test, phase });
    const root = segment.row(scope, {
      stack: segment.stack(chain),
      construction: segment.construction(segment.stack(chain), chain),
      cause: segment.cause("queryset", { model: "shop.Order" }),
      statement: segment.statement("SELECT 1"),
      rows: count,
    });
    segment.row(scope, {
      stack: segment.stack(load),
      cause: segment.cause("foreign_key", { model: "shop.Order", field: "customer" }),
      statement: segment.statement("SELECT 2"),
      parent: root,
      count,
    });
    return segment.endScope(scope).test(test).collected([test], false).end();
  }

  test("a comprehension on a query call has the loop's alone", () => {
    const files = { "shop/services.py": text };
    const project = createTestProject({ parser, files, segments: [recorded("call", 3, "20260101T000000Z-1-aaaa")] });
    expect(lenses(project, "shop/services.py")).toEqual(["2: executes 4 queries · 3x order.customer · <0.1 ms SQL"]);
  });

  test("set-up is counted apart, and only where nothing else runs it", () => {
    const files = { "shop/services.py": text };
    const setup = recorded("setup", 50, "20260101T000000Z-1-aaaa");
    const call = recorded("call", 3, "20260102T000000Z-1-aaaa");
    expect(lenses(createTestProject({ parser, files, segments: [setup, call] }), "shop/services.py")).toEqual([
      "2: executes 4 queries · 3x order.customer · <0.1 ms SQL",
    ]);
    expect(lenses(createTestProject({ parser, files, segments: [setup] }), "shop/services.py")).toEqual([
      "2: executes 51 queries in test set-up · 50x order.customer · 0.1 ms SQL",
    ]);
  });
});

test("of scopes with as many queries the one with most rows counts, not the slowest", () => {
  const text = "def all_orders():\n    return list(Order.objects.all())\n";
  const recorded = (name: string, rows: number, ns: number, run: string): SegmentBuilder => {
    const segment = new SegmentBuilder(run);
    const file = segment.file("shop/services.py", text);
    const chain = segment.siteAt(file, "Order.objects.all()", { qualname: "all_orders", functionLine: 1 });
    const test = `shop/tests.py::${name}`;
    const scope = segment.scope({ kind: "test", test, phase: "call" });
    segment.row(scope, {
      stack: segment.stack(chain),
      construction: segment.construction(segment.stack(chain), chain),
      cause: segment.cause("queryset", { model: "shop.Order" }),
      statement: segment.statement("SELECT 1"),
      rows,
      ns,
    });
    return segment.endScope(scope).test(test).collected([test], false).end();
  };
  const segments = [
    recorded("test_few", 3, 9_000_000, "20260101T000000Z-1-aaaa"),
    recorded("test_many", 40, 1_000_000, "20260102T000000Z-1-aaaa"),
  ];
  const project = createTestProject({ parser, files: { "shop/services.py": text }, segments });
  expect(lenses(project, "shop/services.py")).toEqual(["2: 1 query · 40 rows · 1.0 ms"]);
});
