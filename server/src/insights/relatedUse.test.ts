import { expect, it } from "vitest";
import { createPythonParser } from "../python/parser.ts";
import {
  aggregateName,
  attributeName,
  countName,
  existsName,
  isUnfiltered,
  relatedUse,
  singular,
} from "./relatedUse.ts";

const parser = await createPythonParser();

function use(text: string, accessor = "comments") {
  const [chain] = parser.parse(text).chains;
  return chain === undefined ? null : relatedUse(chain, accessor);
}

it.each([
  ["post.comments.count()", ["count"], []],
  ["post.comments.all().filter(a=1)[:3]", ["all", "filter"], ["subscript"]],
  ['post.comments.aggregate(n=Count("x"))["n"]', ["aggregate"], ["subscript"]],
  ["await post.comments.acount()", ["acount"], ["await"]],
])("%s is taken apart", (text, calls, rest) => {
  const found = use(text);
  expect([found?.row, found?.calls.map(({ name }) => name), found?.rest.map(({ kind }) => kind)]).toEqual([
    "post",
    calls,
    rest,
  ]);
});

it.each([
  "post.tags.count()",
  "self.comments.count()",
  "a.post.comments.count()",
  "post().comments.count()",
  "posts[0].comments.count()",
  "post.comments(manager='x').count()",
  "comments.count()",
])("%s is asked of no plain name's manager", (text) => {
  expect(use(text)).toBeNull();
});

it.each([
  ["p.comments.count()", true],
  ["p.comments.all().all().count()", true],
  ["p.comments.filter(a=1).count()", false],
])("%s is unfiltered: %s", (text, unfiltered) => {
  const found = use(text);
  expect(found !== null && isUnfiltered(found)).toBe(unfiltered);
});

it.each([
  ["p.comments.count()", "comment_count", "has_comments", "selected_comments"],
  ["p.comments.filter(is_approved=True)", "approved_comment_count", "has_approved_comments", "approved_comments"],
  ['p.comments.filter(status="paid")', "paid_comment_count", "has_paid_comments", "paid_comments"],
  ["p.comments.filter(status=status)", "filtered_comment_count", "has_filtered_comments", "filtered_comments"],
  ["p.comments.filter(a=True, b=1)", "filtered_comment_count", "has_filtered_comments", "filtered_comments"],
  ["p.comments.exclude(a=True)", "filtered_comment_count", "has_filtered_comments", "filtered_comments"],
  ['p.comments.order_by("x")', "comment_count", "has_comments", "ordered_comments"],
])("%s has names that a person would give", (text, count, exists, attribute) => {
  const calls = use(text)?.calls ?? [];
  expect([countName("comments", calls), existsName("comments", calls), attributeName("comments", calls)]).toEqual([
    count,
    exists,
    attribute,
  ]);
});

it.each([
  ["comments", "comment"],
  ["comment_set", "comment"],
  ["categories", "category"],
  ["boxes", "box"],
  ["addresses", "address"],
  ["news", "new"],
  ["status", "status"],
  ["children", "children"],
])("one of %s is %s", (accessor, one) => {
  expect(singular(accessor)).toBe(one);
});

it("names an aggregate by what it is asked as", () => {
  expect(aggregateName("order_items", "quantity__sum", [])).toBe("order_item_quantity_sum");
  expect(existsName("category_set", [])).toBe("has_categories");
});
