import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the scores need of a recording, read straight from the segments and sharing no code with the tool: how many SELECTs ran in each scope,
 * at which places of the project's own code. Of what the recorder concluded (causes, parents, paths) nothing is used.
 */
export interface Recorded {
  /** By a description of the scope that is the same in two runs of one test. */
  readonly scopes: ReadonlyMap<string, RecordedScope>;
  /** `passed`, `failed`, …; by test id. */
  readonly outcomes: ReadonlyMap<string, string>;
}

export interface RecordedScope {
  readonly test: string | null;
  readonly selects: number;
  /** SELECTs by the innermost user place that ran them: `hc/front/views.py:240`. */
  readonly places: ReadonlyMap<string, number>;
  /** SELECTs by the table that they load from, and how many of these load for many keys at once (`IN (…)`). */
  readonly tables: ReadonlyMap<string, { readonly count: number; readonly batches: number }>;
}

interface GrowingScope extends RecordedScope {
  selects: number;
  readonly places: Map<string, number>;
  readonly tables: Map<string, { readonly count: number; readonly batches: number }>;
}

interface Line {
  readonly type: string;
  readonly id: number;
  readonly [member: string]: unknown;
}

export function readRecording(root: string): Recorded {
  const scopes = new Map<string, GrowingScope>();
  const outcomes = new Map<string, string>();
  for (const segment of segmentsIn(root)) takeSegment(segment, scopes, outcomes);
  return { scopes, outcomes };
}

function segmentsIn(root: string): readonly string[] {
  const runs = join(root, ".querysight", "runs");
  if (!existsSync(runs)) return [];
  return readdirSync(runs).flatMap((run) =>
    readdirSync(join(runs, run))
      .filter((name) => name.endsWith(".ndjson"))
      .map((name) => join(runs, run, name)),
  );
}

export interface Frame {
  readonly path: string;
  readonly line: number;
}

/** A SELECT of a queryset, with the frames that built it. */
export interface BuiltQuery {
  readonly scope: string;
  readonly built: readonly Frame[];
  readonly sql: string;
  readonly count: number;
  /** Loaded, over all executions; null where they are not known. */
  readonly rows: number | null;
}

export function readBuiltQueries(root: string): readonly BuiltQuery[] {
  return segmentsIn(root).flatMap((segment) => {
    const tables = tablesOf(segment);
    const opened = tables.lines.filter(({ type }) => type === "scope");
    const scopes = new Map(opened.map((scope) => [scope.id, scopeName(scope)]));
    return tables.lines.flatMap((line) => {
      const construction = tables.constructions.get(Number(line["construction"]));
      const statement = tables.statements.get(Number(line["statement"]));
      if (line.type !== "row" || construction === undefined || statement?.["verb"] !== "select") return [];
      const { count, rows } = line as unknown as { readonly count: number; readonly rows: number | null };
      const scope = scopes.get(Number(line["scope"])) ?? "";
      return [
        { scope, built: framesOf(tables, Number(construction["stack"])), sql: String(statement["sql"]), count, rows },
      ];
    });
  });
}

type Tables = ReturnType<typeof tablesOf>;

function framesOf(tables: Tables, id: number): readonly Frame[] {
  const stack = tables.stacks.get(id);
  const site = tables.sites.get(Number(stack?.["site"]));
  if (stack === undefined || site === undefined) return [];
  const path = String(tables.files.get(Number(site["file"]))?.["path"]);
  const frame = { path, line: Number(site["line"]) };
  return [...framesOf(tables, Number(stack["parent"])), frame];
}

function tablesOf(path: string) {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  const byId = (type: string) => new Map(lines.filter((line) => line.type === type).map((line) => [line.id, line]));
  return {
    lines,
    files: byId("file"),
    sites: byId("site"),
    stacks: byId("stack"),
    statements: byId("statement"),
    constructions: byId("construction"),
  };
}

function takeSegment(path: string, scopes: Map<string, GrowingScope>, outcomes: Map<string, string>): void {
  const { lines, files, sites, stacks, statements } = tablesOf(path);
  const place = (stack: number) => {
    const site = sites.get(Number(stacks.get(stack)?.["site"]));
    return site === undefined ? "" : `${files.get(Number(site["file"]))?.["path"]}:${site["line"]}`;
  };
  const opened = new Map<number, { readonly name: string; readonly test: string | null }>();
  for (const line of lines) {
    if (line.type === "scope") opened.set(line.id, { name: scopeName(line), test: line["test"] as string | null });
    if (line.type === "test") outcomes.set(String(line.id), String(line["outcome"]));
    const statement = line.type === "row" ? statements.get(Number(line["statement"])) : undefined;
    if (statement?.["verb"] !== "select") continue;
    if ((statement["tables"] as string[]).every((table) => keptByDjango.has(table))) continue;
    const { name, test } = opened.get(Number(line["scope"])) ?? { name: "", test: null };
    const scope = scopes.get(name) ?? { test, selects: 0, places: new Map(), tables: new Map() };
    const count = Number(line["count"]);
    const at = place(Number(line["stack"]));
    scope.selects += count;
    scope.places.set(at, (scope.places.get(at) ?? 0) + count);
    const [table = ""] = statement["tables"] as string[];
    const former = scope.tables.get(table) ?? { count: 0, batches: 0 };
    const batches = isBatch(String(statement["sql"])) ? count : 0;
    scope.tables.set(table, { count: former.count + count, batches: former.batches + batches });
    scopes.set(name, scope);
  }
}

/** By many keys at once. Of a few Django writes no `IN`; but what loads one row by its key alone, `get()`, has a LIMIT. */
export function isBatch(sql: string): boolean {
  return / IN \(/.test(sql) || / WHERE \(?(\S+\.["`]id["`] = %s( OR )?)+\)?( ORDER BY ((?! LIMIT ).)*)?$/.test(sql);
}

/** Read once in a process and then kept: which test reads them depends on which ran before. */
const keptByDjango: ReadonlySet<string> = new Set(["django_content_type", "django_site"]);

/** Without the path: it holds keys that differ from run to run. */
function scopeName(scope: Line): string {
  const { kind, test, phase, ordinal, method, route, label } = scope;
  return [kind, test, phase, ordinal, method, route, label].map((part) => part ?? "").join(" ");
}

/** Scopes of tests that ran both times with more SELECTs than before, and the places where they are more. */
export function excess(before: Recorded, after: Recorded): Excess {
  const places = new Set<string>();
  const scopes = new Set<string>();
  let onlyBatches = true;
  let queries = 0;
  for (const [name, scope] of after.scopes) {
    if (scope.test !== null && !before.outcomes.has(scope.test)) continue;
    const former = before.scopes.get(name);
    const more = scope.selects - (former?.selects ?? 0);
    if (more <= 0) continue;
    queries += more;
    scopes.add(name);
    for (const [at, count] of scope.places) if (count > (former?.places.get(at) ?? 0)) places.add(at);
    for (const [table, { count, batches }] of scope.tables) {
      const known = former?.tables.get(table) ?? { count: 0, batches: 0 };
      if (count - known.count > Math.max(0, batches - known.batches)) onlyBatches = false;
    }
  }
  return { queries, scopes, places, onlyBatches };
}

export interface Excess {
  readonly queries: number;
  readonly scopes: ReadonlySet<string>;
  readonly places: ReadonlySet<string>;
  /** All of them load for many keys at once. */
  readonly onlyBatches: boolean;
}

/** Tests that passed before and do not now, be it that they no longer run. Both ran the same tests. */
export function broken(before: Recorded, after: Recorded): readonly string[] {
  return [...before.outcomes]
    .filter(([test, outcome]) => outcome === "passed" && after.outcomes.get(test) !== "passed")
    .map(([test]) => test);
}
