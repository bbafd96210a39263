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
  /** One site of a file with seven queries. */
  const recorded = (path: string, text: string, code: string, qualname: string) => {
    const segment = new SegmentBuilder("20260101T000000Z-1-aaaa");
    const file = segment.file(path, text);
    const scope = segment.scope({ kind: "test", test: testPath, phase: "call" });
    segment.row(scope, {
      stack: segment.stack(segment.siteAt(file, code, { qualname, functionLine: 1 })),
      cause: segment.cause("queryset", { model: "shop.Order" }),
      statement: segment.statement("SELECT 1"),
      count: 7,
    });
    segment.endScope(scope).test(testPath).collected([testPath], false).end();
    return createTestProject({ parser, files: { [path]: text }, segments: [segment] });
  };

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

  test("stands above no tag that nothing ends, whose body cannot be told from what follows it", () => {
    const project = shopProject(parser);
    project.edit(templatePath, `{% for q in r %}\n${template}`);
    expect(lenses(project, templatePath)).toEqual([expect.stringMatching(/^3: executes 100 queries/)]);
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
    const elsewhere = { ...project, asFound: () => [{ ...finding, shownBy: new Set([-1]) }] };
    const guessed = { ...project, asFound: () => [{ ...finding, confidence: "suspected" as const }] };
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

  test("keeps what a statement of its body asked that is being edited, as an old number, and says which", () => {
    const project = shopProject(parser);
    const loop = (line: number, edited: number) =>
      `${line}: executed 101 queries · recorded before an edit in shop/views.py:${edited} · 100x order.customer (N+1) · 10 ms SQL`;
    for (const instead of ["order.customer.title", "order.cust", "f(", "order.customer.name, order"]) {
      project.edit(viewsPath, views.replace("order.customer.name", instead));
      expect(lenses(project, viewsPath).at(1)).toBe(loop(7, 8));
    }
    project.edit(viewsPath, `import a\n${views.replace("        names.append(order.customer.name)", "        pass")}`);
    expect(lenses(project, viewsPath).at(1)).toBe(loop(8, 9));
    project.edit(viewsPath, views);
    expect(lenses(project, viewsPath).at(1)).toMatch(/^7: executes 101 queries · 100x/);
  });

  test("is gone with its statement", () => {
    const project = shopProject(parser);
    const [start, end] = [views.indexOf("    for order"), views.indexOf("    return")];
    project.edit(viewsPath, views.slice(0, start) + views.slice(end));
    expect(lenses(project, viewsPath)).toEqual([expect.stringMatching(/^5: 1 query/)]);
    project.edit(viewsPath, views.replace("for order in orders:", "for order in orders[:10]:"));
    expect(lenses(project, viewsPath)[1]).toMatch(
      /^7: executed 100 queries · recorded before an edit in shop\/views\.py:7 · /,
    );
  });

  test("is fresh through edits that change nothing that it rests on", () => {
    const edits = [
      views.replace("names = []", "names = list()"),
      `${views}\n\ndef other(request):\n    return 1\n`,
      views.replace("Order.objects.all()", "(\n        Order.objects\n        .all()  # every one\n    )"),
      views.replace('"orders.html"', "'orders.html'").replace(/ {4}/g, "\t").replace(/\n/g, "\r\n"),
      views.replace("    orders =", "    if request.user:\n      orders ="),
      views.replace("def order_list", "def all_orders"),
    ];
    const project = shopProject(parser, { findings: () => [] });
    for (const edited of edits) {
      project.edit(viewsPath, edited);
      expect(lenses(project, viewsPath)[1]).toMatch(/^\d+: executes 101 queries · 100x order\.customer/);
    }
  });

  test("a newer recording of another test comes before an old number", () => {
    const edited = views.replace("order.customer.name", "order.customer_name");
    const old = { run: "20260101T000000Z-1-aaaa", customers: 100 };
    const project = shopProject(parser, old);
    project.edit(viewsPath, edited);
    expect(lenses(project, viewsPath)[1]).toMatch(/^7: executed 101 queries/);
    const segment = new SegmentBuilder("20260102T000000Z-1-bbbb");
    const file = segment.file(viewsPath, edited);
    const header = segment.siteAt(file, "orders", { qualname: "order_list", functionLine: 4, occurrence: 2 });
    const scope = segment.scope({ kind: "test", test: "shop/tests.py::test_other", phase: "call" });
    segment.row(scope, {
      stack: segment.stack(header),
      cause: segment.cause("queryset", { model: "shop.Order" }),
      statement: segment.statement("SELECT 1"),
      rows: 7,
    });
    segment.endScope(scope).test("shop/tests.py::test_other").collected(["shop/tests.py::test_other"], false).end();
    project.record(segment, { state: "partial" });
    expect(lenses(project, viewsPath)[1]).toMatch(/^7: executes 1 query · /);
  });

  test("takes in nothing of the functions behind it while a string stands open in its body", () => {
    const path = "shop/services.py";
    const text = `def first(orders):
    for order in orders:
        order.customer
        print(order)


def second():
    """All of them."""
    return list(Order.objects.all())
`;
    const segment = new SegmentBuilder("20260101T000000Z-1-aaaa");
    const file = segment.file(path, text);
    const scope = segment.scope({ kind: "test", test: testPath, phase: "call" });
    const asked = (code: string, qualname: string, count: number): void => {
      segment.row(scope, {
        stack: segment.stack(segment.siteAt(file, code, { qualname, functionLine: 1 })),
        cause: segment.cause("foreign_key", { model: "shop.Order", field: "customer" }),
        statement: segment.statement(`SELECT ${count}`),
        count,
      });
    };
    asked("order.customer", "first", 5);
    asked("list(Order.objects.all())", "second", 7);
    segment.endScope(scope).test(testPath).collected([testPath], false).end();
    const project = createTestProject({ parser, files: { [path]: text }, segments: [segment] });
    expect(lenses(project, path)[0]).toMatch(/^2: executes 5 queries/);
    for (const typed of ['"""', "'''", '"""words', "(", "x = [", "f'{"]) {
      project.edit(path, text.replace("        print", `        ${typed}\n        print`));
      const [first = ""] = lenses(project, path);
      expect([typed, first]).toEqual([typed, expect.stringMatching(/^$|^2: execute[sd] 5 queries/)]);
    }
  });

  test("that asked nothing takes in nothing of the functions that an open string hides", () => {
    const path = "shop/services.py";
    const text = `def first(orders):
    for order in orders:
        print(order)
        order.customer


def second():
    return list(Order.objects.all())


def third():
    """One."""
    return 1
`;
    const project = recorded(path, text, "list(Order.objects.all())", "second");
    for (const typed of ['"""', "'''", "("]) {
      project.edit(path, text.replace("        print", `        ${typed}\n        print`));
      expect([typed, lenses(project, path)]).toEqual([typed, [expect.stringMatching(/^9: 7 queries/)]]);
    }
  });

  test("keeps what is hidden of its own body by what is being typed", () => {
    const path = "shop/services.py";
    const text = `def first(orders):
    for order in orders:
        print(order)
        order.customer
`;
    const project = recorded(path, text, "order.customer", "first");
    for (const typed of ["total(", "x = [", '"""']) {
      project.edit(path, text.replace("        print", `        ${typed}\n        print`));
      expect([typed, lenses(project, path)[0]]).toEqual([typed, expect.stringMatching(/^2: executes 7 queries/)]);
    }
  });

  test.each([
    "key = one if two else three",
    "key = (one if two else three)",
    "key = lambda a, b: a",
    "key = f'{one!r:>{width}}'",
    "x = {**one, 'a': [two if three else four for five in six]}",
    '"""what it does"""',
    "case [a, *b]:",
    "<<<<<<< HEAD",
  ])("has its own number or none while %s is typed before it", (typed) => {
    const project = shopProject(parser);
    for (const line of ["    for order in orders:\n", "    orders = Order", "def order_list"]) {
      for (const indent of ["    ", ""]) {
        for (let length = 1; length <= typed.length; length++) {
          const edited = views.replace(line, `${indent}${typed.slice(0, length)}\n${line}`);
          project.edit(viewsPath, edited);
          const at = edited.split("\n").findIndex((each) => each.includes("for order in orders")) + 1;
          const shown = lenses(project, viewsPath).find((lens) => lens.startsWith(`${at}: `)) ?? "none";
          expect([edited, shown]).toEqual([edited, expect.stringMatching(/none|: execute[sd] 101 queries · /)]);
          if (indent !== "" && /if|lambda/.test(typed)) expect([edited, shown]).not.toEqual([edited, "none"]);
        }
      }
    }
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

  /** Called by the test itself so many times, and so many by a factory: one of factory_boy, or a function of a file that is named for it. */
  function calledBy(factory: "class" | "file", byTest: number, byFactory: number): Project {
    const segment = new SegmentBuilder();
    const files = {
      "shop/services.py": text,
      "shop/tests/factories/orders.py": "def make():\n    pass\n",
      "shop/tests/test_orders.py": "class OrderFactory:\n    pass\n",
    };
    const [file = 0, factories = 0, library = 0] = Object.entries(files).map((each) => segment.file(...each));
    const load = segment.siteAt(file, "o.customer", { qualname: "names", functionLine: 1 });
    const made =
      factory === "file"
        ? segment.siteAt(factories, "pass", { qualname: "make", functionLine: 1 })
        : segment.site(library, { kind: "factory", qualname: "OrderFactory", line: 1, token: "Order" });
    const test = "shop/tests/test_orders.py::test_names";
    const scope = segment.scope({ kind: "test", test, phase: "call" });
    const cause = segment.cause("foreign_key", { model: "shop.Order", field: "customer" });
    const statement = segment.statement("SELECT 1");
    if (byTest > 0) segment.row(scope, { stack: segment.stack(load), cause, statement, count: byTest });
    segment.row(scope, { stack: segment.stack(made, load), cause, statement, count: byFactory });
    segment.endScope(scope).test(test).collected([test], false).end();
    return createTestProject({ parser, files, segments: [segment] });
  }

  test.each(["class", "file"] as const)("what factories ask in a test's body is set-up too (%s)", (factory) => {
    expect(lenses(calledBy(factory, 3, 50), "shop/services.py")).toEqual([
      "2: executes 3 queries · 3x order.customer · <0.1 ms SQL",
    ]);
    expect(lenses(calledBy(factory, 0, 50), "shop/services.py")).toEqual([
      "2: executes 50 queries in test set-up · 50x order.customer · 0.1 ms SQL",
    ]);
  });
});

describe("a loop that is run more than once in a scope", () => {
  const path = "shop/services.py";
  const text = `def report(customers):
    for customer in customers:
        for order in customer.orders.all():
            print(order.address)
`;

  /** @param orders of each customer */
  function recorded(orders: readonly number[], rest = 0): Project {
    const segment = new SegmentBuilder();
    const file = segment.file(path, text);
    const site = { qualname: "report", functionLine: 1 };
    const inner = segment.siteAt(file, "customer.orders.all()", site);
    const load = segment.siteAt(file, "order.address", site);
    const scope = segment.scope({ kind: "test", test: "t.py::test_a", phase: "call" });
    const entered = segment.row(scope, {
      stack: segment.stack(inner),
      construction: segment.construction(segment.stack(inner), inner),
      cause: segment.cause("reverse_foreign_key", { model: "shop.Customer", field: "orders" }),
      statement: segment.statement("SELECT 1"),
      count: orders.length,
    });
    const loaded = segment.row(scope, {
      stack: segment.stack(load),
      cause: segment.cause("foreign_key", { model: "shop.Order", field: "address" }),
      statement: segment.statement("SELECT 2"),
      parent: entered,
      count: orders.reduce((a, b) => a + b, 0),
    });
    const order = orders.flatMap((count) => [
      [1, entered],
      [count, loaded],
    ]);
    const queries = orders.reduce((a, b) => a + b, orders.length);
    segment.add("scopeEnd", { scope, queries, sqlNs: 0, status: null, order, orderRest: rest });
    segment.test("t.py::test_a").collected(["t.py::test_a"]).end();
    return createTestProject({ parser, files: { [path]: text }, segments: [segment] });
  }

  test("tells what a run costs", () => {
    expect(lenses(recorded([1, 9, 2]), path)).toEqual([
      "2: executes 15 queries · 12x order.address · <0.1 ms SQL",
      "3: executes 15 queries · up to 10 per run, 3 runs · 12x order.address · <0.1 ms SQL",
    ]);
    expect(lenses(recorded([9, 9, 9]), path)[1]).toBe(
      "3: executes 30 queries · 10 per run, 3 runs · 27x order.address · <0.1 ms SQL",
    );
  });

  test("tells the mean where not all executions were written down, and nothing of a single run", () => {
    expect(lenses(recorded([1, 9, 2], 40), path)[1]).toMatch(/^3: executes 15 queries · about 5 per run, 3 runs · /);
    expect(lenses(recorded([9]), path)[1]).toBe("3: executes 10 queries · 9x order.address · <0.1 ms SQL");
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

describe("a loop around what was recorded", () => {
  const shown = (edited: string) => {
    const project = shopProject(parser, { findings: () => [] });
    project.edit(viewsPath, edited);
    return lenses(project, viewsPath);
  };
  const loop = "    for order in orders:\n        names.append(order.customer.name)\n";
  const note = (line: number) => `recorded before an edit in shop/views.py:${line}`;

  test("is named where its header was edited, though it asks nothing itself", () => {
    const project = shopProject(parser, { findings: () => [] });
    const recorded = views.replace(loop, `    for step in steps:\n${loop.replace(/^/gm, "    ").trimEnd()}\n`);
    expect(recorded).toContain("        for order in orders:");
    const again = shopProject(parser, { findings: () => [], recorded });
    again.edit(viewsPath, recorded.replace("in steps:", "in steps[:1]:"));
    expect(lenses(again, viewsPath).join("\n")).toContain(note(7));
    again.edit(viewsPath, recorded.replace("for step in steps:", "while False:"));
    expect(lenses(again, viewsPath).join("\n")).toContain(note(7));
    expect(lenses(project, viewsPath).join("\n")).not.toContain("recorded before");
  });

  test("is named where it was written since", () => {
    const [, outer, inner] = shown(
      views.replace(loop, `    for attempt in range(3):\n${loop.replace(/^(?=.)/gm, "    ")}`),
    );
    expect(outer).toMatch(`7: executed 101 queries · ${note(7)}`);
    expect(inner).toMatch(`8: executed 101 queries · ${note(7)}`);
  });

  test("is missed where it was taken away", () => {
    const gone = shown(views.replace(loop, "    names.append(order.customer.name)\n"));
    expect(gone.join("\n")).not.toMatch(/executes/);
  });

  test("in a template as well", () => {
    const project = shopProject(parser, { findings: () => [] });
    project.edit(templatePath, `{% for part in parts %}\n${template}{% endfor %}\n`);
    const all = lenses(project, templatePath);
    expect(all.length).toBeGreaterThan(0);
    for (const each of all) expect(each).toContain("recorded before an edit in shop/templates/orders.html:1");
  });

  test("is another one where what it ran stands in its else now", () => {
    const [, list] = shown(
      views.replace(
        loop,
        "    for order in orders:\n        pass\n    else:\n        names.append(order.customer.name)\n",
      ),
    );
    expect(list).toBe("7: executes 1 query · 0.4 ms SQL");
    const project = shopProject(parser, { findings: () => [] });
    project.edit(templatePath, template.replace("  <li>", "{% empty %}\n  <li>"));
    expect(lenses(project, templatePath)).toEqual([
      expect.stringMatching(/^2: executed 100 queries · recorded before an edit in .*:4/),
    ]);
  });

  test("has nothing to do with functions that it only defines", () => {
    const wrapped = `for name in names:\n${views.replace(/^(?=.)/gm, "    ")}`;
    const project = shopProject(parser, { findings: () => [], recorded: wrapped });
    project.edit(viewsPath, wrapped);
    expect(lenses(project, viewsPath)).toEqual([
      expect.stringMatching(/^6: 1 query/),
      expect.stringMatching(/^8: executes 101 queries/),
    ]);
  });

  test.each([
    ["    orders = orders.select_related('customer')\n", loop],
    ["    names, orders = [], [*orders]\n", loop],
    ["    orders: list = list(orders)\n", loop],
    ["    rest = orders = orders.filter(paid=True)\n", loop],
    ["", `${loop}        if names:\n            break\n`],
    ["", loop.replace("        names", "        if order.isSkipped:\n            continue\n        names")],
  ])("is old where what it goes through, or how far, was written since: %j %j", (before, after) => {
    const lens = shown(views.replace(loop, before + after)).find((each) => each.includes("101"));
    expect(lens).toMatch(/executed 101 queries · recorded before an edit in shop.views.py:\d+/);
  });

  test.each([
    ["    total = 0\n", loop],
    ["    self.orders = orders\n", loop],
    ["    print(orders)\n", loop],
    ["", `${loop}    orders = None\n`],
    ["", `${loop}    return names\n`],
    ["", loop.replace("        names", "        if order.id:\n            names")],
    ["", loop.replace(/^ {8}names/m, "        order.seen = True\n        names")],
  ])("is as it was where other things were: %j %j", (before, after) => {
    const lens = shown(views.replace(loop, before + after)).find((each) => each.includes("101"));
    expect(lens).toMatch(/executes 101 queries · 100x/);
  });

  test("is old where an assignment to what it reads was taken away", () => {
    const project = shopProject(parser, {
      findings: () => [],
      recorded: views.replace("        names.append", "        order = order.parent\n        names.append"),
    });
    expect(lenses(project, viewsPath).find((each) => each.includes("101"))).toMatch(
      /executed 101 queries · recorded before/,
    );
  });
});
