import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../scripts/lib/process.ts";
import type { Copy, Finding } from "./checkout.ts";
import { contentKey } from "./contentKey.ts";
import type { Project } from "./project.ts";
import {
  type Case,
  callersOf,
  findingsFor,
  isAtOneOf,
  isAtQueryset,
  isConstant,
  lookupsIn,
  nameOf,
  type Outcome,
  servesLookup,
} from "./score.ts";
import { broken, excess, type Recorded, readBuiltQueries, readRecording, readStacks } from "./segments.ts";
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
  /** Recordings are kept here: what was recorded of the same text and the same tests is not run again. */
  readonly folder: string;
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

/** Which tests run each call, from one run of all tests with probes in place. */
export async function coverage(bench: Bench): Promise<ReadonlyMap<number, readonly string[]>> {
  const { copy, oracle } = bench;
  const file = join(bench.folder, "probes.txt");
  const kept = join(bench.folder, "coverage.json");
  if (existsSync(kept)) return new Map(JSON.parse(readFileSync(kept, "utf8")) as [number, string[]][]);
  for (const [path, probes] of Map.groupBy(oracle.probes, (probe) => probe.path)) copy.edit(path, probeSpans(probes));
  const covered = await copy.probed(file);
  copy.restore();
  writeFileSync(kept, JSON.stringify([...covered]));
  return covered;
}

/** Takes one argument out, reruns its tests, asks the tool, applies what it offers and reruns the tests again. */
export async function runCase(
  bench: Bench,
  one: Case,
  covering: readonly string[],
  { whole, findings: before }: Unchanged,
): Promise<Outcome> {
  const { copy } = bench;
  const tests = spread(covering, bench.most);
  const out = { ...nothing, name: nameOf(one), tests: tests.length };
  if (tests.length === 0) return { ...out, state: "never executed" };

  copy.edit(one.path, [one.edit]);
  try {
    const mutated = await recorded(bench, tests);
    const { queries, places, onlyBatches } = excess(whole.recorded, mutated.recorded);
    if (queries === 0) {
      const fails = broken(whole.recorded, mutated.recorded).length > 0;
      return { ...out, state: fails ? "does not run without it" : "not brought into play" };
    }
    const findings = findingsFor(one, places, before, await copy.report(mutated.folder));
    const callers = one.insideManager ? callersOf(one, readStacks(mutated.folder), new Set(bench.oracle.managers)) : [];
    const placed = findings.filter((finding) => isAtQueryset(one, finding) || isAtOneOf(callers, finding));
    const counted = {
      ...out,
      state: "in" as const,
      extra: queries,
      places: [...places].sort(),
      constant: onlyBatches || isConstant(one, readBuiltQueries(mutated.folder)),
      found: findings.length > 0,
      rightPlace: placed.length > 0,
      findings,
    };
    const fixable = findings.filter(({ fix }) => fix !== null);
    if (fixable.length === 0) return counted;
    const applied = await applyFixes(bench, mutated.folder, fixable);
    const fixed = await recorded(bench, tests);
    const left = excess(whole.recorded, fixed.recorded).queries;
    const harmed = broken(mutated.recorded, fixed.recorded);
    const serves = servesLookup(one.lookup, lookupsIn(placed)) && one.plain;
    return {
      ...counted,
      applied,
      harmed,
      left,
      rightFix: placed.length > 0 && harmed.length === 0 && (serves || left === 0),
    };
  } finally {
    copy.restore();
  }
}

const nothing: Omit<Outcome, "name" | "state" | "tests"> = {
  extra: 0,
  places: [],
  constant: false,
  found: false,
  rightPlace: false,
  rightFix: false,
  harmed: null,
  left: null,
  findings: [],
  applied: "",
};

/** The project as it is, all tests recorded, and what the tool says of it. */
export interface Unchanged {
  readonly whole: Kept;
  readonly findings: readonly Finding[];
}

export async function unchanged(bench: Bench): Promise<Unchanged> {
  const whole = await recorded(bench, []);
  const findings = await bench.copy.report(whole.folder);
  bench.copy.restore();
  return { whole, findings };
}

/** A finding of the unchanged project, and what applying its fix does to its tests. */
export interface Tried {
  readonly finding: Finding;
  /** Null where it has no fix. */
  readonly applied: { readonly harmed: readonly string[]; readonly saved: number; readonly added: number } | null;
}

export async function tryFinding(bench: Bench, { whole }: Unchanged, finding: Finding): Promise<Tried> {
  const { copy } = bench;
  if (finding.fix === null || finding.stale) return { finding, applied: null };
  const tests = spread(
    finding.coveringTests.map((test) => copy.testName(test)),
    bench.most,
  );
  try {
    await applyFixes(bench, whole.folder, [finding]);
    const fixed = await recorded(bench, tests);
    return {
      finding,
      applied: {
        harmed: broken(whole.recorded, fixed.recorded),
        saved: excess(fixed.recorded, whole.recorded).queries,
        added: excess(whole.recorded, fixed.recorded).queries,
      },
    };
  } finally {
    copy.restore();
  }
}

async function applyFixes(bench: Bench, recording: string, findings: readonly Finding[]): Promise<string> {
  const { copy } = bench;
  const files = new Set(findings.flatMap(({ fix }) => fix?.edits.map(({ file }) => file) ?? []));
  return copy.fix(
    recording,
    findings.map(({ id }) => id),
    files,
  );
}

export interface Kept {
  readonly folder: string;
  readonly recorded: Recorded;
}

/** Records the copy as it stands; the same text with the same tests only once. */
async function recorded(bench: Bench, tests: readonly string[]): Promise<Kept> {
  const { copy } = bench;
  const folder = join(bench.folder, "recordings", contentKey([...copy.state(), ...tests]));
  if (existsSync(join(folder, ".querysight"))) return { folder, recorded: readRecording(folder) };
  mkdirSync(folder, { recursive: true });
  return { folder, recorded: await copy.record(tests, folder) };
}

/** At most so many, from all classes alike. */
function spread(tests: readonly string[], most: number): readonly string[] {
  if (tests.length <= most) return tests.toSorted();
  const groups = [...Map.groupBy(tests.toSorted(), (test) => test.replace(/(::|\.)[^:.]*$/, "")).values()];
  const rounds = Math.max(...groups.map((group) => group.length));
  const turns = Array.from({ length: rounds }, (_, round) => groups.flatMap((group) => group[round] ?? [])).flat();
  return turns.slice(0, most).toSorted();
}
