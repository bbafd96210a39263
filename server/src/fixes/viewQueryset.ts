import type { ViewQueryset } from "../insights/finding.ts";
import type { FixKind } from "./change.ts";
import { classChange, classTarget } from "./classTarget.ts";
import { eagerCalls, eagerChain, pathsOf } from "./lookupWords.ts";
import { viewQuerysetEdits } from "./viewQuerysetEdits.ts";

/** A generic view that only names its model: its queryset, with what the rows are to load along. */
export const viewQueryset: FixKind<ViewQueryset> = {
  isSafe: true,

  change(remedies, context) {
    const [{ chain: place, model }] = remedies;
    const target = classTarget(
      place,
      remedies.flatMap((remedy) => remedy.lookups),
      context,
    );
    if ("reason" in target) return target;
    const { file, body, lookups } = target;
    const what = eagerCalls(lookups);
    const title = `Add ${what} to ${body.name} in ${place.path}`;
    const edits = viewQuerysetEdits(target, place, model, eagerChain(file, lookups), what, context);
    if (edits !== null && "reason" in edits) return edits;
    return classChange(place, target, title, edits, context);
  },

  wish: (remedies) => `Load ${pathsOf(remedies.flatMap(({ lookups }) => lookups))} eagerly`,
};
