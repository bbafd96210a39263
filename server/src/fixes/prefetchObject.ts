import type { PrefetchObject } from "../insights/finding.ts";
import { placeWords } from "../insights/message.ts";
import { attributeName } from "../insights/relatedUse.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { addArguments, insertCall, quoted } from "../python/chainEdits.ts";
import type { Argument } from "../python/chains.ts";
import type { Edit } from "../text/edits.ts";
import type { QueryRow } from "../trace/model.ts";
import type { Change, FixContext, FixKind, Refusal } from "./change.ts";
import { lastEffective } from "./eagerLoading.ts";
import { combined, type Effect } from "./effect.ts";
import { importing } from "./importing.ts";
import { fillIn, placeholder } from "./longCall.ts";
import { movable } from "./movedCode.ts";
import { takenName } from "./newAttribute.ts";
import { writtenObstacle } from "./obstacles.ts";
import { type QuerysetTarget, querysetTarget, rootsOf } from "./querysetTarget.ts";
import { recordedObstacle } from "./recordedObstacles.ts";
import { refinedUse } from "./refinedUse.ts";
import { loadsAt, savedBy } from "./relatedLoads.ts";
import { readsOnlyFields } from "./rowFields.ts";
import { type RowUse, rowUse } from "./rowUse.ts";

/** `Prefetch(…, to_attr=…)` at the queryset, and the lists that it gives in place of a query for each row. */
export const prefetchObject: FixKind<PrefetchObject> = {
  isSafe: false,

  change(remedies, context) {
    const [remedy, ...others] = remedies;
    if (others.length > 0) {
      return {
        reason:
          "Several kinds of related rows are asked for in this loop: fix one, record the tests again, then the next.",
      };
    }
    return changeOf(remedy, context);
  },

  wish: (remedies) =>
    `Prefetch ${[...new Set(remedies.map(({ related }) => related.accessor))].join(", ")} as they are wanted`,
};

function changeOf(remedy: PrefetchObject, context: FixContext): Change | Refusal {
  const { chain: queryset, builder, use, related } = remedy;
  const facts = factsOf(context.reader);
  const { schema } = facts;
  const lookups = [{ how: "prefetch_related", path: related.prefetch }] as const;
  const roots = rootsOf(context.reader, context.correlator, queryset, builder, lookups);
  const target = querysetTarget(queryset, builder, roots, schema, context);
  if ("reason" in target) return target;
  const obstacle = writtenObstacle(target.chain, target.part, lookups) ?? recordedObstacle(facts, roots, lookups);
  if (obstacle !== null) return { reason: obstacle };
  const found = rowUse(use, related, target, queryset, builder, roots, context);
  if ("reason" in found) return found;
  const loads = loadsAt(use, related, roots, context);
  const refined = refinedUse(found, related, loads, context);
  if ("reason" in refined) return refined;
  const stays = movable(refined.moved, found, target);
  if (stays !== null) return stays;
  const name = attributeName(related.accessor, refined.moved);
  const taken = takenName(name, related.model, target.part.calls, schema, context);
  if (taken !== null) return taken;
  const model = schema.model(related.target);
  if (model === null || model.defaultManager === null)
    return { reason: "The models do not tell the related model's manager." };
  const wanted = [
    { module: "django.db.models", name: "Prefetch" },
    { module: model.module, name: model.qualname },
  ];
  const imported = importing(target.file, queryset.path, wanted, schema, context);
  if ("reason" in imported) return imported;
  const [prefetch = "", related_ = ""] = imported.written;
  const replaced = replacedLookup(target, found, related.prefetch, related.model, schema);
  const argument = {
    open: `${prefetch}(`,
    parts: [
      quoted(target.file, related.prefetch),
      `queryset=${related_}.${model.defaultManager}${refined.queryset}`,
      `to_attr=${quoted(target.file, name)}`,
    ],
    close: ")",
  };
  const row = found.file.text.slice(found.row.start, found.row.end);
  return {
    title: `Load ${name} with the list, by a Prefetch in ${queryset.path}, and read it in ${placeWords(use)}`,
    safety: "changes-behaviour",
    edits: [
      ...fillIn(target.file, prefetchEdits(target, replaced), [argument]).map((edit) => ({
        file: queryset.path,
        ...edit,
      })),
      { file: found.path, range: refined.range, newText: refined.write(`${row}.${name}`) },
    ],
    imports: [imported.imports],
    effect: combined([savedBy(loads), addedTo(roots, replaced !== null, context)]),
  };
}

/** In place of the plain lookup, into the call that is there, or a call of its own. */
function prefetchEdits({ file, chain, part }: QuerysetTarget, replaced: Argument | null): readonly Edit[] {
  if (replaced !== null) return [{ range: replaced.range, newText: placeholder }];
  const existing = lastEffective(part.calls, "prefetch_related").at(-1);
  const merged = existing === undefined ? null : addArguments(file, existing, [placeholder]);
  return merged ?? insertCall(file, chain, part.last, "prefetch_related", [placeholder]);
}

/** A plain prefetch of the same rows that nothing else in the loop can read. */
function replacedLookup(
  { part }: QuerysetTarget,
  use: RowUse,
  path: string,
  model: string,
  schema: Schema,
): Argument | null {
  const args = lastEffective(part.calls, "prefetch_related").flatMap((call) => call.arguments);
  const own = args.filter(({ stringValue }) => stringValue === path);
  const [only] = own;
  const below = args.some(({ stringValue }) => stringValue?.startsWith(`${path}__`) ?? false);
  return only !== undefined && own.length === 1 && !below && readsOnlyFields(use, model, schema) ? only : null;
}

/** One query for each evaluation that loads rows, unless it takes another's place. */
function addedTo(roots: readonly QueryRow[], isReplaced: boolean, { reader }: FixContext): Effect {
  const facts = factsOf(reader);
  const added = (root: QueryRow): number | null => {
    const instances = facts.instances(root);
    if (instances === null) return null;
    return isReplaced || instances === 0 ? 0 : root.count;
  };
  return { rows: roots, change: new Map(roots.map((root) => [root.id, added(root)])) };
}
