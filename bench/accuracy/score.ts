import type { CallPlace, Finding } from "./checkout.ts";
import type { BuiltQuery, Frame } from "./segments.ts";
import type { Span } from "./spans.ts";

/** One argument, as find_arguments.py describes it. */
export interface Case {
  readonly path: string;
  readonly line: number;
  readonly method: string;
  readonly argument: string;
  /** `project__owner`; null where it is not written as a string. */
  readonly lookup: string | null;
  /** A string, not a `Prefetch` object. */
  readonly plain: boolean;
  readonly edit: Span;
  readonly probe: number;
  /** Line ranges of this queryset's expressions. */
  readonly queryset: readonly (readonly [number, number])[];
}

export type State =
  | "never executed"
  | "called by tests alone"
  | "not brought into play"
  | "does not run without it"
  /**
   * What it costs does not grow with the rows: the queryset was only ever asked for one, by `get()` or `first()`, or another argument still loads the
   * relation for all rows at once. Silence is right.
   */
  | "saves a constant number"
  /** Counted. */
  | "in";

export interface Outcome {
  readonly name: string;
  readonly state: State;
  /** Tests that were rerun. */
  readonly tests: number;
  /** SELECTs more than with the argument. */
  readonly extra: number;
  readonly places: readonly string[];
  /** By a finding; where the number is constant, this says that the tool was not silent. */
  readonly found: boolean;
  readonly rightPlace: boolean;
  readonly rightFix: boolean;
  /** Tests that the fix broke; null where no fix was applied. */
  readonly harmed: readonly string[] | null;
  /** SELECTs that are still more with the fix than with the argument. */
  readonly left: number | null;
  readonly findings: readonly Finding[];
  /** What `fix` printed. */
  readonly applied: string;
}

export function nameOf({ path, line, argument }: Case): string {
  return `${path}:${line} ${argument}`;
}

/** New findings that stand at an access that the argument had served, or at its queryset. */
export function findingsFor(
  one: Case,
  places: ReadonlySet<string>,
  before: readonly Finding[],
  after: readonly Finding[],
): readonly Finding[] {
  const known = new Set(before.map(signature));
  return after.filter(
    (finding) =>
      !finding.stale &&
      !known.has(signature(finding)) &&
      (places.has(`${finding.file}:${finding.line}`) || (isAtQueryset(one, finding) && isAbout(one, finding))),
  );
}

/** It names the relation that was loaded along: other findings stand at the same queryset. */
function isAbout({ lookup }: Case, finding: Finding): boolean {
  if (lookup === null) return true;
  return pathsNamed(finding).some(
    (path) => `${path}__`.startsWith(`${lookup}__`) || `${lookup}__`.startsWith(`${path}__`),
  );
}

/** What is loaded of which queryset's rows. Numbers, the place that the costliest scope shows, and the remedy may change with any edit. */
function signature(finding: Finding): string {
  const { message, site } = finding;
  const [, what = message] =
    /\b((?:loads?|counts?|quer(?:y|ies)|adds? up|asks? whether there are any of) (?:its|their) [\w ]+?)(?: with a query|:| for the )/.exec(
      message,
    ) ?? [];
  const verb = what
    .replace(/^(load|count|add|ask)s/, "$1")
    .replace(/^queries/, "query")
    .replace(/ its /, " their ");
  return [site.file, site.line, verb, ...pathsNamed(finding)].join("|");
}

/** Lookups that the message names. Those of the fix are all its queryset's. */
function pathsNamed({ message }: Finding): readonly string[] {
  return [...message.matchAll(/["'](\w+)["']/g)].flatMap(([, path]) => path ?? []);
}

export function isAtQueryset({ path, queryset }: Case, { site }: Finding): boolean {
  return site.file === path && queryset.some(([first, last]) => first <= site.line && site.line <= last);
}

/**
 * Where an argument stands in a manager's own method, the expressions that call it are a right place too, and the better one: the method's other
 * callers need not pay.
 */
export function isAtOneOf(callers: readonly CallPlace[], { site }: Finding): boolean {
  return callers.some(({ path, line, endLine }) => path === site.file && line <= site.line && site.line <= endLine);
}

/**
 * By what Django writes for `get()` and `first()`, and the rows that came, in the scopes that run more: nothing that grows with rows can hang on it.
 * A paginator cuts a list of one row to `LIMIT 1`, too, but counts it before.
 */
export function isConstant(one: Case, queries: readonly BuiltQuery[], scopes: ReadonlySet<string>): boolean {
  const throughMany = one.method === "prefetch_related" && (one.lookup === null || one.lookup.includes("__"));
  const isOwn = ({ path, line }: Frame) =>
    path === one.path && one.queryset.some(([first, last]) => first <= line && line <= last);
  const all = queries.filter(({ scope, built }) => scopes.has(scope) && built.some(isOwn));
  const own = all.filter(({ rows }) => rows !== null);
  return (
    !throughMany &&
    own.length > 0 &&
    !all.some(({ sql }) => sql.startsWith("SELECT COUNT(")) &&
    own.every(({ sql, rows, count }) => /LIMIT (1|21)$/.test(sql) && (rows ?? 0) <= count)
  );
}

/** Lookups that the fixes write. */
export function lookupsIn(findings: readonly Finding[]): readonly string[] {
  const texts = findings.flatMap(({ fix }) => fix?.edits.map(({ newText }) => newText) ?? []);
  return texts.flatMap((text) => [...text.matchAll(/["'](\w+)["']/g)].flatMap(([, path]) => path ?? []));
}

export function servesLookup(lookup: string | null, written: readonly string[]): boolean {
  return lookup !== null && written.some((path) => path === lookup || path.startsWith(`${lookup}__`));
}
