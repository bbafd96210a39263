import type { Place } from "../correlate/correlation.ts";
import { callerOf } from "../insights/callers.ts";
import { loadedRows } from "../insights/evidence.ts";
import type { LoadField } from "../insights/finding.ts";
import { placeKey } from "../insights/identity.ts";
import { fieldPath, leavingOut } from "../insights/leftOut.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { modelWords, plural } from "../insights/words.ts";
import type { Chain } from "../python/chains.ts";
import type { Edit } from "../text/edits.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, FixKind, Refusal } from "./change.ts";
import { named, type Rewritten, spared } from "./leftOutEdits.ts";

/** One more name in `only()`, or one less in `defer()`: the column comes with its rows, and nothing else changes. */
export const loadField: FixKind<LoadField> = {
  isSafe: true,
  standsAlone: true,

  change(remedies, context) {
    const { path } = remedies[0].chain;
    const edits: Edit[] = [];
    const titles: string[] = [];
    const rows: QueryRow[] = [];
    for (const group of Map.groupBy(remedies, ({ by }) => by).values()) {
      const written = changeOf(group, context);
      if ("reason" in written) return written;
      edits.push(...written.edits);
      titles.push(written.title);
      rows.push(...written.rows);
    }
    return {
      title: `${titles.join(", ")} in ${path}`,
      safety: "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
      effect: { rows, change: new Map(rows.map((row) => [row.id, -row.count])) },
    };
  },

  wish: (remedies) => `Load ${pathsOf(remedies).join(", ")} with the rows`,
};

interface Written extends Rewritten {
  /** The loads that run no more. */
  readonly rows: readonly QueryRow[];
}

/** By one of the two methods. */
function changeOf(remedies: readonly LoadField[], context: FixContext): Written | Refusal {
  const [first] = remedies;
  const stale = { reason: "The queryset was edited after the recording: record the tests again." };
  const file = first === undefined ? null : context.correlator.pythonFile(first.chain.path);
  if (first === undefined || file === null) return stale;
  const rows: QueryRow[] = [];
  const ends = new Map<string, readonly string[]>();
  let chain: Chain | null = null;
  for (const remedy of remedies) {
    const obstacle = obstacleFor(remedy, context);
    if (obstacle !== null) return { reason: obstacle };
    const loads = deferredBy(remedy, context);
    const [root] = loads.map(({ root }) => root);
    if (root === undefined) return stale;
    const { schema } = factsOf(context.reader);
    const found = leavingOut(context.correlator, schema, remedy.chain, loadedRows(root), remedy.field);
    chain = found === null ? null : file.chainAt(found.chain.range);
    if (found === null || chain === null || found.by !== remedy.by) return stale;
    for (const { expression } of found.calls) {
      const key = JSON.stringify(expression.end);
      ends.set(key, [...(ends.get(key) ?? []), ...(found.by === "only" ? [remedy.field.path] : remedy.field.names)]);
    }
    rows.push(...loads.map(({ row }) => row));
  }
  if (chain === null) return stale;
  const calls = chain.calls.map((call) => ({ call, names: ends.get(JSON.stringify(call.expression.end)) ?? [] }));
  const changed = calls.filter(({ names }) => names.length > 0);
  const edits = first.by === "only" ? named(file, changed) : spared(file, chain, changed);
  return "reason" in edits ? edits : { ...edits, rows };
}

function pathsOf(remedies: readonly LoadField[]): readonly string[] {
  return [...new Set(remedies.map(({ field }) => field.path))];
}

/** The loads of the field for rows of the queryset, in whichever recording, and what loaded those rows. */
function deferredBy(
  remedy: LoadField,
  { reader, correlator }: FixContext,
): readonly { readonly row: QueryRow; readonly root: QueryRow }[] {
  const facts = factsOf(reader);
  return reader.rowsCausedBy(["deferred_field"], "hanging").flatMap((row) => {
    const root = row.parentId === null ? null : reader.row(row.parentId);
    const model = root === null ? null : loadedRows(root).model;
    if (root === null || model === null || !isMadeAt(root, remedy)) return [];
    const names = [...(row.path === "" ? [] : row.path.split("__")), row.cause.field ?? ""];
    return fieldPath(facts.schema, model, names)?.path === remedy.field.path ? [{ row, root }] : [];
  });

  function isMadeAt(root: QueryRow, { queryset, chain }: LoadField): boolean {
    const site = facts.construction(root)?.chain ?? null;
    if (site === null || placeKey(correlator.place(site)) !== placeKey(queryset)) return false;
    const caller = isSame(queryset, chain) ? null : callerOf(facts, root);
    return caller === null || placeKey(correlator.place(caller)) === placeKey(chain);
  }
}

function isSame(a: Place, b: Place): boolean {
  return placeKey(a) === placeKey(b);
}

/** Rows of other models that the same expression gives may lack the field; in a union all parts have the same columns. */
function obstacleFor({ queryset, field, by }: LoadField, { reader, correlator }: FixContext): string | null {
  const facts = factsOf(reader);
  const sites = correlator.sitesNow(queryset.path).filter((place) => isSame(place, queryset));
  for (const row of reader.rowsBuiltAt(sites.map(({ site }) => site.id)).filter((each) => facts.isSelect(each))) {
    if (/\b(UNION|INTERSECT|EXCEPT)\b/.test(facts.statement(row).sql)) {
      return "The queryset ends up in a union: let each part of it load the same columns, by hand.";
    }
    const { model } = loadedRows(row);
    if (by === "only" && queryset.site.column !== null && model !== null && !facts.schema.takes(model, field.path)) {
      return `The same expression gives ${plural(modelWords(model))}, too, which have no ${field.path}: name it where the rows are known to be others.`;
    }
  }
  return null;
}
