import { withoutImplied } from "../insights/eagerLookup.ts";
import type { EagerLoad, EagerLookup } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { FixKind } from "./change.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { eagerLoadingEffect } from "./eagerLoadingEffect.ts";
import { writtenObstacle } from "./obstacles.ts";
import { querysetTarget, rootsOf } from "./querysetTarget.ts";
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
    const { file, chain, part } = target;
    const obstacle = writtenObstacle(chain, part, lookups) ?? recordedObstacle(factsOf(reader), roots, lookups);
    if (obstacle !== null) return { reason: obstacle };
    const edits = addEagerLoading(file, chain, part, lookups);
    if (edits.length === 0)
      return { reason: `The queryset in ${path} names ${pathsOf(lookups)} already: record the tests again.` };
    return {
      title: `Add ${calls(lookups)} in ${path}`,
      safety: "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
      effect: eagerLoadingEffect(reader, correlator, roots, lookups),
    };
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};

function pathsOf(lookups: readonly EagerLookup[]): string {
  return [...new Set(lookups.map(({ path }) => path))].join(", ");
}

/** `select_related("customer", "site") and prefetch_related("items")` */
function calls(lookups: readonly EagerLookup[]): string {
  return [...Map.groupBy(lookups, ({ how }) => how)]
    .map(([how, group]) => `${how}(${group.map(({ path }) => `"${path}"`).join(", ")})`)
    .join(" and ");
}
