import { withoutImplied } from "../insights/eagerLookup.ts";
import type { EagerLoad } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { modelWords, plural } from "../insights/words.ts";
import type { Edit } from "../text/edits.ts";
import type { FixKind } from "./change.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { eagerLoadingEffect } from "./eagerLoadingEffect.ts";
import { takesNoColumns } from "./laterUse.ts";
import { loadUses } from "./loadUses.ts";
import { eagerCalls, pathsOf } from "./lookupWords.ts";
import { writtenObstacle } from "./obstacles.ts";
import { otherModel, type QuerysetTarget, querysetTarget, rootsOf } from "./querysetTarget.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

/** `select_related` and `prefetch_related` at the queryset whose rows load one by one. */
export const eagerLoad: FixKind<EagerLoad> = {
  isSafe: true,

  change(remedies, context) {
    const [{ chain: queryset, builder }] = remedies;
    const { reader, correlator } = context;
    const { path } = queryset;
    const lookups = withoutImplied(remedies.flatMap((remedy) => remedy.lookups));
    const roots = rootsOf(reader, correlator, queryset, builder, lookups);
    const target = querysetTarget(queryset, builder, roots, factsOf(reader).schema, context);
    if ("reason" in target) return target;
    const other = otherModel(reader, correlator, queryset, builder, lookups);
    if (other !== null)
      return {
        reason: `The same expression gives ${plural(modelWords(other))}, too, which have no ${pathsOf(lookups)}: add it where the rows are known to be others.`,
      };
    const { file, chain, part } = target;
    const joins = lookups.some(({ how }) => how === "select_related");
    const obstacle =
      writtenObstacle(chain, part, lookups) ??
      (joins ? takesNoColumns(file, chain) : null) ??
      recordedObstacle(factsOf(reader), roots, lookups);
    if (obstacle !== null) return { reason: obstacle };
    const uses = loadUses(reader, correlator, roots, lookups);
    if (uses.otherManager !== null)
      return {
        reason: `${uses.otherManager}(manager=…) asks another manager, which would find only what the default one prefetched: prefetch with a Prefetch object by hand.`,
      };
    const edits = throughManager(target, addEagerLoading(file, chain, part, lookups));
    if (edits.length === 0)
      return { reason: `The queryset in ${path} names ${pathsOf(lookups)} already: record the tests again.` };
    return {
      title: `Add ${eagerCalls(lookups)} in ${path}`,
      // Rows that a prefetch gives the same instance would share what is set on it.
      safety: uses.isChanged && lookups.some(({ how }) => how === "prefetch_related") ? "changes-behaviour" : "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
      effect: eagerLoadingEffect(reader, correlator, roots, lookups),
    };
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};

/** A model that stands for its rows needs its manager named, to be changed. */
function throughManager({ manager }: QuerysetTarget, edits: readonly Edit[]): readonly Edit[] {
  return edits.map((edit, index) => (index === 0 ? { ...edit, newText: manager + edit.newText } : edit));
}
