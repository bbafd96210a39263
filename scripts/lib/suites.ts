import { run } from "./process.ts";

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One suite of `npm test`: what it is called, what it needs, and how it is run. */
export interface Suite {
  readonly name: string;
  readonly what: string;
  run(): Promise<Counts>;
}

/** A check that passes or fails as a whole. */
export async function check(command: string, args: readonly string[], cwd: string): Promise<Counts> {
  const { status } = await run(command, args, { cwd });
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

export function add(...all: readonly Counts[]): Counts {
  return all.reduce((sum, one) => ({
    passed: sum.passed + one.passed,
    failed: sum.failed + one.failed,
    skipped: sum.skipped + one.skipped,
  }));
}

/** Counts of pytest's closing line (`3 failed, 57 passed, 1 skipped in 4.20s`); a run that ended without one has failed. */
export function pytestCounts(output: string, status: number): Counts {
  const closing =
    output
      .trimEnd()
      .split("\n")
      .reverse()
      .find((line) => / in \d[\d.]*s/.test(line)) ?? "";
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  const counts = {
    passed: count("passed") + count("xfailed"),
    failed: count("failed") + count("errors?") + count("xpassed"),
    skipped: count("skipped"),
  };
  return honest(counts, status);
}

/** Counts of unittest's closing lines (`Ran 57 tests in 4.2s`, `FAILED (failures=1, skipped=2)`). */
export function unittestCounts(output: string, status: number): Counts {
  const ran = Number(/Ran (\d+) tests? in/.exec(output)?.[1] ?? 0);
  const count = (word: string) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(output)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const skipped = count("skipped");
  return honest({ passed: ran - failed - skipped, failed, skipped }, status);
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

export function vitestCounts(report: string, status: number): Counts {
  const parsed = JSON.parse(report) as VitestReport;
  const counts = {
    passed: parsed.numPassedTests,
    failed: parsed.numFailedTests || parsed.numFailedTestSuites,
    skipped: parsed.numPendingTests + parsed.numTodoTests,
  };
  return honest(counts, status);
}

/** A runner that failed without a failing test (a crash, nothing collected) is a failure; so is a green one that ran nothing. */
function honest(counts: Counts, status: number): Counts {
  const broken = (status !== 0 && counts.failed === 0) || (status === 0 && counts.passed === 0);
  return broken ? { ...counts, failed: counts.failed + 1 } : counts;
}
