import type { EagerLookup } from "../insights/finding.ts";
import type { Call, Chain } from "../python/chains.ts";
import type { QuerysetPart } from "./querysetCalls.ts";

/**
 * Why a valid lookup path would still break this chain, in words for the user; null where nothing speaks against it.
 *
 * Sources: `QuerySet.select_related` and `prefetch_related`, `QuerySet.iterator`, `Query.add_select_related` and
 * `select_related_descend` in Django 4.2 to 6.1.
 */
export function writtenObstacle(chain: Chain, part: QuerysetPart, lookups: readonly EagerLookup[]): string | null {
  for (const check of checks) {
    const reason = check(chain, part, lookups);
    if (reason !== null) return reason;
  }
  return null;
}

type Check = (chain: Chain, part: QuerysetPart, lookups: readonly EagerLookup[]) => string | null;

const combined: Check = ({ calls }) => {
  const call = calls.find(({ name }) => ["union", "intersection", "difference"].includes(name));
  return call === undefined
    ? null
    : `Django allows no select_related or prefetch_related on the result of ${call.name}(): add it to each queryset of the union by hand, with the same columns.`;
};

const raw: Check = ({ calls }) =>
  calls.some(({ name }) => name === "raw")
    ? "Raw SQL takes no select_related: join the columns there, or use a queryset."
    : null;

/** Behind what uses the queryset such a method is another thing's: `in_bulk().values()`. */
const rowsWithoutInstances: Check = (_chain, { calls, end }) => {
  const used = end === null ? calls : [...calls, end];
  const call = used.find(({ name }) => ["values", "values_list", "dates", "datetimes"].includes(name));
  return call === undefined
    ? null
    : `${call.name}() gives no model instances: name the related columns in it instead, as in ${call.name}("related__field").`;
};

const creates: Check = (_chain, { end }) =>
  end !== null && /^a?(create|get_or_create|update_or_create|bulk_create)$/.test(end.name)
    ? `${end.name}() may create the row, which then comes without its relations: load them afterwards.`
    : null;

/** Before Django 5 the prefetch is left out with a warning, since then it is a ValueError. */
const iterator: Check = ({ calls }, _part, lookups) => {
  if (!lookups.some(isPrefetch)) return null;
  const call = calls.find(({ name }) => name === "iterator" || name === "aiterator");
  if (call === undefined || (call.name === "iterator" && call.arguments.length > 0)) return null;
  return `${call.name}() takes a prefetch only with a chunk_size: add iterator(chunk_size=…) first.`;
};

const only: Check = (_chain, { calls }, lookups) => {
  for (const call of calls) {
    if (call.name !== "only" && call.name !== "defer") continue;
    const names = call.arguments.map(({ stringValue }) => stringValue);
    if (names.includes(null))
      return `${call.name}() leaves out columns that are not written there: include the relation's own first.`;
    const missing = lookups.find((lookup) => leavesOut(call.name, names as readonly string[], lookup));
    if (missing !== undefined)
      return `${call.name}() leaves out a column that ${missing.path} needs: include the relation's own first.`;
  }
  return null;
};

/** A join needs each foreign key on the way; a prefetch only those that start from the queryset's own rows. */
function leavesOut(method: string, names: readonly string[], { how, path }: EagerLookup): boolean {
  const hops = path.split("__");
  return hops.slice(0, how === "select_related" ? hops.length : 1).some((hop, index) => {
    const before = index === 0 ? "" : `${hops.slice(0, index).join("__")}__`;
    const column = new RegExp(`^${before}${hop}(_id)?(__|$)`);
    if (method === "defer") return names.some((name) => new RegExp(`^${before}${hop}(_id)?$`).test(name));
    const restricting = names.filter((name) => name.startsWith(before));
    return restricting.length > 0 && !restricting.some((name) => column.test(name));
  });
}

const locks: Check = (_chain, { calls }, lookups) => {
  const call = calls.findLast(({ name }) => name === "select_for_update");
  if (call === undefined || !lookups.some(isSelect) || call.arguments.some(({ keyword }) => keyword === "of"))
    return null;
  return 'select_for_update() would lock the joined rows too, and PostgreSQL refuses it for a nullable join: add of=("self",) to it first.';
};

const distinctOn: Check = (_chain, { calls }, lookups) =>
  lookups.some(isSelect) && calls.some(({ name, arguments: args }) => name === "distinct" && args.length > 0)
    ? "distinct() on certain columns: whether a join keeps the same rows cannot be told."
    : null;

const followsAll: Check = (_chain, { calls }, lookups) =>
  lookups.some(isSelect) && lastOf(calls, "select_related")?.arguments.length === 0
    ? "select_related() without names follows every relation that is not null; a name would replace that: name all relations that are used."
    : null;

const prefetchedOtherwise: Check = (_chain, { calls }, lookups) => {
  const prefetches = calls.filter(({ name }) => name === "prefetch_related").flatMap((call) => call.arguments);
  for (const { text } of prefetches) {
    const path = /^(?:\w+\.)*(?:Generic)?Prefetch\(\s*(?:lookup\s*=\s*)?["']([\w]+)["']/.exec(text)?.[1];
    if (path === undefined || /\bto_attr\b/.test(text)) continue;
    if (lookups.some((lookup) => isPrefetch(lookup) && lookup.path === path)) {
      return `A Prefetch object loads ${path} already, in its own way: use what it loads.`;
    }
  }
  return null;
};

const checks: readonly Check[] = [
  combined,
  raw,
  rowsWithoutInstances,
  creates,
  iterator,
  only,
  locks,
  distinctOn,
  followsAll,
  prefetchedOtherwise,
];

function isSelect({ how }: EagerLookup): boolean {
  return how === "select_related";
}

function isPrefetch({ how }: EagerLookup): boolean {
  return how === "prefetch_related";
}

function lastOf(calls: readonly Call[], name: string): Call | undefined {
  return calls.findLast((call) => call.name === name);
}
