import type { DropLookup } from "../insights/finding.ts";
import { prefetchRoot } from "../insights/prefetchRoot.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { quoted } from "../python/chainEdits.ts";
import { removeArguments } from "../python/chainRemovals.ts";
import type { Argument, Call, Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { withoutUnusedImports } from "../python/unusedImports.ts";
import type { Edit } from "../text/edits.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, FixKind, Refusal } from "./change.ts";
import { lastEffective } from "./eagerLoading.ts";
import { endsTogether } from "./querysetCalls.ts";
import { withoutCalls } from "./withoutCalls.ts";

/**
 * Lookups taken out of `select_related()` and `prefetch_related()`. No result changes, but that nobody reads what they load is known of the tests alone:
 * where something else does, it would be loaded row by row. So "fix all" leaves it alone.
 */
export const dropLookup: FixKind<DropLookup> = {
  isSafe: false,
  standsAlone: true,

  change(remedies, context) {
    const { path } = remedies[0].chain;
    const file = context.correlator.pythonFile(path);
    const chains = new Map(remedies.map(({ within }) => [JSON.stringify(within), file?.chainAt(within) ?? null]));
    const edits: Edit[] = [];
    for (const [key, chain] of chains) {
      const own = remedies.filter(({ within }) => JSON.stringify(within) === key);
      const obstacle = chain === null || file === null ? edited(path) : obstacleFor(own, chain, context);
      if (chain === null || file === null || obstacle !== null) return obstacle ?? edited(path);
      const cut = cutFrom(file, chain, own);
      if ("reason" in cut) return cut;
      edits.push(...cut);
    }
    const imports = file === null ? [] : withoutUnusedImports(file, path, edits);
    return {
      title: titleOf(remedies, path),
      safety: "changes-behaviour",
      keepsCounts: remedies.every(({ lookup }) => lookup.how === "select_related"),
      edits: [...imports, ...edits].map((edit) => ({ file: path, ...edit })),
      effect: effectOf(remedies, context),
    };
  },

  wish: (remedies) => `Load ${remedies.map(({ lookup }) => lookup.path).join(", ")} no more`,
};

function edited(path: string): Refusal {
  return { reason: `The queryset in ${path} was edited after the recording: record the tests again.` };
}

/** `Remove select_related("parent")`, `Take "tags" out of prefetch_related()`, `Shorten "customer__address" to "customer"`. */
function titleOf(remedies: readonly DropLookup[], path: string): string {
  const parts = remedies.map(({ lookup, keep, isOnly }) => {
    if (keep !== null) return `shorten "${lookup.path}" to "${keep}"`;
    return isOnly ? `remove ${lookup.how}("${lookup.path}")` : `take "${lookup.path}" out of ${lookup.how}()`;
  });
  const title = [...new Set(parts)].join(", ");
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} in ${path}`;
}

function cutFrom(file: PythonFile, chain: Chain, remedies: readonly DropLookup[]): readonly Edit[] | Refusal {
  const edits: Edit[] = [];
  const whole: Call[] = [];
  for (const call of chain.calls) {
    const own = remedies.filter(({ written }) => endsTogether(written, call.expression));
    if (own.length === 0) continue;
    const named = own.map((remedy) => ({ ...remedy, argument: call.arguments[remedy.index] }));
    if (!named.every(({ argument, lookup }) => argument !== undefined && isOf(argument, lookup.path)))
      return { reason: "The queryset was edited after the recording: record the tests again." };
    const rest = lastEffective(chain.calls, call.name)
      .flatMap((each) => each.arguments)
      .filter((argument) => !named.some((each) => each.argument === argument));
    const shortened = new Map<string, (typeof named)[number]>();
    for (const each of named) {
      if (each.keep === null || rest.some((argument) => covers(argument.stringValue, each.keep ?? ""))) continue;
      if (each.argument?.stringValue === null)
        return {
          reason: `A Prefetch object stands for ${each.lookup.path}, whose queryset would be another's: shorten it by hand.`,
        };
      if (!shortened.has(each.keep)) shortened.set(each.keep, each);
    }
    const kept = new Set([...shortened.values()].map(({ index }) => index));
    for (const { argument, keep } of shortened.values()) {
      if (argument !== undefined && keep !== null)
        edits.push({ range: argument.range, newText: quoted(file, keep, argument.range.start) });
    }
    const removed = new Set(own.map(({ index }) => index).filter((index) => !kept.has(index)));
    if (removed.size === call.arguments.length) whole.push(call);
    else if (removed.size > 0) {
      const cut = removeArguments(file, call, removed);
      if (cut === null)
        return { reason: `A comment stands among the arguments of ${call.name}(): take it out by hand.` };
      edits.push(...cut);
    }
  }
  return [...edits, ...withoutCalls(file, chain, whole)];
}

/** A plain lookup, or a `Prefetch` object of it. */
function isOf({ stringValue, text }: Argument, path: string): boolean {
  return stringValue === null ? /^[\w.]*Prefetch\(/.test(text) && text.includes(path) : stringValue === path;
}

function covers(named: string | null, path: string): boolean {
  return named !== null && `${named}__`.startsWith(`${path}__`);
}

/** Why the queryset would break, or do something else, without the lookup. */
function obstacleFor(remedies: readonly DropLookup[], chain: Chain, { reader }: FixContext): Refusal | null {
  const facts = factsOf(reader);
  const rows = remedies.flatMap(({ loadedBy }) => loadedBy.flatMap((id) => reader.row(id) ?? []));
  const joins = remedies.filter(({ lookup }) => lookup.how === "select_related");
  if (joins.length === 0) return null;
  const sql = [...new Set(rows.map((row) => facts.statement(row).sql))];
  if (sql.some((each) => /\b(UNION|INTERSECT|EXCEPT)\b/.test(each)))
    return {
      reason:
        "The queryset ends up in a union, whose parts must have the same columns: take the lookup out of each by hand.",
    };
  if (
    sql.some((each) => /\bFOR (NO KEY )?(UPDATE|SHARE)\b/.test(each)) ||
    chain.calls.some(({ name }) => name === "select_for_update")
  )
    return {
      reason:
        "The rows are locked (select_for_update), and what is joined with them: see whether that is wanted first.",
    };
  if (chain.calls.some(({ name }) => name === "extra"))
    return { reason: "extra() may name a table that is joined for the lookup alone: see to that by hand." };
  for (const { lookup } of joins) {
    const restricting = chain.calls
      .filter(({ name }) => name === "only" || name === "defer")
      .find(({ arguments: args }) =>
        args.some(({ stringValue }) => stringValue === null || covers(stringValue, lookup.path)),
      );
    if (restricting !== undefined)
      return { reason: `${restricting.name}() names fields of ${lookup.path}, too: take both out by hand.` };
  }
  return null;
}

/** Its prefetches run no more, where nothing of the lookup stays. */
function effectOf(remedies: readonly DropLookup[], { reader }: FixContext) {
  const facts = factsOf(reader);
  const rows = new Map<number, QueryRow>();
  for (const { lookup, loadedBy } of remedies.filter(({ lookup }) => lookup.how === "prefetch_related")) {
    const roots = new Set(loadedBy);
    for (const row of reader.rowsCausedBy(["prefetch"])) {
      const path = row.cause.path ?? "";
      const root = prefetchRoot(facts, row);
      if (root !== undefined && roots.has(root.id) && `${path}__`.startsWith(`${lookup.path}__`)) rows.set(row.id, row);
    }
  }
  return { rows: [...rows.values()], change: new Map([...rows.values()].map((row) => [row.id, -row.count])) };
}
