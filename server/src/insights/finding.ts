import type { Place } from "../correlate/correlation.ts";
import type { Range } from "../text/range.ts";
import type { FieldPath } from "./leftOut.ts";
import type { RelatedRows } from "./relatedRows.ts";

export type RuleCode =
  | "n-plus-one"
  | "filtered-prefetch"
  | "generic-foreign-key"
  | "aggregate-per-row"
  | "get-in-loop"
  | "query-in-loop"
  | "deferred-field"
  | "unused-eager-loading";
/** Rules whose cost grows with the rows: what people call N+1. */
export const growsWithRows: ReadonlySet<RuleCode> = new Set<RuleCode>([
  "n-plus-one",
  "filtered-prefetch",
  "generic-foreign-key",
  "aggregate-per-row",
  "get-in-loop",
  "query-in-loop",
  "deferred-field",
]);

export type Severity = "error" | "warning" | "information" | "hint";

/** `proven`: the count followed the rows; `likely`: seen once for all of several rows; `suspected`: 1 of 1 row of a query that may return many. */
export type Confidence = "proven" | "likely" | "suspected";

export interface Evidence {
  /** The costliest scope, by its stable description (`GET /orders/ in shop/tests/test_orders.py::OrderListTests::test_all`). */
  readonly scope: string;
  readonly scopeId: number;
  /** Executions in that scope that this queryset answers for: its own and those of the loads that hang on its rows. */
  readonly queries: number;
  /** Distinct parent instances that fired; of a query in a loop, the distinct values that it was asked for. */
  readonly instances: number;
  /** Rows that the parent query loaded; 0 where there is none. */
  readonly rows: number;
  readonly sumNs: number;
}

/** One relation to load eagerly, resolved through the recorded `_meta`. */
export interface EagerLookup {
  readonly how: "select_related" | "prefetch_related";
  /** `customer__address` */
  readonly path: string;
}

/** What would cure it, without text: fixes/ has a kind of edit for each, under the same name. All but advice name the expression that they change. */
export type Remedy =
  | EagerRemedy
  | PrefetchObject
  | Annotate
  | ViewAnnotation
  | InBulk
  | LoadField
  | MethodLoadField
  | DropLookup
  | FetchPeers
  | Advice;

/** What may cure a query for every row. */
export type PerRowRemedy = EagerRemedy | PrefetchObject | Annotate | ViewAnnotation | LoadField | Advice;

/** One that loads relations along with their rows. */
export type EagerRemedy = EagerLoad | MethodEagerLoad | ViewQueryset | ListSelectRelated | QuerysetMethod;

/** One that fixes/ turns into edits. */
export type Curable = Exclude<Remedy, Advice>;

export interface EagerLoad {
  readonly kind: "eager-load";
  readonly chain: Place;
  /** Where `chain` is the call of a function: the expression within it that builds the queryset; else null. */
  readonly builder: Place | null;
  readonly lookups: readonly EagerLookup[];
}

/** The same in the method of a manager or queryset that the expression calls: all pay for it who call that. A second choice. */
export interface MethodEagerLoad {
  readonly kind: "method-eager-load";
  /** The expression that calls it. */
  readonly chain: Place;
  /** `app_label.ModelName` of the manager's rows. */
  readonly model: string;
  /** `paid` */
  readonly method: string;
  readonly lookups: readonly EagerLookup[];
}

/** The rows are those of a generic view's `model = …`: a queryset beside it or in its place. */
export interface ViewQueryset {
  readonly kind: "view-queryset";
  /** That statement, else the class's. */
  readonly chain: Place;
  /** `app_label.ModelName` */
  readonly model: string;
  readonly lookups: readonly EagerLookup[];
}

/** The rows are those of a change list in the admin: joins that its class names. */
export interface ListSelectRelated {
  readonly kind: "list-select-related";
  /** The class's statement. */
  readonly chain: Place;
  /** `app_label.ModelName` */
  readonly model: string;
  readonly lookups: readonly EagerLookup[];
}

/** The rows are those of a class in the admin: a `get_queryset` that goes on with the library's. */
export interface QuerysetMethod {
  readonly kind: "queryset-method";
  /** The class's statement, or one in it. */
  readonly chain: Place;
  readonly lookups: readonly EagerLookup[];
}

/** One `in_bulk()` before the loop in place of a `get()` in each turn. */
export interface InBulk {
  readonly kind: "in-bulk";
  /** The `get()`, written in the loop. */
  readonly chain: Place;
  /** Ids of its queries. */
  readonly shownBy: readonly number[];
}

/** `Prefetch(…, queryset=…, to_attr=…)` at the queryset, and its attribute in place of the related manager's refined queryset. */
export interface PrefetchObject {
  readonly kind: "prefetch-object";
  readonly chain: Place;
  readonly builder: Place | null;
  /** Where the related rows are asked for, row by row. */
  readonly use: Place;
  readonly related: RelatedRows;
}

/** `annotate(comment_count=Count(…))` at the queryset, and its attribute in place of the related manager's `count()`, `exists()` or `aggregate()`. */
export interface Annotate {
  readonly kind: "annotate";
  readonly chain: Place;
  readonly builder: Place | null;
  readonly use: Place;
  readonly related: RelatedRows;
  /** All the related rows are counted, or asked for. */
  readonly unfiltered: boolean;
}

/** The same where the rows are those of a generic view's `model = …`, and a template asks: a queryset beside it or in its place. */
export interface ViewAnnotation {
  readonly kind: "view-annotation";
  /** That statement, else the class's. */
  readonly chain: Place;
  readonly use: Place;
  readonly related: RelatedRows;
}

/** A column that `only()` is to name too, or that `defer()` is no longer to name. */
export interface LoadField {
  readonly kind: "load-field";
  /** The expression that calls it, or whose variable does. */
  readonly chain: Place;
  /** Where the rows' queryset is made: there, or in a function that is called there. */
  readonly queryset: Place;
  /** `app_label.ModelName` of its rows. */
  readonly model: string;
  readonly field: FieldPath;
  readonly by: "only" | "defer";
  /** The chain in which that stands. */
  readonly written: Range;
}

/** The same in a method of a manager or queryset that the expression calls: all pay for it who call that. A second choice. */
export interface MethodLoadField {
  readonly kind: "method-load-field";
  /** The expression that calls it. */
  readonly chain: Place;
  readonly model: string;
  /** Those of the expression's methods that are not Django's, in their order. */
  readonly methods: readonly string[];
  readonly field: FieldPath;
}

/** A relation that nobody reads, not to be loaded along any more. */
export interface DropLookup {
  readonly kind: "drop-lookup";
  /** Where the queryset is made, or the function is called that makes it. */
  readonly chain: Place;
  readonly lookup: EagerLookup;
  /** The first part of it, which is read: `customer` of `customer__address`; null where nothing is. */
  readonly keep: string | null;
  /** The chain in which it stands. */
  readonly within: Range;
  /** The `select_related(…)` or `prefetch_related(…)` that names it, with all that stands before. */
  readonly written: Range;
  /** Its place among that call's arguments. */
  readonly index: number;
  /** Nothing else is given to that call. */
  readonly isOnly: boolean;
  /** Ids of the queries that load it along. */
  readonly loadedBy: readonly number[];
}

/** `fetch_mode(FETCH_PEERS)`: what one row loads is loaded for all that came with it. Always a second choice. */
export interface FetchPeers {
  readonly kind: "fetch-peers";
  readonly chain: Place;
  readonly builder: Place | null;
  /** Attributes from its rows on. */
  readonly names: readonly string[];
}

/** What to do by hand, as a sentence. */
export interface Advice {
  readonly kind: "advice";
  readonly text: string;
}

export function isEager(remedy: Remedy): remedy is EagerRemedy {
  return "lookups" in remedy;
}

/** The expression that a remedy changes; null for advice. */
export function changedBy(remedy: Remedy): Place | null {
  return remedy.kind === "advice" ? null : remedy.chain;
}

/** One cause, seen in one or more scopes. Ids are stable across reruns of the same code. */
export interface Finding {
  readonly id: string;
  readonly rule: RuleCode;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Recorded before an edit to a statement that it rests on. */
  readonly stale: boolean;
  readonly message: string;
  /** Where it happens: the innermost user site of the load; the queryset, where library code alone stands between them. */
  readonly at: Place;
  /** All places where it fires, `at` first. */
  readonly fires: readonly Place[];
  /** The queryset expression that loaded the rows; null where none is written. */
  readonly queryset: Place | null;
  readonly evidence: Evidence;
  /** The header of the loop that asks again and again, where the rule is about one. */
  readonly loop?: Place | null;
  /** Ids of the loads that show it, in all scopes: those that ran row by row, not every load of the same relation. */
  readonly shownBy: ReadonlySet<number>;
  /** Test ids, sorted. */
  readonly coveringTests: readonly string[];
  /** The best cure there is. */
  readonly remedy: Remedy;
  /** Other ways, each a choice of its own in the lightbulb; none of them is applied by "fix all". */
  readonly alternatives: readonly Remedy[];
}
