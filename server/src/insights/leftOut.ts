import type { Place } from "../correlate/correlation.ts";
import { expressionCalls } from "./expressionCalls.ts";
import type { Correlation, WrittenCall, WrittenChain } from "./ports.ts";
import type { Rows } from "./querysetExpression.ts";
import type { Schema } from "./schema.ts";

/** The call, or calls, by which a queryset leaves a column out. */
export interface LeavingOut {
  /** The chain that they stand in: that of the expression, or of a variable that it is assigned to. */
  readonly chain: WrittenChain;
  readonly by: "only" | "defer";
  /** The `only()` that does not name the column, or each `defer()` that does. */
  readonly calls: readonly WrittenCall[];
}

/** What lookups call a field: `author__bio`. */
export interface FieldPath {
  readonly path: string;
  /** All that `only()` and `defer()` take for it: of a key, its column's attribute too. */
  readonly names: readonly string[];
}

/**
 * What lookups call a field that is loaded behind attributes of the rows: `author__bio` for `["author", "bio"]`; null where the models do not tell.
 *
 * @param names the last one is that of the attribute which keeps the column: `customer_id`
 */
export function fieldPath(schema: Schema, model: string, names: readonly string[]): FieldPath | null {
  const hops = schema.path(model, names.slice(0, -1));
  const owner = hops === null ? null : hops.length === 0 ? model : (hops.at(-1)?.target ?? null);
  const attname = names.at(-1);
  const field = owner === null || attname === undefined ? null : schema.columnField(owner, attname);
  if (hops === null || field === null || !/^\w+$/.test(field.name)) return null;
  const before: string[] = [];
  let label: string | null = model;
  for (const hop of hops) {
    const name = label === null ? null : schema.queryName(label, hop.accessor);
    if (name === null) return null;
    before.push(name);
    label = hop.target;
  }
  const called = [...new Set([field.name, field.attname])].map((each) => [...before, each].join("__"));
  return { path: called[0] ?? field.name, names: called };
}

/**
 * The calls of `only()` and `defer()` by which the queryset at a place leaves a field out, in its own chain or in that of the variable that it is
 * assigned to; null where none does so for sure.
 *
 * Source: `Query.add_immediate_loading` and `add_deferred_loading` of Django 4.2 to 6.1. A later `only()` takes the place of an earlier one, a
 * `defer()` behind it takes names out of it, and `defer(None)` takes all back.
 */
export function leavingOut(
  correlator: Correlation,
  schema: Schema,
  place: Place,
  rows: Rows,
  field: FieldPath,
): LeavingOut | null {
  const restricting = expressionCalls(correlator, schema, place, rows).filter(({ calls }) =>
    calls.some(({ name }) => isRestricting(name)),
  );
  const [only] = restricting;
  // Which of several branches ran cannot be told.
  if (only === undefined || restricting.length > 1) return null;
  return leavingOutIn(only.chain, only.calls, field);
}

/** The same of the calls of one chain. */
export function leavingOutIn(chain: WrittenChain, calls: readonly WrittenCall[], field: FieldPath): LeavingOut | null {
  const found = byCalls(calls, field);
  return found === null ? null : { chain, ...found };
}

function byCalls(calls: readonly WrittenCall[], { path, names }: FieldPath): Pick<LeavingOut, "by" | "calls"> | null {
  let only: WrittenCall | null = null;
  let defers: WrittenCall[] = [];
  for (const call of calls) {
    if (call.name === "only") {
      // What was deferred before is not loaded for being named now.
      if (defers.length > 0 && only === null) return null;
      only = call;
      defers = [];
    } else if (call.name === "defer" && call.arguments.length === 1 && call.arguments[0]?.text === "None") {
      only = null;
      defers = [];
    } else if (call.name === "defer") defers.push(call);
  }
  const isNamed = (call: WrittenCall) =>
    call.arguments.some(({ stringValue }) => stringValue !== null && names.includes(stringValue));
  if (defers.some(({ arguments: args }) => args.some(({ stringValue }) => stringValue === null))) return null;
  const naming = defers.filter(isNamed);
  if (naming.length > 0) return only === null || isNamed(only) ? { by: "defer", calls: naming } : null;
  if (only === null || isNamed(only) || only.arguments.length === 0) return null;
  // Rows that are joined are loaded whole unless some of their fields are named.
  const owner = path.slice(0, path.length - (path.split("__").at(-1)?.length ?? 0));
  const restricts = owner === "" || only.arguments.some(({ stringValue }) => stringValue?.startsWith(owner));
  return restricts ? { by: "only", calls: [only] } : null;
}

function isRestricting(name: string): boolean {
  return name === "only" || name === "defer";
}
