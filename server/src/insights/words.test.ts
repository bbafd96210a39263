import { describe, expect, it } from "vitest";
import type { Scope } from "../trace/model.ts";
import { withoutImplied } from "./eagerLookup.ts";
import type { EagerLookup } from "./finding.ts";
import { TestFiles } from "./testFiles.ts";
import { attributeWords, modelWords, plural, quantity, scopeDescription } from "./words.ts";

describe("words", () => {
  it.each([
    ["shop.OrderItem", "order item"],
    ["hr.HTTPLog", "http log"],
    ["shop.Order", "order"],
    [null, "row"],
  ])("%s is %s", (label, words) => expect(modelWords(label)).toBe(words));

  it.each([
    ["order", "orders"],
    ["category", "categories"],
    ["address", "addresses"],
    ["day", "days"],
    ["branch", "branches"],
  ])("several %s are %s", (one, many) => expect(plural(one)).toBe(many));

  it.each([
    ["comment_set", "comments"],
    ["created_by", "created by"],
    ["customer", "customer"],
  ])("%s reads %s", (attribute, words) => expect(attributeWords(attribute)).toBe(words));

  it("writes quantities", () => {
    expect([quantity(1, "extra query"), quantity(1200, "extra query")]).toEqual([
      "1 extra query",
      "1,200 extra queries",
    ]);
  });
});

describe("scopes", () => {
  const nothing: Scope = {
    id: 1,
    kind: "test",
    test: "shop/tests.py::Orders::test_all",
    phase: "call",
    ordinal: 0,
    parentId: null,
    method: null,
    path: null,
    route: null,
    view: null,
    label: null,
    status: null,
    queries: 0,
    sqlNs: 0,
    run: "",
    recordedAt: 0,
  };
  const inTest = "in shop/tests.py::Orders::test_all";
  it.each<[string, Partial<Scope>, string]>([
    ["a test", {}, "shop/tests.py::Orders::test_all"],
    ["a request", { kind: "request", method: "GET", path: "/1/", route: "/<pk>/" }, `GET /<pk>/ ${inTest}`],
    [
      "a GraphQL request",
      { kind: "request", method: "POST", route: "/graphql/", label: "OrderList" },
      `POST /graphql/ OrderList ${inTest}`,
    ],
    ["a request without a view", { kind: "request", method: "GET", path: "/1/" }, `GET /1/ ${inTest}`],
    [
      "a called view",
      { kind: "request", method: "GET", path: "/", view: "shop.views.all" },
      `GET shop.views.all ${inTest}`,
    ],
    ["a task in a test", { kind: "task", label: "shop.tasks.send" }, `shop.tasks.send ${inTest}`],
    ["a command", { kind: "command", label: "sync", test: null, phase: null }, "sync"],
  ])("names %s", (_what, members, words) => expect(scopeDescription({ ...nothing, ...members })).toBe(words));
});

describe("test files", () => {
  const files = new TestFiles([]);
  it.each([
    "conftest.py",
    "shop/tests/base.py",
    "shop/tests.py",
    "shop/test_views.py",
    "shop/views_test.py",
    "sampledata/factories.py",
  ])("%s is one", (path) => expect(files.has(path)).toBe(true));
  it.each(["shop/views.py", "shop/testimonials.py", "contest.py", "shop/latest.py", "templates/tests_list.html"])(
    "%s is none",
    (path) => expect(files.has(path)).toBe(false),
  );
});

describe("lookups that others bring along", () => {
  const select = (path: string): EagerLookup => ({ how: "select_related", path });
  const prefetch = (path: string): EagerLookup => ({ how: "prefetch_related", path });

  it("leaves out prefixes of the same kind, and repetitions", () => {
    expect(
      withoutImplied([prefetch("items__product"), select("customer"), prefetch("items"), select("customer")]),
    ).toEqual([select("customer"), prefetch("items__product")]);
  });

  it("keeps a join below which something is prefetched, and names that only begin alike", () => {
    const lookups = [select("customer"), select("customer_group"), prefetch("customer__orders")];
    expect(withoutImplied(lookups)).toEqual(lookups);
  });
});
