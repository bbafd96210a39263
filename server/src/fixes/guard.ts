import type { Place } from "../correlate/correlation.ts";
import { isSetup } from "../insights/testFiles.ts";
import { requestWords } from "../insights/words.ts";
import type { CountAssertion } from "../python/countAssertions.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import { addFixture, functionAround, wrapInWith } from "../python/testFunctions.ts";
import { comparePositions, containsRange, type TextEdit } from "../text/range.ts";
import { fileOf, withoutParameters } from "../text/testIds.ts";
import type { QueryRow, Scope, Site } from "../trace/model.ts";
import type { FixContext } from "./change.ts";
import { rowsInside, totals } from "./countAssertions.ts";
import type { FixResult } from "./fix.ts";

/** So many tests of one request are looked at for one that can be guarded. */
const looked = 20;

/** What can be done in one test. */
type Guard =
  | { readonly kind: "write" | "tighten"; readonly title: string; readonly edits: readonly TextEdit[] }
  | { readonly kind: "guarded" | "none"; readonly reason: string };

/**
 * Has a test keep the number of queries that a scope was recorded with: an assertion around the statement of an existing test that issues the
 * request, or the tighter number in one that is there. Of the tests of the same request it is the scope's own, or the costliest that can be.
 * Withheld where one of them asserts the exact number already.
 */
export function guardFor(scopeId: number, context: FixContext): FixResult {
  const scope = context.reader.scope(scopeId);
  const guards = testsAlike(scope, context).map((each) => guardIn(each, context));
  const best =
    guards.find(({ kind }) => kind === "tighten") ??
    guards.find(({ kind }) => kind === "guarded") ??
    guards.find(({ kind }) => kind === "write") ??
    guards[0];
  if (best === undefined) return withheld("It was not recorded by a test.");
  if ("reason" in best) return withheld(best.reason);
  return { ok: true, fix: { title: best.title, safety: "safe", edits: best.edits } };
}

/** The scope itself, then those of the same request in other tests, the costliest first. */
function testsAlike(scope: Scope, { reader }: FixContext): readonly Scope[] {
  if (scope.test === null) return [];
  if (scope.kind !== "request") return [scope];
  const key = nameOf(scope);
  const others = reader
    .scopes()
    .filter((other) => other.id !== scope.id && other.test !== null && other.kind === "request" && !isSetup(other))
    .filter((other) => nameOf(other) === key && other.status === scope.status)
    .sort((a, b) => b.queries - a.queries || a.id - b.id);
  return [scope, ...others].slice(0, looked);
}

function guardIn(scope: Scope, context: FixContext): Guard {
  const { reader, correlator } = context;
  const { test } = scope;
  if (test === null || isSetup(scope)) return none("Only what a test itself asks for can be guarded, not its set-up.");
  const rows = reader.rowsOfScope(scope.id).filter(({ db }) => db === "default");
  if (rows.length === 0) return none(`${nameOf(scope)} runs no query in ${test}.`);
  if (!rows.every((row) => isFresh(row, context)))
    return none("It was recorded before an edit: record the tests again first.");
  const site = requestSite(scope, rows, test, context);
  if (site === null) return none(`The statement of ${test} that issues the request cannot be found.`);
  const path = fileOf(test);
  const file = correlator.pythonFile(path);
  const { placement } = correlator.place(site);
  const statement = file === null || placement.state === "gone" ? null : file.statementAt(placement.range);
  if (file === null || statement === null) return none(`${path} was edited since: record the tests again first.`);
  return inAssertion(file, path, statement, context) ?? around(file, path, statement, scope, test, context);
}

/** The number in an assertion that stands around the statement already; null where none does. */
function inAssertion(file: PythonFile, path: string, statement: Statement, context: FixContext): Guard | null {
  const assertion = file.withs.findLast(
    ({ block, range }) =>
      containsRange(statement.range, range) || (block !== null && containsRange(block, statement.range)),
  );
  if (assertion === undefined) return null;
  const { kind, value, countRange, range } = assertion;
  const place = `${path}:${range.start.line + 1}`;
  const measured = mostInside(path, assertion, context);
  if (kind === "exact" || countRange === null)
    return { kind: "guarded", reason: `${place} asserts the number already.` };
  if (value === null) return none(`${place} asserts a number that is not written as one.`);
  if (measured === 0 || value <= measured)
    return { kind: "guarded", reason: `${place} asserts ${value} queries at most already.` };
  const title = `Assert ${queries(measured)} at most instead of ${value} in ${place}`;
  return { kind: "tighten", title, edits: [{ file: path, range: countRange, newText: String(measured) }] };
}

/** Of the tests that run the block, the one that runs most in it. */
function mostInside(path: string, assertion: CountAssertion, { reader, correlator }: FixContext): number {
  const rows = rowsInside(reader, correlator, path, assertion).filter(({ scopeId }) => !isSetup(reader.scope(scopeId)));
  const byTest = Map.groupBy(rows, ({ scopeId }) => reader.scope(scopeId).test);
  return Math.max(0, ...Array.from(byTest.values(), (inTest) => totals(reader, inTest)[0] ?? 0));
}

function around(
  file: PythonFile,
  path: string,
  statement: Statement,
  scope: Scope,
  test: string,
  context: FixContext,
): Guard {
  const place = `${path}:${statement.range.start.line + 1}`;
  const count = countOf(path, statement, scope, context);
  if (typeof count === "string") return none(count);
  const owner = functionAround(file, statement);
  if (owner === null) return none(`${place} stands in no test function.`);
  if (owner.isAsync)
    return none(`${test} is asynchronous: its queries run on another thread's connection, where nothing counts them.`);
  const name = owner.isTestCase ? "assertNumQueries" : "django_assert_num_queries";
  const fixture = owner.isTestCase ? [] : addFixture(file, owner, name);
  if (fixture === null) return none(`The parameters of ${test} take no fixture: ask for ${name} by hand.`);
  const wrapping = wrapInWith(file, statement, `${owner.isTestCase ? "self." : ""}${name}(${count})`);
  if (wrapping === null)
    return none(`${place} cannot be put into a with block: it is no simple statement on lines of its own.`);
  const edits = [...fixture, ...wrapping].map((edit) => ({ file: path, ...edit }));
  return {
    kind: "write",
    title: `Assert ${queries(count)} of ${nameOf(scope)} in ${place}`,
    edits: edits.sort((a, b) => comparePositions(a.range.start, b.range.start)),
  };
}

/** What one run of the statement executes on the default database, in every test that runs it; in words where that is not one number. */
function countOf(path: string, statement: Statement, scope: Scope, context: FixContext): number | string {
  const { reader, correlator } = context;
  const here = correlator.sitesNow(path).filter((place) => standsIn(place, statement));
  const rows = reader
    .rowsThrough(here.map(({ site }) => site.id))
    .filter((row) => row.db === "default" && !isSetup(reader.scope(row.scopeId)));
  const place = `${path}:${statement.range.start.line + 1}`;
  if (rows.some(({ statementId }) => reader.statement(statementId).verb === "transaction")) {
    return `${place} opens transactions, which some versions of Django count and others do not.`;
  }
  if (rows.some(({ cause }) => cause.kind === "contenttypes")) {
    return `${place} asks for content types: only the first test of a process does, so its number depends on which tests ran before.`;
  }
  const counts = new Set<number>();
  for (const inTest of Map.groupBy(rows, ({ scopeId }) => reader.scope(scopeId).test).values()) {
    const scopes = Map.groupBy(inTest, ({ scopeId }) => scopeId);
    const isRepeated = scopes.size > 1;
    const isApart = [...scopes.keys()].every((id) => reader.scope(id).kind === "request");
    if (isRepeated && !isApart) counts.add(sum(inTest));
    else for (const group of scopes.values()) counts.add(sum(group));
  }
  for (const other of earlier(scope, context)) if (other.queries !== scope.queries) return differs(place, scope, other);
  const [count, ...others] = counts;
  if (count === undefined) return `${place} runs no query on the default database.`;
  const loops = correlator.pythonFile(path)?.loopsAround(statement.range) ?? [];
  if (loops.length > 0 && (scope.kind !== "request" || hasFreeRequests(scope, context))) {
    return `${place} stands in a loop, and the recording does not tell what each turn executes.`;
  }
  if (others.length === 0) return count;
  return `${place} executes different numbers of queries (${[...counts].sort((a, b) => a - b).join(", ")}).`;
}

/** Some request of the test ran no query: nothing tells which statement issued it. */
function hasFreeRequests({ test }: Scope, { reader }: FixContext): boolean {
  return reader.scopes().some((other) => other.test === test && other.kind === "request" && other.queries === 0);
}

function differs(place: string, { queries: now }: Scope, { queries: then }: Scope): string {
  return `The number differs from run to run: ${place} executed ${then} queries, then ${now}, with no edit between.`;
}

/** The same scope in other runs, of the code as it stands. */
function earlier(scope: Scope, context: FixContext): readonly Scope[] {
  const { reader } = context;
  const runs = reader
    .testEnds()
    .filter((end) => end.test === scope.test && end.run !== scope.run && end.outcome === "passed");
  return runs
    .flatMap(({ run }) => reader.scopesOfRun(run))
    .filter((other) => other.test === scope.test && other.kind === scope.kind && other.phase === scope.phase)
    .filter((other) => other.ordinal === scope.ordinal && nameOf(other) === nameOf(scope))
    .filter((other) => reader.rowsOfScope(other.id).every((row) => isFresh(row, context)));
}

/**
 * Where the test's own function asks for what the scope ran. A request is issued by one statement; of a test's own calls it is the one that runs
 * most. Null where there is none, or (for a request) several.
 */
function requestSite(
  scope: Scope,
  rows: readonly QueryRow[],
  test: string,
  { reader, correlator }: FixContext,
): Site | null {
  const path = fileOf(test);
  const name = withoutParameters(test).split("::").at(-1) ?? "";
  const found = rows.map((row) => ({
    row,
    site: reader.stack(row.stackId).find((site) => site.path === path && site.qualname.split(".").at(-1) === name),
  }));
  const statements = Map.groupBy(found, ({ site }) => {
    const placement = site === undefined ? null : correlator.place(site).placement;
    return placement === null || placement.state === "gone" ? "" : JSON.stringify(placement.statement.start);
  });
  if (scope.kind === "request" && statements.size !== 1) return null;
  statements.delete("");
  const [most] = [...statements.values()].sort((a, b) => sum(b.map(({ row }) => row)) - sum(a.map(({ row }) => row)));
  return most?.[0]?.site ?? null;
}

function isFresh(row: QueryRow, { reader, correlator }: FixContext): boolean {
  const built = row.constructionId === null ? null : reader.construction(row.constructionId);
  const behind = built === null ? [] : [...reader.stack(built.stackId), ...(built.chain === null ? [] : [built.chain])];
  return correlator.isFresh([...reader.stack(row.stackId), ...behind]);
}

function standsIn({ placement }: Place, { range }: Statement): boolean {
  return placement.state !== "gone" && containsRange(range, placement.range);
}

function nameOf(scope: Scope): string {
  return scope.kind === "request" ? requestWords(scope) : (scope.label ?? scope.test ?? scope.kind);
}

function queries(count: number): string {
  return count === 1 ? "1 query" : `${count} queries`;
}

function sum(rows: readonly QueryRow[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

function none(reason: string): Guard {
  return { kind: "none", reason };
}

function withheld(reason: string): FixResult {
  return { ok: false, withheld: { reason } };
}
