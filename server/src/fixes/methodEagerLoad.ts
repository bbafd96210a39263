import { withoutImplied } from "../insights/eagerLookup.ts";
import type { MethodEagerLoad } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { FixKind } from "./change.ts";
import { addEagerLoading } from "./eagerLoading.ts";
import { eagerLoadingEffect } from "./eagerLoadingEffect.ts";
import { eagerCalls, pathsOf } from "./lookupWords.ts";
import { callersOf, callerWords, writtenMethod } from "./managerMethods.ts";
import { writtenObstacle } from "./obstacles.ts";
import { querysetPart } from "./querysetCalls.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

/** `select_related` and `prefetch_related` in the method of a manager or queryset, which all pay for who call it: they are named. */
export const methodEagerLoad: FixKind<MethodEagerLoad> = {
  isSafe: true,

  change(remedies, context) {
    const [{ model, method }] = remedies;
    const facts = factsOf(context.reader);
    const lookups = withoutImplied(remedies.flatMap((remedy) => remedy.lookups));
    const written = writtenMethod(facts, context.correlator, model, method);
    if ("reason" in written) return written;
    const { path, file, chain, qualname } = written;
    const [made] = chain.calls;
    const part = made === undefined ? null : querysetPart(chain, made.expression, () => false);
    if (part === null || part.end !== null) return { reason: `${qualname}() in ${path} returns no queryset.` };
    const callers = callersOf(context, model, method);
    const roots = callers.flatMap(({ rows }) => rows);
    const obstacle = writtenObstacle(chain, part, lookups) ?? recordedObstacle(facts, roots, lookups);
    if (obstacle !== null) return { reason: obstacle };
    const edits = addEagerLoading(file, chain, part, lookups);
    if (edits.length === 0) return { reason: `${qualname}() in ${path} names ${pathsOf(lookups)} already.` };
    return {
      title: `Add ${eagerCalls(lookups)} in ${qualname}() for all that call it: ${callerWords(callers)}`,
      safety: "safe",
      edits: edits.map((edit) => ({ file: path, ...edit })),
      effect: eagerLoadingEffect(context.reader, context.correlator, roots, lookups),
    };
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};
