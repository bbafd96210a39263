import { describe, expect, test } from "vitest";
import { judgeState, parseManifest } from "./manifest.ts";
import { MemoryRuns, openMemoryTrace } from "./testing.ts";

const RUN = "20260101T000000Z-1-aaaa";
const MINUTE = 60_000;

describe("a manifest that says running", () => {
  const surroundings = { now: 100 * 24 * 60 * MINUTE, projectRoot: "/project", isAlive: (pid: number) => pid === 1 };
  const state = (pid: number, root: string, silence: number) =>
    judgeState({ state: "running", pid, root }, surroundings.now - silence, surroundings);

  test("is believed while its process lives here", () => {
    expect(state(1, "/project", 60 * MINUTE)).toBe("running");
  });

  test("is interrupted once its process is gone, but for a moment's grace", () => {
    expect(state(2, "/project", MINUTE)).toBe("interrupted");
    expect(state(2, "/project", 1_000)).toBe("running");
  });

  test("is judged by its silence where its process lives elsewhere", () => {
    expect(state(2, "/app", MINUTE)).toBe("running");
    expect(state(1, "/app", 20 * MINUTE)).toBe("interrupted");
  });

  test("is not believed because its last write is still to come, as after a clock was set back", () => {
    expect(state(2, "/project", -60 * MINUTE)).toBe("interrupted");
    expect(state(1, "/project", -60 * MINUTE)).toBe("running");
    expect(state(1, "/app", -60 * MINUTE)).toBe("interrupted");
    expect(state(2, "/project", -1_000)).toBe("running");
  });

  test("is not believed for ever, as process ids come back", () => {
    expect(state(1, "/project", 2 * 24 * 60 * MINUTE)).toBe("interrupted");
  });
});

test("a manifest that is over stands as it is", () => {
  const claimed = { state: "partial", pid: 2, root: "/project" } as const;
  expect(judgeState(claimed, 0, { now: 1e12, projectRoot: "/project", isAlive: () => false })).toBe("partial");
});

describe("a broken manifest", () => {
  test.each([
    ["{", "bad-record", "not JSON"],
    ["[]", "bad-record", "not a JSON object"],
    ['{"format":2}', "newer-format", "too old: update the extension. The run's segments are read without it."],
    ['{"format":1}', "bad-record", '"id"'],
  ])("%j is told of, and the run's segments are read", (text, code, message) => {
    const { reader } = openMemoryTrace(new MemoryRuns().describe(RUN, text));
    expect(reader.summary().problems).toEqual([
      { code, file: `runs/${RUN}/run.json`, message: expect.stringContaining(message) },
    ]);
    expect(reader.summary().runs).toMatchObject([{ id: RUN, startedAt: Date.UTC(2026, 0, 1) }]);
  });

  test("of another run is not taken for this one's", () => {
    const runs = new MemoryRuns().describe("20260102T000000Z-1-aaaa", {});
    const text = runs.manifest("20260102T000000Z-1-aaaa") ?? "";
    expect(parseManifest(text, RUN)).toMatchObject({ kind: "bad", message: expect.stringContaining("another run") });
  });

  test("heals when it is replaced", () => {
    const trace = openMemoryTrace(new MemoryRuns().describe(RUN, "{"));
    trace.runs.describe(RUN, { state: "partial" });
    trace.refresh();
    expect(trace.reader.summary()).toMatchObject({ problems: [], runs: [{ state: "partial" }] });
  });
});
