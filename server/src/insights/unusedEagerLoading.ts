import { comparePositions } from "../text/range.ts";
import {
  accessorsOf,
  covers,
  eagerSightings,
  othersThan,
  prefetchesOf,
  type Sighting,
  sitesOf,
  type Written,
} from "./eagerSightings.ts";
import type { Advice, DropLookup, Evidence, Finding } from "./finding.ts";
import { findingId, statementKey } from "./identity.ts";
import type { Rule } from "./rule.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import { unusedMessage } from "./unusedWords.ts";
import { scopeDescription } from "./words.ts";
import type { WrittenLookup } from "./writtenLookups.ts";

/** One test tells too little: what a page does with some of its rows only, or for some of its users, may not be in it. */
const enoughTests = 2;
/** From here on it is more than a hint. */
const manyTests = 5;

/**
 * A relation that a queryset loads along with its rows and that is read in no recording. It is told only where it is named in the very expression whose
 * rows all that was recorded used: what a manager's method loads along may be for others.
 */
export const unusedEagerLoading: Rule = {
  code: "unused-eager-loading",
  find: (evidence) => {
    const all = eagerSightings(evidence);
    return all.flatMap((written) => unusedIn(evidence, written, all));
  },
};

function unusedIn(evidence: TraceEvidence, written: Written, all: readonly Written[]): readonly Finding[] {
  // The longest first: what others rest on goes only with them.
  const longest = written.lookups.toSorted((a, b) => b.path.length - a.path.length);
  const unused = new Map<WrittenLookup, Finding>();
  for (const lookup of longest) {
    const others = written.lookups.filter((other) => other !== lookup);
    const resting = others.filter(({ path }) => path.startsWith(`${lookup.path}__`));
    if (others.some(({ path }) => path === lookup.path) || !resting.every((other) => unused.has(other))) continue;
    // Several querysets may come to the same call.
    if (all.some((other) => other !== written && names(other, written, lookup))) continue;
    const finding = findingOf(evidence, written, lookup);
    if (finding !== null) unused.set(lookup, finding);
  }
  return [...unused.values()];
}

function names(other: Written, { place }: Written, { call, index }: WrittenLookup): boolean {
  return (
    other.place.path === place.path &&
    other.lookups.some(
      (each) => each.index === index && comparePositions(each.call.expression.end, call.expression.end) === 0,
    )
  );
}

function findingOf(evidence: TraceEvidence, written: Written, lookup: WrittenLookup): Finding | null {
  const { correlator } = evidence;
  const { place } = written;
  const seen = written.seen.map((each) => ({ ...each, wanted: accessorsOf(evidence, each.model, lookup.path) }));
  if (seen.some(({ read, path, wanted }) => read && wanted !== null && `${path}__`.startsWith(`${wanted}__`)))
    return null;
  const loading = seen.filter((each) => each.path === each.wanted && each.loaded > 0 && covers(evidence, each));
  const [first] = loading;
  const tests = [...new Set(loading.flatMap(({ scope }) => scope.test ?? []))].sort();
  const recordings = tests.length > 0 ? tests.length : new Set(loading.map(({ scope }) => scope.id)).size;
  if (first === undefined || recordings < enoughTests || isDefeated(evidence, loading)) return null;
  const others = othersThan(evidence, written, lookup, loading);
  if (others.isUnknown || others.isUnseen) return null;
  const saved = (each: Sighting) =>
    lookup.how === "select_related" ? [] : prefetchesOf(evidence, each.row, lookup.path);
  const worst = loading.reduce((a, b) => {
    const more = costOf(b, saved(b).length) - costOf(a, saved(a).length);
    return more > 0 || (more === 0 && scopeDescription(b.scope) < scopeDescription(a.scope)) ? b : a;
  }, first);
  const queries = saved(worst).reduce((total, { count }) => total + count, 0);
  const remedy = remedyFor(evidence, written, lookup, loading);
  return {
    id: findingId(["unused-eager-loading", statementKey(correlator, place), worst.model, lookup.how, lookup.path]),
    rule: "unused-eager-loading",
    severity: recordings >= manyTests ? "information" : "hint",
    confidence: "likely",
    // A line that was added anywhere may read it.
    stale: !loading.every(({ row }) => correlator.isUntouched(sitesOf(evidence, row))),
    message: unusedMessage({
      sighting: worst,
      saved: queries,
      isJoin: lookup.how === "select_related",
      tests: tests.length,
      remedy,
      path: place.path,
    }),
    at: place,
    fires: [place],
    queryset: place,
    evidence: evidenceOf(
      worst,
      saved(worst).reduce((total, { sumNs }) => total + sumNs, 0),
      queries,
    ),
    shownBy: new Set(loading.flatMap((each) => saved(each).map(({ id }) => id))),
    coveringTests: tests,
    remedy,
    alternatives: [],
  };
}

/** The related rows are loaded, and then asked for again in another way: that is a finding of its own. */
function isDefeated({ loads }: TraceEvidence, loading: readonly Sighting[]): boolean {
  return loading.some(({ row, path }) =>
    loads.some(
      (load) =>
        load.root.id === row.id && load.row.cause.refined && `${load.names.join("__")}__`.startsWith(`${path}__`),
    ),
  );
}

function remedyFor(
  evidence: TraceEvidence,
  written: Written,
  lookup: WrittenLookup,
  loading: readonly Sighting[],
): DropLookup | Advice {
  const { how, path, chain, call, index } = lookup;
  const keep = keptOf(evidence, written, lookup);
  if (written.hidden.has(how)) {
    return {
      kind: "advice",
      text: `${how}() is given more than is written there: take "${path}" out by hand, where nothing else names it.`,
    };
  }
  return {
    kind: "drop-lookup",
    chain: written.place,
    lookup: { how, path },
    keep,
    within: chain.range,
    written: call.expression,
    index,
    isOnly: call.arguments.length === 1,
    loadedBy: loading.map(({ row }) => row.id),
  };
}

/** As much of the lookup as is read, where no other one that is read loads it. */
function keptOf(evidence: TraceEvidence, { seen, lookups }: Written, lookup: WrittenLookup): string | null {
  const isRead = (part: string) =>
    seen.some((each) => each.read && each.path === accessorsOf(evidence, each.model, part));
  const names = lookup.path.split("__");
  const parts = names.map((_name, index) => names.slice(0, index).join("__")).filter((part) => part !== "");
  const kept = parts.findLast(isRead) ?? null;
  // What is joined need not be prefetched.
  const isLoaded = lookups.some(
    ({ how, path }) =>
      path !== lookup.path &&
      (how === "select_related" || how === lookup.how) &&
      `${path}__`.startsWith(`${kept}__`) &&
      isRead(path),
  );
  return isLoaded ? null : kept;
}

function costOf({ row, loaded }: Sighting, queries: number): number {
  return queries * 1e6 + (row.rows ?? 0) + loaded / 1e6;
}

function evidenceOf({ row, scope, loaded }: Sighting, prefetchNs: number, queries: number): Evidence {
  return {
    scope: scopeDescription(scope),
    scopeId: scope.id,
    queries: row.count + queries,
    instances: loaded,
    rows: row.rows ?? 0,
    sumNs: row.sumNs + prefetchNs,
  };
}
