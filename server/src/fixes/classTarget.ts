import type { Place } from "../correlate/correlation.ts";
import { withoutImplied } from "../insights/eagerLookup.ts";
import type { EagerLookup } from "../insights/finding.ts";
import { factsOf } from "../insights/traceFacts.ts";
import { type ClassBody, classAt } from "../python/classBody.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import type { QueryRow } from "../trace/model.ts";
import type { Change, FixContext, Refusal } from "./change.ts";
import { eagerLoadingEffect } from "./eagerLoadingEffect.ts";
import { rootsOf } from "./querysetTarget.ts";
import { recordedObstacle } from "./recordedObstacles.ts";

/** A class for which Django makes the queryset, as it stands today, and what is to be loaded with its rows. */
export interface ClassTarget {
  readonly file: PythonFile;
  readonly body: ClassBody;
  readonly lookups: readonly EagerLookup[];
  /** The recorded queries of that queryset. */
  readonly roots: readonly QueryRow[];
}

export function classTarget(
  place: Place,
  wanted: readonly EagerLookup[],
  { reader, correlator }: FixContext,
): ClassTarget | Refusal {
  const { path, placement, site } = place;
  const file = correlator.pythonFile(path);
  const body = placement.state === "gone" || file === null ? null : classAt(file, placement.range);
  if (file === null || body === null) {
    return { reason: `${site.qualname} in ${path} was edited after the recording: record the tests again.` };
  }
  const lookups = withoutImplied(wanted);
  const roots = rootsOf(reader, correlator, place, null, lookups);
  const obstacle = recordedObstacle(factsOf(reader), roots, lookups);
  return obstacle === null ? { file, body, lookups, roots } : { reason: obstacle };
}

/** @param edits null where the class has no place for them */
export function classChange(
  { path }: Place,
  { body, lookups, roots }: ClassTarget,
  title: string,
  edits: readonly Edit[] | null,
  { reader, correlator }: FixContext,
): Change | Refusal {
  if (edits === null)
    return { reason: `The body of ${body.name} in ${path} stands in one line: ${lowerFirst(title)} by hand.` };
  return {
    title,
    safety: "safe",
    edits: edits.map((edit) => ({ file: path, ...edit })),
    effect: eagerLoadingEffect(reader, correlator, roots, lookups),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
