import { beforeAll, expect, test } from "vitest";
import type { FixResult } from "../fixes/fix.ts";
import type { Finding, Remedy } from "../insights/finding.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { codeActions } from "./codeAction.ts";
import { findingAt, type TestProject } from "./testing.ts";
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

const edits = [{ file: viewsPath, range: rangeOf(views, "all()"), newText: 'select_related("customer")' }];

function fixed(findings: readonly Finding[]): FixResult {
  const ids = findings.map(({ id }) => id).join("+");
  return { ok: true, fix: { title: `Cure ${ids}`, safety: "safe", edits } };
}

function shop(options: ShopOptions = {}): TestProject {
  return shopProject(parser, { fixFor: fixed, ...options });
}

/** The customers' finding, and that of the addresses on the same queryset. */
function two(project: TestProject): readonly Finding[] {
  const queryset = project.placeOf(viewsPath, "Order.objects.all()");
  const cure = (path: string): Remedy => ({
    kind: "eager-load",
    chain: queryset,
    builder: null,
    lookups: [{ how: "select_related", path }],
  });
  return [
    findingAt(project.placeOf(viewsPath, "order.customer"), { id: "a", queryset, remedy: cure("customer") }),
    findingAt(project.placeOf(templatePath, "{{ order.address.city }}"), { id: "b", remedy: cure("address") }),
  ];
}

const fix = { kind: "fix", title: "Cure n1-0001", findingIds: ["n1-0001"], edits, preferred: true, verifiable: true };

test.each([
  ["where it fires", viewsPath, rangeOf(views, "customer")],
  ["on the queryset's line", viewsPath, rangeOf(views, "orders = ")],
  ["on the loop's first line", viewsPath, rangeOf(views, "for order")],
])("is offered %s", (_, path, range) => {
  expect(codeActions(shop(), path, range, [])).toEqual([fix]);
});

test("is offered for a diagnostic's finding, wherever the request points", () => {
  expect(codeActions(shop(), testPath, rangeOf(tests, "def"), ["n1-0001"])).toEqual([fix]);
  expect(codeActions(shop(), testPath, rangeOf(tests, "def"), ["unknown"])).toEqual([]);
});

test("is not offered elsewhere", () => {
  expect(codeActions(shop(), viewsPath, rangeOf(views, "import"), [])).toEqual([]);
  expect(codeActions(shop(), viewsPath, rangeOf(views, "return"), [])).toEqual([]);
});

test("several findings on one queryset are one edit", () => {
  const project = shop({ findings: two });
  const [action, ...others] = codeActions(project, viewsPath, rangeOf(views, "orders = "), []);
  expect(others).toEqual([]);
  expect(action).toMatchObject({ title: "Cure a+b", findingIds: ["a", "b"] });
});

test("a template's finding is fixed in the view's file", () => {
  const project = shop({ findings: two });
  expect(codeActions(project, templatePath, rangeOf(template, "address"), [])).toMatchObject([
    { kind: "fix", findingIds: ["a", "b"], edits: [{ file: viewsPath }] },
  ]);
});

test("what changes behaviour is never the preferred one", () => {
  const project = shop({ fixFor: () => ({ ok: true, fix: { title: "t", safety: "changes-behaviour", edits } }) });
  expect(codeActions(project, viewsPath, rangeOf(views, "customer"), [])).toMatchObject([
    { preferred: false, verifiable: true },
  ]);
});

test("a withheld fix says what it would be, and why it is not", () => {
  const project = shop({
    fixFor: () => ({ ok: false, withheld: { reason: "It is sliced." } }),
    findings: (shop) => [
      findingAt(shop.placeOf(viewsPath, "order.customer"), {
        remedy: {
          kind: "eager-load",
          chain: shop.placeOf(viewsPath, "Order.objects.all()"),
          builder: null,
          lookups: [{ how: "select_related", path: "customer" }],
        },
      }),
    ],
  });
  expect(codeActions(project, viewsPath, rangeOf(views, "customer"), [])).toEqual([
    {
      kind: "withheld",
      title: "Load customer eagerly",
      findingIds: ["n1-0001"],
      reason: "It is sliced.",
      stale: false,
    },
  ]);
});

test("nothing is edited on a recording that an edit made old", () => {
  const project = shop();
  project.edit(viewsPath, views.replace("Order.objects.all()", "Order.objects.filter(paid=True)"));
  expect(codeActions(project, viewsPath, rangeOf(views, "order.customer"), ["n1-0001"])).toMatchObject([
    { kind: "withheld", reason: expect.stringMatching(/^Record the tests again first\. .*shop\/views\.py:5/) },
  ]);
});

test("what was merely suspected never rides along with what was seen", () => {
  const asked: string[][] = [];
  const project = shop({
    findings: (shop) =>
      two(shop).map((finding) => (finding.id === "b" ? { ...finding, confidence: "suspected" } : finding)),
    fixFor: (findings) => {
      asked.push(findings.map(({ id }) => id));
      return { ok: true, fix: { title: "Add", safety: "safe", edits: [] } };
    },
  });
  const actions = codeActions(project, viewsPath, rangeOf(views, "orders = "), []);
  expect(actions.map(({ findingIds }) => findingIds)).toEqual([["a"], ["b"]]);
  expect(asked).toEqual([["a"], ["a", "b"]]);
});

test("beside a diagnostic's fix, what silences it at its line", () => {
  const at = rangeOf(views, "customer");
  const silence = codeActions(shop(), viewsPath, at, ["n1-0001"]).find(
    ({ title }) => title === "Ignore n-plus-one here",
  );
  const end = { line: 7, character: "        names.append(order.customer.name)".length };
  expect(silence).toEqual({
    kind: "fix",
    title: "Ignore n-plus-one here",
    findingIds: ["n1-0001"],
    edits: [{ file: viewsPath, range: { start: end, end }, newText: "  # querysight: ignore[n-plus-one]" }],
    preferred: false,
    verifiable: false,
  });
});

test("beside the best cure, its alternatives", () => {
  const edit = { file: viewsPath, range: rangeOf(views, "all()"), newText: "other()" };
  const project = shop({ alternativesFor: () => [{ title: "Another way", safety: "safe", edits: [edit] }] });
  expect(codeActions(project, viewsPath, rangeOf(views, "customer"), [])).toEqual([
    fix,
    { kind: "fix", title: "Another way", findingIds: ["n1-0001"], edits: [edit], preferred: false, verifiable: true },
  ]);
});
