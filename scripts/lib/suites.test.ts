import { describe, expect, it } from "vitest";
import { pytestCounts, unittestCounts, vitestCounts } from "./suites.ts";

describe("counts of a suite", () => {
  it("reads pytest's closing line", () => {
    const output = "....\n=== 1 failed, 57 passed, 2 skipped, 1 error in 4.20s ===\n";
    expect(pytestCounts(output, 1)).toEqual({ passed: 57, failed: 2, skipped: 2 });
  });

  it("counts a pytest run that crashed, or that ran nothing, as failed", () => {
    expect(pytestCounts("Segmentation fault\n", 139).failed).toBe(1);
    expect(pytestCounts("no tests ran in 0.01s\n", 0).failed).toBe(1);
  });

  it("reads unittest's closing lines", () => {
    expect(unittestCounts("Ran 10 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=2)\n", 1)).toEqual({
      passed: 6,
      failed: 2,
      skipped: 2,
    });
    expect(unittestCounts("Ran 10 tests in 0.1s\n\nOK\n", 0)).toEqual({ passed: 10, failed: 0, skipped: 0 });
  });

  it("reads vitest's report and keeps a failing exit", () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 0,
      numFailedTestSuites: 0,
      numPendingTests: 1,
      numTodoTests: 0,
    };
    expect(vitestCounts(JSON.stringify(report), 0)).toEqual({ passed: 3, failed: 0, skipped: 1 });
    expect(vitestCounts(JSON.stringify(report), 1).failed).toBe(1);
  });
});
