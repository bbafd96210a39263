import type { Place } from "../correlate/correlation.ts";
import type { Load } from "../insights/evidence.ts";
import { placeKey } from "../insights/identity.ts";
import { type RelatedRows, relatedUsePlace } from "../insights/relatedRows.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext } from "./change.ts";
import type { Effect } from "./effect.ts";
import { hangingLoads } from "./hangingLoads.ts";

/** The loads of the roots' related rows that were asked for at the place. */
export function loadsAt(
  use: Place,
  { accessor }: RelatedRows,
  roots: readonly QueryRow[],
  { reader, correlator }: FixContext,
): readonly Load[] {
  const facts = factsOf(reader);
  const key = placeKey(use);
  return hangingLoads(reader, correlator, roots).filter((load) => {
    if (load.names.join() !== accessor || !load.row.cause.refined) return false;
    const place = relatedUsePlace(facts, load, (site) => correlator.place(site));
    return place !== null && placeKey(place) === key;
  });
}

/** These loads run no more. */
export function savedBy(loads: readonly Load[]): Effect {
  const rows = loads.map(({ row }) => row);
  return { rows, change: new Map(rows.map((row) => [row.id, -row.count])) };
}
