import type { EagerLookup, QuerysetMethod } from "../insights/finding.ts";
import { memberNamed } from "../python/classBody.ts";
import { addMethod } from "../python/classEdits.ts";
import type { FixKind } from "./change.ts";
import { joinsAlong } from "./changeList.ts";
import { classChange, classTarget } from "./classTarget.ts";
import { eagerCalls, eagerChain, pathsOf } from "./lookupWords.ts";

/** A class in the admin, whose rows Django asks for: a `get_queryset` that goes on with what Django's own gives. */
export const querysetMethod: FixKind<QuerysetMethod> = {
  isSafe: true,

  change(remedies, context) {
    const [{ chain: place }] = remedies;
    const target = classTarget(
      place,
      remedies.flatMap((remedy) => remedy.lookups),
      context,
    );
    if ("reason" in target) return target;
    const { file, body, lookups, roots } = target;
    if (memberNamed(body, "get_queryset") !== null)
      return { reason: `${body.name} in ${place.path} has its get_queryset by now: record the tests again.` };
    // A queryset that names joins of its own keeps the change list from adding those that it would (ChangeList.get_queryset).
    if (lookups.some(isJoin) && (memberNamed(body, "list_select_related") !== null || joinsAlong(roots, context)))
      return {
        reason: `The change list of ${body.name} joins relations by itself, which get_queryset would take the place of: name them all there.`,
      };
    return classChange(
      place,
      target,
      `Add ${eagerCalls(lookups)} to ${body.name} in ${place.path}`,
      addMethod(file, body, [
        "def get_queryset(self, request):",
        `return super().get_queryset(request)${eagerChain(file, lookups)}`,
      ]),
      context,
    );
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};

function isJoin({ how }: EagerLookup): boolean {
  return how === "select_related";
}
