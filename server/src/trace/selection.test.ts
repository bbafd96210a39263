import { describe, expect, test } from "vitest";
import type { Outcome, ScopeKind } from "./model.ts";
import { MemoryRuns, type MemoryTrace, openMemoryTrace, SegmentBuilder } from "./testing.ts";

const run = (day: number) => `2026010${day}T000000Z-1-aaaa`;

/** A segment of one run, whose tests each ran `count` queries. */
class RunBuilder extends SegmentBuilder {
  attempt(test: string, count: number, outcome: Outcome | null = "passed"): this {
    this.recorded({ test }, count);
    return outcome === null ? this : this.test(test, outcome);
  }

  recorded(scope: Parameters<SegmentBuilder["scope"]>[0], count: number): this {
    const id = this.scope(scope);
    this.row(id, { cause: this.cause("queryset"), statement: this.statement("SELECT 1"), count });
    return this.endScope(id);
  }
}

function counts({ reader }: MemoryTrace): Readonly<Record<string, number>> {
  return Object.fromEntries(
    reader.scopes().map((scope) => [scope.test ?? scope.label ?? scope.route ?? "", scope.queries]),
  );
}

function ingested(...steps: readonly ((runs: MemoryRuns) => void)[]): MemoryTrace {
  const runs = new MemoryRuns();
  const trace = openMemoryTrace(runs, { keepSuperseded: 9 });
  for (const step of steps) {
    step(runs);
    trace.refresh();
  }
  return trace;
}

const recording =
  (builder: SegmentBuilder, state: "running" | "complete" | "partial" | "interrupted" = "partial") =>
  (runs: MemoryRuns) =>
    void runs.add(builder).describe(builder.run, { state });

describe("the recording of a test that counts", () => {
  test("is the newest that passed", () => {
    const trace = ingested(
      recording(new RunBuilder(run(2)).attempt("t::a", 20).attempt("t::b", 1)),
      recording(new RunBuilder(run(1)).attempt("t::a", 10)),
      recording(new RunBuilder(run(3)).attempt("t::a", 30)),
    );
    expect(counts(trace)).toEqual({ "t::a": 30, "t::b": 1 });
    expect(trace.reader.summary()).toMatchObject({ testsRecorded: 2, queries: 31, scopes: 2 });
  });

  test.each(["failed", "error", "skipped", "xfailed"] as const)("is not a newer one that %s", (outcome) => {
    const trace = ingested(
      recording(new RunBuilder(run(1)).attempt("t::a", 10)),
      recording(new RunBuilder(run(2)).attempt("t::a", 3, outcome)),
    );
    expect(counts(trace)).toEqual({ "t::a": 10 });
  });

  test("is the newest failed one while none passed, and one without an end while none has one", () => {
    const steps = [
      recording(new RunBuilder(run(1)).attempt("t::a", 1, null), "interrupted"),
      recording(new RunBuilder(run(2)).attempt("t::a", 2, "failed")),
      recording(new RunBuilder(run(3)).attempt("t::a", 3, "error")),
      recording(new RunBuilder(run(4)).attempt("t::a", 4, null), "interrupted"),
    ];
    expect(steps.map((_, index) => counts(ingested(...steps.slice(0, index + 1)))["t::a"])).toEqual([1, 2, 3, 3]);
  });

  test("is the last attempt of several in one run", () => {
    const builder = new RunBuilder(run(1)).attempt("t::a", 1, "failed").attempt("t::a", 2).attempt("t::a", 3, "failed");
    expect(counts(ingested(recording(builder)))).toEqual({ "t::a": 2 });
  });

  test("moves from the old run to the new as each test ends, while the run goes on", () => {
    const builder = new RunBuilder(run(2));
    const old = recording(new RunBuilder(run(1)).attempt("t::a", 10).attempt("t::b", 10), "complete");
    const trace = ingested(old, recording(builder.attempt("t::a", 1).attempt("t::b", 2, null), "running"));
    expect(counts(trace)).toEqual({ "t::a": 1, "t::b": 10 });
    trace.runs.add(builder.test("t::b"));
    trace.refresh();
    expect(counts(trace)).toEqual({ "t::a": 1, "t::b": 2 });
  });

  test("holds all scopes of its attempt", () => {
    const builder = new RunBuilder(run(1))
      .recorded({ test: "t::a", phase: "setup" }, 1)
      .recorded({ test: "t::a", kind: "request", route: "/x/" }, 2)
      .recorded({ test: "t::a" }, 4)
      .test("t::a");
    expect(ingested(recording(builder)).reader.summary()).toMatchObject({ queries: 7, scopes: 3, testsRecorded: 1 });
  });

  test("comes back when the newer run is deleted", () => {
    const trace = ingested(
      recording(new RunBuilder(run(1)).attempt("t::a", 10)),
      recording(new RunBuilder(run(2)).attempt("t::a", 20)),
      (runs) => runs.remove(run(2)),
    );
    expect(counts(trace)).toEqual({ "t::a": 10 });
  });
});

describe("tests that are gone", () => {
  const old = recording(
    new RunBuilder(run(1))
      .recorded({ test: "t.py::C", phase: "class" }, 5)
      .attempt("t.py::C::a", 1)
      .attempt("t.py::gone", 2)
      .collected(["t.py::C::a", "t.py::gone"]),
    "complete",
  );

  test("are dropped by a complete run that no longer collected them", () => {
    const trace = ingested(
      old,
      recording(new RunBuilder(run(2)).attempt("t.py::C::a", 3).collected(["t.py::C::a"]), "complete"),
    );
    expect(counts(trace)).toEqual({ "t.py::C": 5, "t.py::C::a": 3 });
    expect(trace.reader.summary()).toMatchObject({ testsRecorded: 1, testsCollected: 1 });
  });

  test("are dropped once that run is complete, and not while it runs", () => {
    const builder = new RunBuilder(run(2)).attempt("t.py::C::a", 3).collected(["t.py::C::a"]);
    const trace = ingested(old, recording(builder, "running"));
    expect(counts(trace)).toMatchObject({ "t.py::gone": 2 });
    trace.runs.describe(run(2), { state: "complete" });
    trace.refresh();
    expect(counts(trace)).not.toHaveProperty("t.py::gone");
  });

  test.each([
    ["partial", true],
    ["interrupted", true],
    ["complete", false],
  ] as const)("stay after a run that is %s (all: %j)", (state, all) => {
    const trace = ingested(
      old,
      recording(new RunBuilder(run(2)).attempt("t.py::C::a", 3).collected(["t.py::C::a"], all), state),
    );
    expect(counts(trace)).toMatchObject({ "t.py::C::a": all || state === "complete" ? 3 : 1, "t.py::gone": 2 });
  });

  test("stay after a command that ran to its end", () => {
    const command = new RunBuilder(run(2)).recorded({ kind: "command", label: "migrate" }, 7).collected([]);
    expect(counts(ingested(old, recording(command, "complete")))).toMatchObject({ "t.py::gone": 2, migrate: 7 });
  });

  test("take their class's set-up with them when the last of the class goes", () => {
    const trace = ingested(
      old,
      recording(new RunBuilder(run(2)).attempt("t.py::gone", 1).collected(["t.py::gone"]), "complete"),
    );
    expect(counts(trace)).toEqual({ "t.py::gone": 1 });
  });

  test("count again when a newer partial run recorded them", () => {
    const trace = ingested(
      old,
      recording(new RunBuilder(run(2)).attempt("t.py::C::a", 3).collected(["t.py::C::a"]), "complete"),
      recording(new RunBuilder(run(3)).attempt("t.py::gone", 9).collected(["t.py::gone"], false, 1)),
    );
    expect(counts(trace)).toMatchObject({ "t.py::gone": 9 });
  });
});

describe("the set-up of a class", () => {
  const setUp = (day: number, process = "main") =>
    new RunBuilder(run(day), process)
      .recorded({ test: "t.py::C", phase: "class" }, day)
      .recorded({ test: "t.py::C", phase: "class" }, day * 10);
  const queries = ({ reader }: MemoryTrace) => reader.summary().queries;

  test("is replaced as a whole, once a test of the class has ended", () => {
    const started = new RunBuilder(run(2)).recorded({ test: "t.py::C", phase: "class" }, 2);
    const trace = ingested(recording(setUp(1).attempt("t.py::C::a", 100)), recording(started, "running"));
    expect(queries(trace)).toBe(111);
    trace.runs.add(started.recorded({ test: "t.py::C", phase: "class" }, 20).attempt("t.py::CC::a", 1000));
    trace.refresh();
    expect(queries(trace)).toBe(1111);
    trace.runs.add(started.attempt("t.py::C::b", 10000, "failed"));
    trace.refresh();
    expect(queries(trace)).toBe(11122);
  });

  test("counts in each process that did it, and is shown while nothing else is there", () => {
    expect(queries(ingested(recording(setUp(1), "running")))).toBe(11);
    const both = [setUp(1).attempt("t.py::C::a", 100), setUp(1, "gw1").attempt("t.py::C::b", 1000)];
    expect(queries(ingested(...both.map((builder) => recording(builder))))).toBe(1122);
  });
});

describe("what is recorded outside tests", () => {
  const scope = (kind: ScopeKind, label: string | null, route: string | null = null) => ({
    kind,
    label,
    route,
    method: route && "GET",
  });

  test("is replaced by kind, label or route from a newer run", () => {
    const trace = ingested(
      recording(new RunBuilder(run(1)).recorded(scope("command", "load"), 1).recorded(scope("task", "mail"), 2)),
      recording(new RunBuilder(run(2)).recorded(scope("command", "load"), 10).recorded(scope("task", "load"), 20)),
    );
    expect(trace.reader.scopes().map(({ kind, label, queries }) => [kind, label, queries])).toEqual([
      ["task", "mail", 2],
      ["command", "load", 10],
      ["task", "load", 20],
    ]);
  });

  test("counts as often as it ran in that run, in whichever process", () => {
    const requests = (day: number, process: string, times: number) => {
      const builder = new RunBuilder(run(day), process);
      for (let time = 0; time < times; time += 1) builder.recorded(scope("request", null, "/orders/"), 1);
      return recording(builder);
    };
    expect(
      ingested(requests(1, "main", 5), requests(2, "main", 2), requests(2, "p12", 1)).reader.summary().scopes,
    ).toBe(3);
  });

  test("stays while the newer run has not finished its scope", () => {
    const builder = new RunBuilder(run(2));
    builder.scope(scope("command", "load"));
    const trace = ingested(
      recording(new RunBuilder(run(1)).recorded(scope("command", "load"), 1)),
      recording(builder, "interrupted"),
    );
    expect(counts(trace)).toEqual({ load: 1 });
  });
});

describe("runs of which nothing counts", () => {
  function runsAfter(
    days: number,
    keepSuperseded: number,
    state: "complete" | "partial" = "partial",
  ): readonly string[] {
    const runs = new MemoryRuns();
    const trace = openMemoryTrace(runs, { keepSuperseded });
    for (let day = 1; day <= days; day += 1) {
      recording(new RunBuilder(run(day)).attempt("t::a", day).collected(["t::a"]), state)(runs);
      trace.refresh();
    }
    trace.refresh();
    expect(counts(trace)).toEqual({ "t::a": days });
    return runs.list().runs.map(({ name }) => name);
  }

  test("are deleted but for the last few", () => {
    expect(runsAfter(5, 2)).toEqual([run(3), run(4), run(5)]);
    expect(runsAfter(3, 0)).toEqual([run(3)]);
  });

  test("stay while they run, or could not be read", () => {
    const trace = ingested(
      recording(new RunBuilder(run(1)).attempt("t::a", 1), "running"),
      recording(new SegmentBuilder(run(2), "main", { format: 9 })),
      recording(new RunBuilder(run(3)).attempt("t::a", 3)),
    );
    const { runs } = trace;
    expect(openMemoryTrace(runs, { keepSuperseded: 0 }).reader.summary().runs).toHaveLength(3);
    expect(runs.list().runs).toHaveLength(3);
  });

  test("stay where they say which tests there are", () => {
    const complete = recording(new RunBuilder(run(1)).attempt("t::a", 1).collected(["t::a", "t::b"]), "complete");
    const { runs } = ingested(complete, recording(new RunBuilder(run(2)).attempt("t::a", 2)));
    expect(openMemoryTrace(runs, { keepSuperseded: 0 }).reader.summary()).toMatchObject({
      testsRecorded: 1,
      testsCollected: 2,
    });
  });
});

describe("how many tests there are", () => {
  test("is known from a selection by what it left out", () => {
    const trace = ingested(recording(new RunBuilder(run(1)).attempt("t::a", 1).collected(["t::a"], false, 618)));
    expect(trace.reader.summary()).toMatchObject({ testsRecorded: 1, testsCollected: 619 });
  });
});
