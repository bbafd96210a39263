import type { Place } from "../correlate/correlation.ts";
import { comparePositions, containsRange, type Range } from "../text/range.ts";
import type { QueryRow, Site } from "../trace/model.ts";
import { loadedRows } from "./evidence.ts";
import type { Confidence, Finding, Remedy, RuleCode } from "./finding.ts";
import { findingId, placeKey, statementKey } from "./identity.ts";
import { placeWords } from "./message.ts";
import type { Correlation } from "./ports.ts";
import { querysetExpression } from "./querysetExpression.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import { modelWords, quantity, scopeDescription, scopeWords } from "./words.ts";

/** A query of no instance's that one loop of the application asked again and again, each time for something else. */
export interface LoopQuery {
  readonly row: QueryRow;
  /** Innermost user site. */
  readonly at: Place;
  /** The header of the loop; null where a library goes through the rows and asks for a declared field of each (a serializer). */
  readonly loop: Place | null;
}

/** What one of the rules about queries in loops says of them. */
export interface LoopQueryRule {
  readonly code: RuleCode;
  concerns(query: LoopQuery): boolean;
  /** What the loop does each time: `asks for a product`. */
  verb(query: LoopQuery): string;
  remedy(evidence: TraceEvidence, queries: readonly LoopQuery[]): Remedy;
}

/** One finding for each query expression and loop, over all scopes; the numbers are those of the costliest scope. */
export function findLoopQueries(evidence: TraceEvidence, rule: LoopQueryRule): readonly Finding[] {
  const groups = Map.groupBy(evidence.loopQueries.filter(rule.concerns), groupKey);
  return [...groups.values()].flatMap((queries) => describe(evidence, rule, queries) ?? []);
}

/** All queries in loops, in the order of their rows' ids. */
export function loopQueries(evidence: TraceEvidence): readonly LoopQuery[] {
  return evidence.reader
    .rowsCausedBy(["queryset", "raw", "cursor"], "repeated")
    .flatMap((row) => readLoopQuery(evidence, row) ?? []);
}

/** What writes as well, or reads to write. */
const writing = /^a?(create|get_or_create|update_or_create|bulk_create|bulk_update|update|delete)$/;
/** Many keys at once: the loop goes through batches already. Locks are taken row by row on purpose. */
const batched = /\bIN \(%s, \u2026\)|\bFOR (?:NO KEY )?UPDATE\b/;

/** Asked between bounds alone, as a report does for each hour: `__in` would gather nothing. */
function isOfBounds(sql: string): boolean {
  return /(?:[<>]=?|\bBETWEEN) %s/.test(sql) && !/ (?:=|LIKE|IN) \(?(?:\w+\()?%s/.test(sql);
}

function readLoopQuery(evidence: TraceEvidence, row: QueryRow): LoopQuery | null {
  const { facts } = evidence;
  if (writing.test(row.cause.api ?? "")) return null;
  const { sql } = facts.statement(row);
  if (!facts.isSelect(row) || facts.isTestsOwn(row) || batched.test(sql) || isOfBounds(sql)) return null;
  const stack = facts.stack(row);
  const site = stack.at(-1);
  if (site === undefined || facts.tests.has(site.path) || isBuiltOutOfSight(evidence, row)) return null;
  const loop = loopAround(evidence, stack);
  return loop === undefined ? null : { row, at: evidence.correlator.place(site), loop };
}

/**
 * The loop itself writes to the table that it asks, so that each turn is rightly asked anew, and what was loaded before the loop would be out of date (a
 * check that each saved row is unique; what a signal's receiver looks up of the row that was just saved).
 */
export function isWrittenWithin({ facts, correlator }: TraceEvidence, { row, loop }: LoopQuery): boolean {
  const [own] = facts.statement(row).tables;
  if (loop === null || own === undefined) return false;
  const isWithin = (site: Site) => {
    if (site.path !== loop.path || site.kind !== loop.site.kind) return false;
    const { placement } = correlator.place(site);
    if (placement.state === "gone" || loop.placement.state === "gone") return false;
    const { start } = loop.placement.range;
    return turnsAround(correlator, site, placement.range).some((header) => comparePositions(header.start, start) === 0);
  };
  return facts
    .writesIn(row.scopeId)
    .some((write) => facts.statement(write).tables.includes(own) && facts.stack(write).some(isWithin));
}

/** A library's own query (a form's check that a value is unique): nothing of it is written in the project. */
function isBuiltOutOfSight({ facts, correlator }: TraceEvidence, row: QueryRow): boolean {
  if (row.cause.kind !== "queryset") return false;
  const site = facts.construction(row)?.chain ?? null;
  if (site === null) return true;
  return querysetExpression(correlator, facts.schema, correlator.place(site), loadedRows(row)) === null;
}

/**
 * The innermost loop on the stack that goes through data; null for a library's own loop. Undefined where there is none: what a
 * test calls again and again is no loop of the application's.
 */
function loopAround({ facts, correlator }: TraceEvidence, stack: readonly Site[]): Place | null | undefined {
  for (const site of stack.toReversed()) {
    if (facts.tests.has(site.path)) return undefined;
    if (site.kind === "serializer" || site.kind === "admin" || site.kind === "graphql") return null;
    const { placement } = correlator.place(site);
    if (placement.state === "gone") continue;
    const headers = turnsAround(correlator, site, placement.range);
    const [header] = headers;
    if (header !== undefined) return { site, path: site.path, placement: { ...placement, range: header } };
  }
  return undefined;
}

function turnsAround(correlator: Correlation, site: Site, range: Range): readonly Range[] {
  if (site.kind === "template") {
    const loops = correlator.templateFile(site.path)?.loopsAround(range) ?? [];
    return loops.filter(({ body }) => containsRange(body, range)).map(({ openRange }) => openRange);
  }
  const turns = site.column === null ? [] : (correlator.pythonFile(site.path)?.turnsAround(range) ?? []);
  return turns.filter(({ isBounded }) => !isBounded).map(({ loop }) => loop.header);
}

function groupKey({ at, loop, row }: LoopQuery): string {
  return `${placeKey(at)} ${loop === null ? "" : placeKey(loop)} ${row.cause.model} ${row.cause.api}`;
}

/** What one scope shows. */
interface Measure {
  readonly scopeId: number;
  readonly queries: readonly LoopQuery[];
  readonly count: number;
  readonly distinct: number;
}

/** So many different questions are no accident of two rows. */
const enough = 3;

function describe(evidence: TraceEvidence, rule: LoopQueryRule, queries: readonly LoopQuery[]): Finding | null {
  const { facts, correlator } = evidence;
  const measures = Array.from(
    Map.groupBy(queries, ({ row }) => row.scopeId),
    measured,
  );
  const isFresh = ({ row }: LoopQuery) => correlator.isFresh(facts.stack(row));
  const fresh = measures.filter((measure) => measure.queries.every(isFresh));
  const worst = (fresh.length > 0 ? fresh : measures).reduce((most, each) => (each.count > most.count ? each : most));
  const [query] = worst.queries;
  if (query === undefined) return null;
  const { at, loop, row } = query;
  const confidence = confidenceOf(measures);
  const remedy = rule.remedy(evidence, queries);
  const scope = facts.scope(worst.scopeId);
  const where = loop === null ? "The list" : `The loop in ${placeWords(loop)}`;
  const times = `${quantity(worst.count, "query")} in ${scopeWords(scope)}, with ${quantity(worst.distinct, "different value")}`;
  const advice = remedy.kind === "advice" ? remedy.text : "Fetch them all with one query before the loop.";
  return {
    id: findingId([
      rule.code,
      statementKey(correlator, at),
      loop === null ? "" : statementKey(correlator, loop),
      row.cause.model ?? "",
      row.cause.api ?? "",
    ]),
    rule: rule.code,
    severity: confidence === "suspected" ? "hint" : "warning",
    confidence,
    stale: fresh.length === 0,
    message: `${where} ${rule.verb(query)} in each of its turns: ${times}. ${advice}`,
    at,
    fires: [at],
    queryset: null,
    loop,
    evidence: {
      scope: scopeDescription(scope),
      scopeId: scope.id,
      queries: worst.count,
      instances: worst.distinct,
      rows: 0,
      sumNs: worst.queries.reduce((total, each) => total + each.row.sumNs, 0),
    },
    shownBy: new Set(queries.map((each) => each.row.id)),
    coveringTests: [...new Set(measures.flatMap(({ scopeId }) => facts.scope(scopeId).test ?? []))].sort(),
    remedy,
    alternatives: [],
  };
}

function measured([scopeId, queries]: [number, readonly LoopQuery[]]): Measure {
  return {
    scopeId,
    queries,
    count: queries.reduce((total, { row }) => total + row.count, 0),
    distinct: Math.max(...queries.map(({ row }) => row.parameters)),
  };
}

/** `proven`: two scopes differ in the count, so it grows with something. */
function confidenceOf(measures: readonly Measure[]): Confidence {
  if (!measures.some(({ distinct }) => distinct >= enough)) return "suspected";
  return new Set(measures.map(({ count }) => count)).size > 1 ? "proven" : "likely";
}

/** `a product`, `an order` */
export function oneOf({ row }: LoopQuery): string {
  const words = modelWords(row.cause.target ?? row.cause.model);
  return `${/^[aeiou]/.test(words) ? "an" : "a"} ${words}`;
}
