import type { Place } from "../correlate/correlation.ts";
import { comparePositions, type Range } from "../text/range.ts";
import type { Correlation, WrittenCall, WrittenChain } from "./ports.ts";
import type { Schema } from "./schema.ts";

/**
 * The expression behind a construction site, where it can be told that its value is a queryset.
 *
 * - `chain`: from `made` on, the calls are those of a manager or queryset.
 * - `manager`: a manager stands bare as an argument (`get_object_or_404(Order.objects, pk=1)`); `manager` is its range.
 * - `model`: the same of a model, whose default manager is meant (`get_object_or_404(Order, pk=1)`).
 */
export type QuerysetExpression =
  | { readonly kind: "chain"; readonly chain: WrittenChain; readonly made: WrittenCall }
  | { readonly kind: "manager"; readonly manager: Range }
  | { readonly kind: "model"; readonly model: Range };

/** Methods of every queryset whose names hardly anything else has. */
export const lazyMethods: ReadonlySet<string> = new Set([
  "all",
  "filter",
  "exclude",
  "order_by",
  "annotate",
  "alias",
  "select_related",
  "prefetch_related",
  "only",
  "defer",
  "distinct",
  "using",
  "none",
  "reverse",
  "select_for_update",
  "get_queryset",
  "complex_filter",
]);

/** With those that evaluate: what a queryset or manager takes under whatever name it goes. */
export const querysetMethods: ReadonlySet<string> = new Set([
  ...lazyMethods,
  ...["get", "first", "last", "latest", "earliest", "count", "exists", "aggregate", "contains", "iterator", "in_bulk"],
  ...["values", "values_list", "dates", "datetimes", "union", "intersection", "difference", "raw", "explain"],
  ...["aget", "afirst", "alast", "alatest", "aearliest", "acount", "aexists", "aaggregate", "acontains", "ain_bulk"],
  ...["aiterator", "aexplain"],
]);

const managerNames = /(^|\.)(objects|_default_manager|_base_manager)$/;

/** What is known of the rows that the queryset loaded. */
export interface Rows {
  /** `app_label.ModelName`; null where it was not recorded. */
  readonly model: string | null;
  /** The related manager's attribute, where they come from one. */
  readonly accessor: string | null;
}

/** Null where the site builds its queryset out of sight. */
export function querysetExpression(
  correlator: Correlation,
  schema: Schema,
  place: Place,
  rows: Rows,
): QuerysetExpression | null {
  if (place.site.kind !== "python" || place.placement.state === "gone") return null;
  const { range } = place.placement;
  const file = correlator.pythonFile(place.path);
  if (file === null) return null;
  const read = (chain: WrittenChain) => (made: WrittenCall) => expressionOf(chain, made, schema, rows) ?? [];
  if (place.site.column === null) {
    // Python 3.10 knows lines only: the range is a statement, and clear if it holds one queryset.
    const found = file.chainsIn(range).flatMap((chain) => callsOf(chain).flatMap(read(chain)).slice(0, 1));
    return found.length === 1 ? (found[0] ?? null) : null;
  }
  const chain = file.chainAt(range);
  if (chain === null) return null;
  // The call that ran when the queryset was made ends where the recorded range does.
  const made = callsOf(chain).filter(({ expression }) => comparePositions(expression.end, range.end) === 0);
  return made.flatMap(read(chain))[0] ?? null;
}

function expressionOf(chain: WrittenChain, made: WrittenCall, schema: Schema, rows: Rows): QuerysetExpression | null {
  if (made !== chain.rootCall && !(made === chain.calls[0] && /(^|\.)shortcuts$/.test(chain.root))) {
    const manager = managerBefore(chain, made);
    const kind = manager === null ? "unknown" : managerKind(manager, schema, rows);
    const isQueryset = kind === "own" || (kind === "unknown" && lazyMethods.has(made.name));
    return isQueryset ? { kind: "chain", chain, made } : null;
  }
  const managers = made.arguments.filter(({ text }) => managerKind(text, schema, rows) === "own");
  const [only] = managers;
  if (only !== undefined) return managers.length === 1 ? { kind: "manager", manager: only.valueRange } : null;
  const [first] = made.arguments;
  const isModel = first !== undefined && shortcuts.test(made.name) && isModelOf(first.text, schema, rows);
  return isModel ? { kind: "model", model: first.valueRange } : null;
}

/** Of `django.shortcuts`: they take a model, a manager or a queryset. */
const shortcuts = /^a?get_(object|list)_or_404$/;

/** `Order` or `models.Order` */
function isModelOf(expression: string, schema: Schema, { model }: Rows): boolean {
  const name = /^(?:\w+\.)*(\w+)$/.exec(expression)?.[1];
  return name !== undefined && schema.isModelName(name) && (model?.endsWith(`.${name}`) ?? false);
}

function callsOf(chain: WrittenChain): readonly WrittenCall[] {
  return chain.rootCall === null ? chain.calls : [chain.rootCall, ...chain.calls];
}

/** What stands before the call, where that can be a manager: the root of the chain, or the attribute behind an earlier call. */
function managerBefore(chain: WrittenChain, made: WrittenCall): string | null {
  if (chain.calls[0] === made && chain.rootCall === null) return chain.root;
  const index = chain.links.findIndex(({ expression }) => comparePositions(expression.end, made.expression.end) === 0);
  const before = chain.links[index - 1];
  return before?.kind === "attribute" ? `().${before.name}` : null;
}

/** Whether an expression is a manager of these rows, surely one of others, or cannot be told. */
function managerKind(expression: string, schema: Schema, { model, accessor }: Rows): "own" | "other" | "unknown" {
  const names = expression.split(".");
  const last = names.at(-1) ?? "";
  const owner = names.at(-2);
  if (owner !== undefined && /^\w+$/.test(last) && schema.isModelName(owner)) {
    return model === null || owner === model.slice(model.lastIndexOf(".") + 1) ? "own" : "other";
  }
  const isManager = managerNames.test(expression) || (owner !== undefined && last === accessor);
  return isManager ? "own" : "unknown";
}
