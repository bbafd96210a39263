import type { Correlator } from "../correlate/correlator.ts";
import { eagerLookup } from "../insights/eagerLookup.ts";
import type { Load } from "../insights/evidence.ts";
import type { EagerLookup } from "../insights/finding.ts";
import { functionAround } from "../python/variables.ts";
import type { QueryRow, TraceReader } from "../trace/model.ts";
import { covers } from "./eagerLoading.ts";
import { hangingLoads } from "./hangingLoads.ts";

/** What the code that loads row by row does there, as far as it says something against loading along. */
export interface LoadUses {
  /** A related manager is called with another manager's name, whose rows no prefetch has; null where none is. */
  readonly otherManager: string | null;
  /** Something is set on what was loaded, or it is handed to code that may: rows that a prefetch gives the same instance would share it. */
  readonly isChanged: boolean;
}

/** Of the loads that the lookups would serve, where they are asked for in Python. */
export function loadUses(
  reader: TraceReader,
  correlator: Correlator,
  roots: readonly QueryRow[],
  lookups: readonly EagerLookup[],
): LoadUses {
  const served = hangingLoads(reader, correlator, roots).filter((load) => {
    const lookup = eagerLookup(load);
    return lookup !== null && lookups.some(({ path }) => covers(path, lookup.path));
  });
  const texts = new Map(served.map((load) => [`${load.at?.id} ${load.row.cause.field}`, load]));
  const found = [...texts.values()].map((load) => usesAt(load, correlator));
  return {
    otherManager: found.find(({ otherManager }) => otherManager !== null)?.otherManager ?? null,
    isChanged: found.some(({ isChanged }) => isChanged),
  };
}

const nothing: LoadUses = { otherManager: null, isChanged: false };

function usesAt({ at, row }: Load, correlator: Correlator): LoadUses {
  const { field } = row.cause;
  if (at === null || at.kind !== "python" || field === null || !/^\w+$/.test(field)) return nothing;
  const { path, placement } = correlator.place(at);
  const file = placement.state === "gone" ? null : correlator.pythonFile(path);
  if (file === null || placement.state === "gone") return nothing;
  const node = file.statementAt(placement.range)?.node;
  if (node === undefined) return nothing;
  const around = functionAround(node);
  const text = file.text.slice(around.start, around.end);
  const isCalled = new RegExp(`\\.${field}\\(\\s*manager\\s*=`).test(text);
  const names = [...text.matchAll(new RegExp(`\\b(\\w+)\\s*(?::=|=(?!=))\\s*[\\w.]+\\.${field}\\s*$`, "gm"))];
  const isChanged = [`\\w\\.${field}`, ...names.map(([, name]) => `(?<![\\w.])${name}`)].some((loaded) =>
    [
      `${loaded}\\.\\w+\\s*(?:[-+*/%&|^@]|//|\\*\\*)?=(?!=)`,
      `(?:setattr|delattr)\\([^,]*${loaded}\\s*,`,
      // What is called with it may do so, too.
      `[(,=]\\s*[\\w.]*${loaded}\\s*[,)]`,
    ].some((pattern) => new RegExp(pattern).test(text)),
  );
  return { otherManager: isCalled ? field : null, isChanged };
}
