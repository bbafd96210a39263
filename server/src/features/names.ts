import { requestWords } from "../insights/words.ts";
import type { Cause, Scope } from "../trace/model.ts";

/** What a query is for, as Python code would write it: `order.customer`, `order.items`, `Order.count()`, `raw SQL`. */
export function causeName(cause: Cause): string {
  const model = modelName(cause.model ?? cause.target);
  switch (cause.kind) {
    case "foreign_key":
    case "one_to_one":
    case "reverse_one_to_one":
    case "generic_foreign_key":
    case "deferred_field":
      return attribute(cause);
    case "reverse_foreign_key":
    case "many_to_many":
    case "generic_relation":
      return cause.api === null || cause.api === "iterate" ? attribute(cause) : `${attribute(cause)}.${cause.api}()`;
    case "prefetch":
      return `prefetch of ${cause.path ?? cause.lookup ?? model}`;
    case "raw":
    case "cursor":
      return "raw SQL";
    case "save":
    case "delete":
    case "refresh":
      return `${cause.kind} of ${model}`;
    case "create":
    case "update":
    case "bulk":
      return `${cause.kind === "bulk" ? "bulk write" : cause.kind} of ${model}`;
    case "session":
      return "the session";
    case "auth":
      return "the user";
    case "contenttypes":
      return "content types";
    case "queryset":
      return cause.api === null || cause.api === "iterate" ? model : `${model}.${cause.api}()`;
    case "transaction":
    case "other":
      return "other SQL";
  }
}

/** `GET /orders/`, `POST /graphql/ OrderList`, a test's id, a command's name. */
export function scopeName(scope: Scope): string {
  if (scope.kind === "request") return requestWords(scope);
  if (scope.kind === "test") return scope.test ?? "a test";
  return scope.method === null ? (scope.label ?? scope.kind) : requestWords(scope);
}

/** Shared and per-test set-up and clean-up: their queries are the test's, not the application's. */
export function isSetup(scope: Pick<Scope, "phase">): boolean {
  return scope.phase === "class" || scope.phase === "setup" || scope.phase === "teardown";
}

function attribute(cause: Cause): string {
  return `${variableName(modelName(cause.model))}.${cause.field ?? cause.lookup ?? "?"}`;
}

function modelName(label: string | null): string {
  return label === null ? "rows" : label.slice(label.lastIndexOf(".") + 1);
}

/** `OrderLine` as a variable would be named: `order_line`. */
function variableName(model: string): string {
  return model.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}
