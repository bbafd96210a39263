import { describe, expect, it } from "vitest";
import { withoutImplied } from "./eagerLookup.ts";
import type { EagerLookup } from "./finding.ts";
import { TestFiles } from "./testFiles.ts";
import { attributeWords, modelWords, plural, quantity } from "./words.ts";

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
