import { describe, expect, it } from "vitest";
import type { ProjectStatus } from "../../../server/src/protocol.ts";
import { ageOf, statusText } from "./statusText.ts";

const now = 1_000_000_000;

function project(changes: Partial<ProjectStatus>): ProjectStatus {
  return {
    name: "demo",
    uri: "file:///demo",
    state: "ready",
    message: "",
    testsRecorded: 57,
    testsCollected: 57,
    findings: 3,
    recordedAt: now - 120_000,
    problems: [],
    ...changes,
  };
}

describe("the status item's words", () => {
  it("says that nothing is recorded, with and without a project", () => {
    expect(statusText([], now).text).toBe("Querysight: nothing recorded yet");
    expect(statusText([project({ state: "empty" })], now).text).toBe("Querysight: nothing recorded yet");
  });

  it("counts tests, problems and age", () => {
    expect(statusText([project({})], now)).toEqual({
      text: "Querysight: 57 tests recorded",
      detail: "3 problems found, recorded 2 minutes ago",
      warning: false,
    });
  });

  it("says how much of the suite is missing", () => {
    expect(statusText([project({ testsRecorded: 12, testsCollected: 619 })], now).text).toBe(
      "Querysight: 12 of 619 tests recorded",
    );
  });

  it("warns of what could not be read", () => {
    expect(statusText([project({ problems: ["a torn line"] })], now)).toMatchObject({
      detail: "3 problems found, recorded 2 minutes ago, 1 part of the recording could not be read",
      warning: true,
    });
    expect(statusText([project({ state: "unavailable", message: "The store is locked." })], now)).toEqual({
      text: "Querysight: cannot read the recording",
      detail: "The store is locked.",
      warning: true,
    });
  });

  it("tells an age in its largest unit", () => {
    expect([0, 59_000, 60_000, 7_200_000, 3 * 86_400_000].map(ageOf)).toEqual([
      "recorded just now",
      "recorded just now",
      "recorded 1 minute ago",
      "recorded 2 hours ago",
      "recorded 3 days ago",
    ]);
  });
});
