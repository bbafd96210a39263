import type { Scope, Site, SiteKind } from "../trace/model.ts";

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

const declarations: ReadonlySet<SiteKind> = new Set(["serializer", "admin", "graphql"]);

/** `field customer of OrderSerializer`, where a library's frame acts for a field that is declared at the site; else null. */
export function fieldWords(site: Site | null): string | null {
  if (site === null || site.token === null || !declarations.has(site.kind)) return null;
  const { token, qualname } = site;
  return `field ${token} of ${qualname.slice(qualname.lastIndexOf(".") + 1)}`;
}

/** Where a person sees it: `GET /orders/`, a test's name, a command's. */
export function scopeWords(scope: Scope): string {
  if (scope.kind === "request" || scope.kind === "server") return requestWords(scope);
  if (scope.kind !== "test" && scope.label !== null) return scope.label;
  if (scope.test !== null) return scope.test.split("::").slice(1).join("::") || scope.test;
  return scope.label ?? scope.kind;
}

/** Stable over recordings: `GET /orders/ in shop/tests/test_orders.py::OrderListTests::test_all`. */
export function scopeDescription(scope: Scope): string {
  if (scope.kind === "test" && scope.test !== null) return scope.test;
  const words = scopeWords(scope);
  return scope.test === null ? words : `${words} in ${scope.test}`;
}

/**
 * `GET /orders/`; with the GraphQL operation, where the request named one: `POST /graphql/ OrderList`. A view that a test called itself
 * has no route, and the path that it was given means nothing.
 */
export function requestWords({ method, route, view, path, label }: Scope): string {
  const words = `${method ?? "GET"} ${route ?? view ?? path ?? "/"}`;
  return label === null ? words : `${words} ${label}`;
}

const number = new Intl.NumberFormat("en-US");

export function formatNumber(count: number): string {
  return number.format(count);
}
