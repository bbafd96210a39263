import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recorder } from "../../scripts/lib/paths.ts";
import { must, Refusal } from "../../scripts/lib/process.ts";
import type { CallPlace, Copy, Finding, Hit } from "./checkout.ts";
import { contentKey } from "./contentKey.ts";
import type { Project } from "./project.ts";
import {
  type Case,
  findingsFor,
  isAtOneOf,
  isAtQueryset,
  isConstant,
  lookupsIn,
  nameOf,
  type Outcome,
  servesLookup,
} from "./score.ts";
import { broken, excess, type Recorded, readBuiltQueries, readRecording } from "./segments.ts";
import type { Span } from "./spans.ts";

/** What find_arguments.py prints. */
export interface Oracle {
  readonly cases: readonly Case[];
  readonly probes: readonly {
    readonly path: string;
    readonly insertions: readonly { readonly offset: number; readonly text: string }[];
  }[];
  readonly bare: readonly string[];
  readonly managers: readonly string[];
  /** Paths of the application's code. */
  readonly files: readonly string[];
  /** Of them, neither blank nor comments alone. */
  readonly lines: number;
}

export async function findArguments(python: string, checkout: string, project: Project): Promise<Oracle> {
  const script = join(import.meta.dirname, "find_arguments.py");
  const { sources, exclude } = project;
  return JSON.parse(
    await must("Finding the arguments", python, [script, checkout, JSON.stringify({ sources, exclude })]),
  ) as Oracle;
}

export interface Bench {
  readonly copy: Copy;
  readonly oracle: Oracle;
  readonly folder: string;
  /** What was recorded of the same text and the same tests is kept here and not run again; the parts of a run may share it. */
  readonly recordings: string;
  /** Tests that are rerun for one argument, at most. */
  readonly most: number;
  log(line: string): void;
}

/** One insertion for each offset: where several probes begin, the outer one is the later one and comes first. */
export function probeSpans(probes: Oracle["probes"]): readonly Span[] {
  const insertions = probes.flatMap((probe) => probe.insertions).toReversed();
  return [...Map.groupBy(insertions, ({ offset }) => offset)].map(([offset, here]) => ({
    start: offset,
    end: offset,
    text: here.map(({ text }) => text).join(""),
  }));
}

/** Who runs a call. */
export interface Coverage {
  /** As their runner names them. */
  readonly tests: readonly string[];
  /** Of the manager's method that the call stands in; empty where it stands in none. */
  readonly callers: readonly CallPlace[];
}

/** Who runs each call, by its probe, from one run of all tests with probes in place. */
export async function coverage(bench: Bench): Promise<ReadonlyMap<number, Coverage>> {
  const { copy, oracle } = bench;
  const file = join(bench.folder, "probes.txt");
  const kept = join(bench.folder, "coverage.json");
  if (!existsSync(kept)) {
    for (const [path, probes] of Map.groupBy(oracle.probes, (probe) => probe.path)) copy.edit(path, probeSpans(probes));
    const hits = await copy.probed(file, oracle.managers);
    copy.restore();
    if (hits.length === 0) throw new Refusal("No test ran a probe: the project's Python must be 3.11 or newer.");
    writeFileSync(kept, JSON.stringify(hits));
  }
  const hits = JSON.parse(readFileSync(kept, "utf8")) as readonly Hit[];
  const inTests = hits.filter(({ test }) => test !== "");
  return new Map(
    [...Map.groupBy(inTests, ({ probe }) => probe)].map(([probe, own]) => [
      probe,
      { tests: [...new Set(own.map(({ test }) => test))], callers: own.flatMap(({ caller }) => caller ?? []) },
    ]),
  );
}

/** Takes one argument out, reruns its tests, asks the tool, applies what it offers and reruns the tests again. */
export async function runCase(
  bench: Bench,
  one: Case,
  { tests: covering, callers }: Coverage,
  all: Unchanged,
): Promise<Outcome> {
  const { copy, oracle } = bench;
  const tests = spread(covering, bench.most);
  const out = { ...nothing, name: nameOf(one), tests: tests.length };
  if (tests.length === 0) return { ...out, state: "never executed" };
  const isApplication = ({ path }: CallPlace) => oracle.files.includes(path);
  if (callers.length > 0 && !callers.some(isApplication)) return { ...out, state: "called by tests alone" };

  const { kept: whole, findings: before } = await unchanged(bench, tests, all);
  copy.edit(one.path, [one.edit]);
  try {
    const mutated = await recorded(bench, tests);
    const { queries, scopes, places, onlyBatches } = excess(whole.recorded, mutated.recorded);
    if (queries === 0) {
      const fails = broken(whole.recorded, mutated.recorded).length > 0;
      return { ...out, state: fails ? "does not run without it" : "not brought into play" };
    }
    const findings = findingsFor(one, places, before, await copy.report([all.kept.folder, mutated.folder]));
    const placed = findings.filter((finding) => isAtQueryset(one, finding) || isAtOneOf(callers, finding));
    const isOut = onlyBatches || isConstant(one, readBuiltQueries(mutated.folder), scopes);
    const counted = {
      ...out,
      state: isOut ? ("saves a constant number" as const) : ("in" as const),
      extra: queries,
      places: [...places].sort(),
      found: findings.length > 0,
      rightPlace: placed.length > 0,
      findings,
    };
    const fixable = findings.filter(({ fix }) => fix !== null);
    if (fixable.length === 0) return counted;
    const applied = await applyFixes(bench, [all.kept.folder, mutated.folder], fixable);
    const fixed = await recorded(bench, tests);
    const left = excess(whole.recorded, fixed.recorded).queries;
    const harmed = broken(mutated.recorded, fixed.recorded);
    const serves = servesLookup(one.lookup, lookupsIn(placed)) && one.plain;
    // What a fix elsewhere brought back says nothing of the one at the right place.
    const cures = left === 0 && fixable.every((finding) => placed.includes(finding));
    return {
      ...counted,
      applied,
      harmed,
      left,
      rightFix: harmed.length === 0 && (serves || cures),
    };
  } finally {
    copy.restore();
  }
}

const nothing: Omit<Outcome, "name" | "state" | "tests"> = {
  extra: 0,
  places: [],
  found: false,
  rightPlace: false,
  rightFix: false,
  harmed: null,
  left: null,
  findings: [],
  applied: "",
};

/** The project as it is, and what the tool says of it. */
export interface Unchanged {
  readonly kept: Kept;
  readonly findings: readonly Finding[];
  /** What was repeated over it already, by the tests: the arguments of one call share them. */
  readonly repeated: Map<string, Unchanged>;
}

/**
 * With all tests; with some where `all` is given: their recording lies over that of all tests, as it does for somebody who has recorded the project and
 * repeats the tests that an edit concerns. A case is compared with the very tests that it repeats, since what a process keeps between tests differs.
 */
export async function unchanged(
  bench: Bench,
  tests: readonly string[] = [],
  all: Unchanged | null = null,
): Promise<Unchanged> {
  const key = contentKey(tests);
  const known = all?.repeated.get(key);
  if (known !== undefined) return known;
  const kept = await recorded(bench, tests);
  if (kept.recorded.outcomes.size === 0) throw new Error("Nothing was recorded of the unchanged project.");
  const findings = await bench.copy.report(all === null ? [kept.folder] : [all.kept.folder, kept.folder]);
  if (all === null) bench.copy.keepStore(kept.folder);
  bench.copy.restore();
  const result = { kept, findings, repeated: new Map<string, Unchanged>() };
  all?.repeated.set(key, result);
  return result;
}

/** A finding of the unchanged project, and what applying its fix does to its tests. */
export interface Tried {
  readonly finding: Finding;
  /** Null where it has no fix, or where only a part of the fixes is tried one at a time. */
  readonly applied: Applied | null;
}

export interface Applied {
  readonly harmed: readonly string[];
  readonly saved: number;
  readonly added: number;
}

export async function tryFinding(bench: Bench, whole: Unchanged, finding: Finding): Promise<Tried> {
  if (!isFixable(finding)) return { finding, applied: null };
  const tests = finding.coveringTests.map((test) => bench.copy.testName(test));
  return { finding, applied: await tryFixes(bench, whole, [finding], spread(tests, bench.most)) };
}

/** All fixes of the unchanged project together, and all tests: also those of which no finding says that they are concerned. */
export async function tryAll(bench: Bench, whole: Unchanged): Promise<Applied> {
  return tryFixes(bench, whole, whole.findings.filter(isFixable), []);
}

function isFixable({ fix, stale }: Finding): boolean {
  return fix !== null && !stale;
}

async function tryFixes(
  bench: Bench,
  whole: Unchanged,
  findings: readonly Finding[],
  tests: readonly string[],
): Promise<Applied> {
  const before = tests.length === 0 ? whole.kept : await recorded(bench, tests);
  try {
    await applyFixes(bench, [whole.kept.folder], findings);
    const fixed = await recorded(bench, tests);
    return {
      harmed: broken(before.recorded, fixed.recorded),
      saved: excess(fixed.recorded, before.recorded).queries,
      added: excess(before.recorded, fixed.recorded).queries,
    };
  } finally {
    bench.copy.restore();
  }
}

async function applyFixes(bench: Bench, recordings: readonly string[], findings: readonly Finding[]): Promise<string> {
  const { copy } = bench;
  const files = new Set(findings.flatMap(({ fix }) => fix?.edits.map(({ file }) => file) ?? []));
  return copy.fix(
    recordings,
    findings.map(({ id }) => id),
    files,
  );
}

export interface Kept {
  readonly folder: string;
  readonly recorded: Recorded;
}

/** Records the copy as it stands; the same text with the same tests and the same recorder only once. */
async function recorded(bench: Bench, tests: readonly string[]): Promise<Kept> {
  const { copy } = bench;
  const folder = join(bench.recordings, contentKey([...recorderSources, ...copy.state(), ...tests]));
  if (existsSync(join(folder, ".querysight"))) return { folder, recorded: readRecording(folder) };
  mkdirSync(folder, { recursive: true });
  return { folder, recorded: await copy.record(tests, folder) };
}

const recorderSources = readdirSync(join(recorder, "querysight"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".py"))
  .sort()
  .map((name) => readFileSync(join(recorder, "querysight", name)));

/** At most so many, from all classes alike. */
function spread(tests: readonly string[], most: number): readonly string[] {
  if (tests.length <= most) return tests.toSorted();
  const groups = [...Map.groupBy(tests.toSorted(), (test) => test.replace(/(::|\.)[^:.]*$/, "")).values()];
  const rounds = Math.max(...groups.map((group) => group.length));
  const turns = Array.from({ length: rounds }, (_, round) => groups.flatMap((group) => group[round] ?? [])).flat();
  return turns.slice(0, most).toSorted();
}
