import { findDeferredLoads } from "../insights/evidence.ts";
import type { FetchPeers } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { insertCall } from "../python/chainEdits.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, FixKind, Imports, Refusal } from "./change.ts";
import type { Effect } from "./effect.ts";
import { hangingLoads } from "./hangingLoads.ts";
import { importing } from "./importing.ts";
import { writtenObstacle } from "./obstacles.ts";
import { type QuerysetTarget, querysetTarget, rootsOf } from "./querysetTarget.ts";

/**
 * `fetch_mode(models.FETCH_PEERS)`, Django 6.1 and newer: when the first row loads a relation or a column that was left out, it is loaded for all rows of the
 * queryset, with one query.
 */
export const fetchPeers: FixKind<FetchPeers> = {
  // Rows that are loaded later come with what they had when the first was asked; and each relation and column is concerned, not this one alone.
  isSafe: false,
  standsAlone: true,

  change([{ chain: queryset, builder, names }], context) {
    const { reader, correlator } = context;
    const { schema } = factsOf(reader);
    const roots = rootsOf(reader, correlator, queryset, builder, []);
    const target = querysetTarget(queryset, builder, roots, schema, context);
    if ("reason" in target) return target;
    const { file, chain, part } = target;
    const obstacle = writtenObstacle(chain, part, []);
    if (obstacle !== null) return { reason: obstacle };
    const modes = part.calls.filter(({ name }) => name === "fetch_mode");
    if (
      modes.length > 0 ||
      part.calls.some(({ name }) => /^a?iterator$/.test(name)) ||
      /^a?iterator$/.test(part.end?.name ?? "")
    )
      return { reason: "The queryset has a fetch mode already, or hands its rows out one by one." };
    const mode = modeIn(target, queryset.path, context);
    if ("reason" in mode) return mode;
    const call = insertCall(file, chain, part.last, "fetch_mode", [mode.written]);
    const edits = call.map((edit, index) => (index === 0 ? { ...edit, newText: target.manager + edit.newText } : edit));
    return {
      title: `Load ${names.join(".")} of all rows once the first asks: add fetch_mode(${mode.written}) in ${queryset.path}`,
      safety: "changes-behaviour",
      edits: edits.map((edit) => ({ file: queryset.path, ...edit })),
      imports: [mode.imports],
      effect: effectOf(roots, context),
    };
  },

  wish: (remedies) => `Load ${remedies.map(({ names }) => names.join(".")).join(", ")} of all rows at once`,
};

/** `models.FETCH_PEERS`, as Django's documentation has it; by its own name where `models` is something else. */
function modeIn(
  { file }: QuerysetTarget,
  path: string,
  context: FixContext,
): { readonly written: string; readonly imports: Imports } | Refusal {
  const { schema } = factsOf(context.reader);
  const models = importing(file, path, [{ module: "django.db", name: "models" }], schema, context);
  if (!("reason" in models)) return { written: `${models.written[0]}.FETCH_PEERS`, imports: models.imports };
  const mode = importing(file, path, [{ module: "django.db.models", name: "FETCH_PEERS" }], schema, context);
  return "reason" in mode ? mode : { written: mode.written[0] ?? "FETCH_PEERS", imports: mode.imports };
}

/** All that hangs on the rows by single-valued relations and columns that were left out: one query each, where the queryset ran once. */
function effectOf(roots: readonly QueryRow[], { reader, correlator }: FixContext): Effect {
  const own = new Map(roots.map((root) => [root.id, root]));
  const loads = [
    ...hangingLoads(reader, correlator, roots).filter(
      ({ row, chain }) => !row.cause.refined && chain.every(({ cause }) => isSingle(cause.kind)),
    ),
    ...findDeferredLoads(reader, correlator).filter(({ root }) => own.has(root.id)),
  ];
  const change = new Map<number, number | null>();
  const groups = Map.groupBy(loads, ({ root, names, row }) => [root.id, names.join("__"), row.cause.target].join(" "));
  for (const group of groups.values()) {
    for (const [index, { row, root }] of group.entries()) {
      change.set(row.id, root.count === 1 ? (index === 0 ? 1 : 0) - row.count : null);
    }
  }
  return { rows: loads.map(({ row }) => row), change };
}

function isSingle(kind: string): boolean {
  return /^(foreign_key|one_to_one|reverse_one_to_one|generic_foreign_key)$/.test(kind);
}
