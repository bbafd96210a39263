import type { Scope } from "../trace/model.ts";

/** `shop.OrderItem` as words: `order item`. */
export function modelWords(label: string | null): string {
  const name = label === null ? "row" : label.slice(label.lastIndexOf(".") + 1);
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase();
}

export function plural(words: string): string {
  if (/(s|x|z|ch|sh)$/.test(words)) return `${words}es`;
  return /[^aeiou]y$/.test(words) ? `${words.slice(0, -1)}ies` : `${words}s`;
}

/** `1 query`, `100 queries`. */
export function quantity(count: number, singular: string): string {
  return `${number.format(count)} ${count === 1 ? singular : plural(singular)}`;
}

/** An attribute as words: `created_by` is `created by`, `comment_set` is `comments`. */
export function attributeWords(attribute: string): string {
  const words = attribute.endsWith("_set") ? plural(attribute.slice(0, -"_set".length)) : attribute;
  return words.replaceAll("_", " ").trim();
}

/** Where a person sees it: `GET /orders/`, a test's name, a command's. */
export function scopeWords(scope: Scope): string {
  if (scope.kind === "request" || scope.kind === "server") return requestWords(scope);
  if (scope.test !== null) return scope.test.split("::").slice(1).join("::") || scope.test;
  return scope.label ?? scope.kind;
}

/** Stable over recordings: `GET /orders/ in shop/tests/test_orders.py::OrderListTests::test_all`. */
export function scopeDescription(scope: Scope): string {
  if (scope.kind === "test" && scope.test !== null) return scope.test;
  const words = scopeWords(scope);
  return scope.test === null ? words : `${words} in ${scope.test}`;
}

function requestWords({ method, route, path, label }: Scope): string {
  return `${method ?? "GET"} ${route ?? path ?? label ?? "/"}`;
}

const number = new Intl.NumberFormat("en-US");

export function formatNumber(count: number): string {
  return number.format(count);
}
