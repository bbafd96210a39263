import { beforeAll, describe, expect, test } from "vitest";
import { createTestProject, type TestProject } from "../features/testing.ts";
import {
  shopProject,
  template,
  templatePath,
  testId,
  testPath,
  tests,
  views,
  viewsPath,
} from "../features/testingShop.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import type { TextEdit } from "../text/range.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { affectedBy } from "./affected.ts";
import { snapshotBefore, snapshotOf } from "./snapshot.ts";

let parser: PythonParser;
let shop: TestProject;
beforeAll(async () => {
  parser = await createPythonParser();
  shop = shopProject(parser);
});

const at = (file: string, text: string, code: string): TextEdit => ({ file, range: rangeOf(text, code), newText: "x" });
const behind = (file: string, text: string, code: string): TextEdit => {
  const { end } = rangeOf(text, code);
  return { file, range: { start: end, end }, newText: "\n    pass" };
};

describe("the tests that run an edited statement", () => {
  test.each([
    ["the queryset", () => at(viewsPath, views, "all()")],
    ["the loop's body", () => at(viewsPath, views, "order.customer.name")],
    ["a statement that asks nothing", () => at(viewsPath, views, "names = []")],
    ["a new line in the function", () => behind(viewsPath, views, "names = []")],
    ["a tag of the template", () => at(templatePath, template, "order.address.city")],
    ["text of the template", () => at(templatePath, template, "<ul>")],
    ["the test itself", () => at(testPath, tests, 'client.get("/orders/")')],
  ])("%s", (_, edit) => {
    const { scopes, tests } = affectedBy(shop, [edit()]);
    expect([scopes.size, tests]).toEqual([1, [testId]]);
  });

  test("nothing runs what was never recorded", () => {
    expect(affectedBy(shop, [at("shop/other.py", "a = 1", "a")]).tests).toEqual([]);
  });
});

const two = `from shop.models import Order


class Views:
    def orders(self):
        return list(Order.objects.all())

    def shipped(self):
        return list(Order.objects.filter(shipped=True))
`;

/** Each of two functions is run by a test of its own, the set-up of a class runs one of them, too. */
function apart(outcome: "passed" | "failed" = "passed"): TestProject {
  const segment = new SegmentBuilder();
  const file = segment.file("a.py", two);
  const cause = segment.cause("queryset", { model: "shop.Order", api: "iterate" });
  const run = (test: string, code: string, qualname: string, phase: "call" | "class" = "call"): void => {
    const site = segment.siteAt(file, code, { qualname });
    const scope = segment.scope({ test, phase });
    segment.row(scope, { stack: segment.stack(site), cause, statement: segment.statement(`SELECT ${code}`) });
    segment.endScope(scope);
  };
  run("t.py::A::test_a[1::2]", "Order.objects.all()", "Views.orders");
  run("t.py::test_b", "Order.objects.filter(shipped=True)", "Views.shipped");
  run("t.py::C", "Order.objects.all()", "Views.orders", "class");
  run("t.py::C::test_c", "Order.objects.filter(shipped=True)", "Views.shipped");
  segment.test("t.py::A::test_a[1::2]").test("t.py::test_b", outcome).test("t.py::C::test_c");
  return createTestProject({ parser, segments: [segment.end()], files: { "a.py": two } });
}

describe("no more and no fewer tests than run it", () => {
  const tests = (...edits: readonly TextEdit[]) => affectedBy(apart(), edits).tests;

  test("a class's set-up stands for all tests of the class", () => {
    expect(tests(at("a.py", two, "all()"))).toEqual(["t.py::A::test_a[1::2]", "t.py::C::test_c"]);
    expect(tests(at("a.py", two, "shipped=True"))).toEqual(["t.py::C::test_c", "t.py::test_b"]);
  });

  test("a new line in a class concerns all that the class runs, an import nobody besides", () => {
    const all = ["t.py::A::test_a[1::2]", "t.py::C::test_c", "t.py::test_b"];
    expect(tests(behind("a.py", two, "class Views:"))).toEqual(all);
    const imported = { ...behind("a.py", two, "import Order"), newText: "\nfrom shop.models import Item" };
    expect(tests(imported)).toEqual(all);
    expect(tests(imported, at("a.py", two, "shipped=True"))).toEqual(["t.py::C::test_c", "t.py::test_b"]);
  });

  test("snapshots say what was touched, and how each test ended", () => {
    const project = apart("failed");
    const affected = affectedBy(project, [at("a.py", two, "shipped=True")]);
    const before = snapshotBefore(project, affected);
    expect(before.outcomes.get("t.py::test_b")).toBe("failed");
    expect(before.scopes).toMatchObject([
      { test: "t.py::test_b", touched: true, queries: 1, outcome: "failed", stale: false },
      { test: "t.py::C::test_c", touched: true, queries: 1, outcome: "passed", stale: false },
    ]);
    const run = project.reader.summary().runs[0]?.id ?? "";
    expect(snapshotOf(project, run, ["t.py::test_b"]).scopes.map(({ test }) => test)).toEqual(["t.py::test_b"]);

    project.edit("a.py", applyEdits(two, [{ range: rangeOf(two, "shipped=True"), newText: "shipped=False" }]));
    expect(snapshotBefore(project, affected).scopes).toMatchObject([{ stale: true }, { stale: true }]);
  });
});
