import type { Place } from "../correlate/correlation.ts";
import type { Scope } from "../trace/model.ts";
import type { Load } from "./evidence.ts";
import type { EagerLookup } from "./finding.ts";
import { placeWords, plainApi } from "./message.ts";
import type { Schema } from "./schema.ts";
import type { TraceFacts } from "./traceFacts.ts";
import { attributeWords, modelWords, plural } from "./words.ts";

/** What to do by hand where a plain `select_related` or `prefetch_related` cannot be written, as one sentence. */
export function adviceFor(facts: TraceFacts, load: Load, lookup: EagerLookup | null, queryset: Place | null): string {
  if (load.row.cause.refined) return refinedAdvice(load, queryset);
  const models = plural(modelWords(load.model));
  if (lookup === null) {
    const generic = genericAdvice(facts.schema, load, queryset);
    if (generic !== null) return generic;
    const where = queryset === null ? "" : ` in ${placeWords(queryset)}`;
    return `Load them together with the ${models}${where}: the models do not tell a lookup path for ${load.names.join(".")}.`;
  }
  if (load.evaluatedInside && queryset !== null) {
    return `What is called in ${placeWords(queryset)} evaluates the queryset itself: add ${lookup.how}("${lookup.path}") to the queryset inside it.`;
  }
  if (load.mayBeOther && queryset !== null) {
    return `What is called in ${placeWords(queryset)} may return no queryset: add ${lookup.how}("${lookup.path}") where it goes on as one.`;
  }
  return unwrittenAdvice(load, lookup, facts.scope(load.row.scopeId));
}

/** Behind a generic foreign key a path leads on for the objects of one model only; null where none stands before. */
function genericAdvice(schema: Schema, { chain, names }: Load, queryset: Place | null): string | null {
  const index = chain.findIndex(({ cause }) => cause.kind === "generic_foreign_key");
  const generic = chain[index]?.cause;
  const target = generic?.target ?? null;
  const attribute = generic?.field ?? null;
  if (target === null || attribute === null || index === chain.length - 1) return null;
  const hops = schema.path(target, names.slice(names.indexOf(attribute) + 1));
  if (hops === null || hops.length === 0) return null;
  const isJoin = hops.every(({ select, toMany }) => select !== null && !toMany);
  const path = hops.map(({ select, prefetch }) => (isJoin ? select : prefetch)).join("__");
  const call = `${isJoin ? "select_related" : "prefetch_related"}("${path}")`;
  const where = queryset === null ? "" : ` in ${placeWords(queryset)}`;
  const model = target.slice(target.lastIndexOf(".") + 1);
  return `Load them with what ${attribute} points at: prefetch_related(GenericPrefetch("${attribute}", [${model}.objects.${call}]))${where} (Django 5.0 and newer).`;
}

/** @param writes what came in between, in words; some */
export function outdatedAdvice(
  queryset: Place,
  { path }: EagerLookup,
  writes: readonly string[],
  inTheLoop: boolean,
): string {
  const [first = "", ...others] = writes;
  const rest = others.length === 0 ? "" : ` (and ${others.length} more like it)`;
  return `Loaded along in ${placeWords(queryset)} they would be out of date, as ${first}${rest}${
    inTheLoop
      ? ", turn by turn: each turn is to read what an earlier one wrote."
      : `: load them together behind that, with prefetch_related_objects(…, "${path}").`
  }`;
}

/** Where the same place goes on with each row that it got. */
export function recursionAdvice({ row: { cause } }: Load): string {
  return `It goes on from each to the next ${attributeWords(cause.field ?? "row")}, as deep as the data is, which no lookup says: load all rows of the tree at once and link them in Python, or ask with a recursive query.`;
}

/**
 * What no place of the project's own can be told for: a view or an admin class that others of other models share, a form's choices, a related
 * manager in a template.
 *
 * @param scope what asked for them
 */
function unwrittenAdvice(load: Load, { how, path }: EagerLookup, { view, kind }: Scope): string {
  const call = `${how}("${path}")`;
  if (load.root.cause.kind === "raw")
    return "Raw SQL takes no select_related: join the columns there, or use a queryset.";
  if (load.root.cause.kind === "prefetch") {
    return `Give the Prefetch object for ${load.root.cause.path ?? "them"} a queryset with ${call}.`;
  }
  if (load.root.cause.kind !== "queryset") {
    return `No queryset is written for these rows: pass ${load.root.cause.field ?? "them"} to where they are used with .${call}.`;
  }
  const name = load.model?.slice(load.model.lastIndexOf(".") + 1) ?? "Model";
  if (load.at?.kind === "admin") {
    const shorter = how === "select_related" ? `, or for its change list list_select_related = ["${path}"]` : "";
    return `No queryset is written for these rows: give ${load.at.qualname} a get_queryset() with ${call}${shorter}.`;
  }
  if (kind !== "request" && kind !== "server") {
    return `No queryset of the project's own gives these rows: where a library makes one, give it a queryset with ${call} in its place.`;
  }
  if (view !== null && /\.(add|change)_view$/.test(view) && /(^|\.)__str__$/.test(load.at?.qualname ?? "")) {
    return `No queryset is written for these rows, the choices of a form: name their field in autocomplete_fields or raw_id_fields, or give it a queryset with ${call} in formfield_for_foreignkey().`;
  }
  const admin = how === "select_related" ? ` (list_select_related in an admin class)` : "";
  const where = view === null ? "the view" : `the view ${view}`;
  return `No queryset is written for these rows: add queryset = ${name}.objects.${call} or get_queryset() to ${where}${admin}.`;
}

function refinedAdvice({ row, root, model }: Load, queryset: Place | null): string {
  const { field, api } = row.cause;
  const rows = root.cause.kind === "queryset" || root.single ? plural(modelWords(model)) : "rows";
  const where = queryset === null ? "" : ` in ${placeWords(queryset)}`;
  switch (plainApi(api)) {
    case "count":
      return `Count them in the same query: annotate the ${rows}${where} with Count, and read that.`;
    case "exists":
      return `Ask in the same query: annotate the ${rows}${where} with Exists, and read that.`;
    case "aggregate":
      return `Add them up in the same query: annotate the ${rows}${where} with the aggregate, and read that.`;
    default:
      return `A plain prefetch would not serve this, as the rows are filtered, ordered or cut for each: use prefetch_related(Prefetch("${field}", queryset=…, to_attr=…))${where} and read that attribute.`;
  }
}
