import type { Place } from "../correlate/correlation.ts";
import type { Site } from "../trace/model.ts";
import { adviceFor, outdatedAdvice, recursionAdvice } from "./advice.ts";
import { alternativesTo } from "./alternatives.ts";
import { builtAlike, calledExpression } from "./callers.ts";
import { classRemedy } from "./classPlace.ts";
import { deferringMethodOf } from "./deferringMethod.ts";
import { eagerLookup, prefetchedPath } from "./eagerLookup.ts";
import { type Load, loadedRows } from "./evidence.ts";
import { fetchPeersFor } from "./fetchPeers.ts";
import {
  type Advice,
  type Confidence,
  type EagerRemedy,
  type Evidence,
  type Finding,
  isEager,
  type PerRowRemedy,
  type Remedy,
  type RuleCode,
} from "./finding.ts";
import { findingId, placeKey, statementKey } from "./identity.ts";
import { interveningWrites, writesInTheLoop } from "./interveningWrites.ts";
import { confidenceOf, distinct, isOnNullableJoin, isRepeated, type Measure, measure } from "./measure.ts";
import { messageFor, placeWords } from "./message.ts";
import type { Correlation } from "./ports.ts";
import { querysetExpression, querysetMethods } from "./querysetExpression.ts";
import { remedyWords } from "./remedyWords.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import type { TraceFacts } from "./traceFacts.ts";
import { scopeDescription } from "./words.ts";

/** What one of the rules about loads instance by instance says of them. */
export interface PerRowRule {
  readonly code: RuleCode;
  /** Those of relations unless told. */
  loads?(evidence: TraceEvidence): readonly Load[];
  concerns(load: Load): boolean;
  /** What cures it, where that is not eager loading; null where it has to be told in words. */
  remedy?(evidence: TraceEvidence, load: Load): PerRowRemedy | null;
}

/**
 * A query for every row: a relation or a column that is loaded instance by instance, of rows that one queryset loaded together.
 *
 * One finding for each queryset expression and lookup path, over all scopes; the numbers are those of the costliest scope.
 */
export function findPerRow(evidence: TraceEvidence, rule: PerRowRule): readonly Finding[] {
  const { facts, correlator } = evidence;
  const groups = Map.groupBy(
    (rule.loads?.(evidence) ?? evidence.applicationLoads).filter(
      (load) =>
        load.at !== null &&
        rule.concerns(load) &&
        !evidence.recursion.repeats(load) &&
        !isRefinedOutOfSight(facts, correlator, load),
    ),
    (load) => groupKey(facts, correlator, load),
  );
  const findings = Array.from(groups.values(), (loads) => describe(evidence, rule, loads));
  return findings.filter((finding) => finding !== null);
}

/**
 * A library's own code filters, orders or cuts the related manager (a model's serialisation its keys): what is called in the project names no
 * manager, and no prefetch or annotation would be read there.
 */
function isRefinedOutOfSight(facts: TraceFacts, correlator: Correlation, { row }: Load): boolean {
  const site = row.cause.refined ? (facts.construction(row)?.chain ?? null) : null;
  if (site === null || site.kind !== "python" || site.column === null) return false;
  const place = correlator.place(site);
  const called = calledExpression(correlator, place);
  return (
    called !== null &&
    !querysetMethods.has(called.made.name) &&
    querysetExpression(correlator, facts.schema, place, loadedRows(row)) === null
  );
}

/** Where no queryset is written, the view tells apart what fires in a template that several views share. */
function groupKey(facts: TraceFacts, correlator: Correlation, { row, names, queryset, model, at }: Load): string {
  const scope = facts.scope(row.scopeId);
  const root = queryset === null ? `unwritten ${scope.view ?? scope.route ?? scope.label ?? ""}` : placeKey(queryset);
  const isOwnKind = row.cause.refined || queryset === null;
  const place = isOwnKind && at !== null ? `${placeKey(correlator.place(at))} ${row.cause.api}` : "";
  return [root, model ?? "", names.join("__"), row.cause.refined, place].join("\n");
}

function describe(evidence: TraceEvidence, rule: PerRowRule, loads: readonly Load[]): Finding | null {
  const { facts, correlator, loadsByRoot } = evidence;
  const measures = measure(facts, loads);
  const confidence = confidenceOf(measures);
  if (confidence === null) return null;
  const fresh = measures.filter(({ loads }) => loads.every((load) => isFresh(facts, correlator, load)));
  const worst = costliest(fresh.length > 0 ? fresh : measures, confidence);
  const [load] = worst.loads;
  if (load === undefined) return null;
  const fires = placesOf(facts, correlator, [...worst.loads, ...loads]);
  const [at] = fires;
  if (at === undefined) return null;
  const { queryset, evaluatedInside } = load;
  // Such a method may look through rows for the one that it returns.
  if (evaluatedInside && confidence === "suspected") return null;
  if (confidence === "suspected" && loads.every((each) => isLookedFor(facts, correlator, each) || isPicked(each)))
    return null;
  // Asked in the list's own query, the answer would be that of before the writes: it is rightly asked anew.
  if (load.row.cause.refined && interveningWrites(facts, loads).length > 0) return null;
  const wanted = evidence.recursion.goesOn(loads)
    ? ({ kind: "advice", text: recursionAdvice(load) } as const)
    : (rule.remedy?.(evidence, load) ?? remedyFor(facts, correlator, load, loads));
  const loadsMore = isEager(wanted) || wanted.kind === "load-field";
  if (confidence === "suspected" && loadsMore && isContradicted(facts, correlator, loads)) return null;
  const remedy = withoutOutdating(facts, correlator, wanted, loads, loadsByRoot);
  const statement = statementKey(correlator, queryset ?? at);
  const refined = load.row.cause.refined ? `${load.row.cause.api} ${statementKey(correlator, at)}` : "";
  return {
    // The same for all rules that share these loads: what a colleague noted of a finding stays true.
    id: findingId(["n-plus-one", statement, load.model ?? "", load.names.join("__"), refined]),
    rule: rule.code,
    severity: confidence === "suspected" ? "hint" : "warning",
    confidence,
    stale: fresh.length === 0,
    message: messageFor(load, worst, measures, confidence, remedyWords(load, remedy)),
    at,
    fires,
    queryset,
    evidence: evidenceOf(worst),
    shownBy: shownBy(measures, confidence),
    coveringTests: coveringTests(measures),
    remedy,
    alternatives: alternativesOf(evidence, remedy, load),
  };
}

function alternativesOf(evidence: TraceEvidence, remedy: PerRowRemedy, load: Load): readonly Remedy[] {
  const behind = deferringMethodOf(evidence, remedy, load);
  const peers = fetchPeersFor(evidence.reader, remedy, load);
  return [...alternativesTo(evidence.correlator, remedy, load), ...[behind, peers].filter((each) => each !== null)];
}

/** The function that reads the rows leaves its loop with the row that loads: `for order in orders: if …: return order.customer`. */
function isLookedFor(facts: TraceFacts, correlator: Correlation, { row, root }: Load): boolean {
  const reader = facts.stack(root).at(-1);
  if (reader === undefined || reader.kind !== "python") return false;
  const within = facts.stack(row).filter(({ path, qualname, kind }) => {
    return kind === "python" && path === reader.path && qualname === reader.qualname;
  });
  return within.some((site) => {
    const { placement } = correlator.place(site);
    return placement.state !== "gone" && (correlator.pythonFile(site.path)?.leavesLoop(placement.range) ?? false);
  });
}

/** A template asks one of the rows, by its number: `{{ terminations.0.device }}`. */
function isPicked({ at, names }: Load): boolean {
  const behind = new RegExp(`\\.\\d+(\\.\\w+)*\\.${names.at(-1)}\\b`);
  return at?.kind === "template" && behind.test(at.token ?? "");
}

/** Elsewhere several rows of this very queryset were loaded, and none of them fired: its other users would pay for a guess. */
function isContradicted(facts: TraceFacts, correlator: Correlation, loads: readonly Load[]): boolean {
  // Those rows may have nothing that could load.
  if (loads.every(isOnNullableJoin)) return false;
  const firing = new Set(loads.map(({ root }) => root.scopeId));
  const places = new Map(loads.map((load) => [load.queryset?.site.id, load]));
  const models = new Set(loads.map(({ model }) => model));
  return [...places.values()]
    .flatMap((load) => builtAlike(facts, correlator, load))
    .some(
      (row) =>
        !firing.has(row.scopeId) &&
        (facts.instances(row) ?? 0) > row.count &&
        models.has(loadedRows(row).model) &&
        facts.isSelect(row) &&
        !facts.isTestsOwn(row),
    );
}

function remedyFor(
  facts: TraceFacts,
  correlator: Correlation,
  load: Load,
  loads: readonly Load[],
): EagerRemedy | Advice {
  const lookup = eagerLookup(load);
  const inClass = lookup === null || load.queryset === null ? null : classRemedy(facts, loads, load.queryset, lookup);
  if (inClass !== null) return inClass;
  const isEditable =
    load.queryset !== null && !load.evaluatedInside && !load.mayBeOther && load.root.cause.kind !== "raw";
  if (lookup === null || load.queryset === null || !isEditable) {
    const text = adviceFor(facts, load, lookup, load.queryset);
    return { kind: "advice", text: load.queryset === null ? text + origin(facts, correlator, load) : text };
  }
  return { kind: "eager-load", chain: load.queryset, builder: load.builder, lookups: [lookup] };
}

/** Where the rows came from, for want of a queryset that could be named: the place that asked for them. */
function origin(facts: TraceFacts, correlator: Correlation, { root, at }: Load): string {
  const site = facts.stack(root).at(-1);
  if (site === undefined || facts.isTestsOwn(root) || facts.tests.has(site.path) || site.id === at?.id) return "";
  return ` The rows were asked for in ${placeWords(correlator.place(site))}.`;
}

/** Advice where some test saw rows written after the list was loaded and before the lookup would be read: what is loaded along keeps the older ones. */
function withoutOutdating(
  facts: TraceFacts,
  correlator: Correlation,
  remedy: PerRowRemedy,
  loads: readonly Load[],
  hanging: ReadonlyMap<number, readonly Load[]>,
): PerRowRemedy {
  const [load] = loads;
  const lookup = isEager(remedy) ? remedy.lookups[0] : undefined;
  if (!isEager(remedy) || load === undefined || lookup === undefined) return remedy;
  const roots = new Set([...loads.map(({ root }) => root), ...builtAlike(facts, correlator, load)].map(({ id }) => id));
  const served = [...roots]
    .flatMap((id) => hanging.get(id) ?? [])
    .filter((each) => `${lookup.path}__`.startsWith(`${eagerLookup(each)?.path ?? prefetchedPath(each)}__`));
  const writes = interveningWrites(facts, served);
  return writes.length === 0
    ? remedy
    : { kind: "advice", text: outdatedAdvice(remedy.chain, lookup, writes, writesInTheLoop(facts, served)) };
}

function evidenceOf({ scope, loads, count, sumNs, fired, rows }: Measure): Evidence {
  const roots = distinct(loads.map(({ root }) => root)).filter(({ scopeId }) => scopeId === scope.id);
  return {
    scope: scopeDescription(scope),
    scopeId: scope.id,
    queries: roots.reduce((total, root) => total + root.count, count),
    instances: fired,
    rows,
    sumNs: roots.reduce((total, root) => total + root.sumNs, sumNs),
  };
}

/** Of the scopes that show what the finding says. */
function costliest(measures: readonly Measure[], confidence: Confidence): Measure {
  const telling = confidence === "suspected" ? measures : measures.filter(isRepeated);
  return (telling.length > 0 ? telling : measures).reduce((worst, each) => {
    if (each.count !== worst.count) return each.count > worst.count ? each : worst;
    return scopeDescription(each.scope) < scopeDescription(worst.scope) ? each : worst;
  });
}

/** All that a number rests on: the statements on the stacks, and those that built the queryset. */
function isFresh(facts: TraceFacts, correlator: Correlation, { row, root, queryset }: Load): boolean {
  const construction = facts.construction(root);
  const sites: Site[] = [...facts.stack(row), ...facts.stack(root)];
  if (queryset !== null && construction !== null) sites.push(queryset.site, ...facts.stack(construction));
  return correlator.isFresh(sites);
}

/** Where library code alone loads them (a serializer), the innermost user frame is the test's request: the queryset then comes first. */
function placesOf(facts: TraceFacts, correlator: Correlation, loads: readonly Load[]): readonly Place[] {
  const places = loads.flatMap(({ at, queryset }) => {
    if (at === null) return [];
    const place = correlator.place(at);
    return queryset !== null && facts.tests.has(at.path) ? [queryset, place] : [place];
  });
  return [...new Map(places.map((place) => [placeKey(place), place])).values()];
}

function shownBy(measures: readonly Measure[], confidence: Confidence): ReadonlySet<number> {
  const telling = confidence === "suspected" ? measures : measures.filter(isRepeated);
  return new Set(telling.flatMap(({ loads }) => loads.map(({ row }) => row.id)));
}

function coveringTests(measures: readonly Measure[]): readonly string[] {
  return [...new Set(measures.flatMap(({ scope }) => scope.test ?? []))].sort();
}
