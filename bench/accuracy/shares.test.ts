import { expect, test } from "vitest";
import type { Tried } from "./bench.ts";
import type { Verdict } from "./project.ts";
import type { Outcome } from "./score.ts";
import { joined, type Run, sharesOf } from "./shares.ts";
import { overview, results } from "./table.ts";

function outcome(members: Partial<Outcome>): Outcome {
  return {
    name: "shop/views.py:8 'customer'",
    state: "in",
    tests: 1,
    extra: 3,
    places: [],
    found: true,
    rightPlace: true,
    rightFix: true,
    harmed: [],
    left: 0,
    findings: [],
    applied: "",
    ...members,
  };
}

const missed = { found: false, rightPlace: false, rightFix: false, harmed: null } as const;
const constant = { state: "saves a constant number", extra: 1 } as const;

function run(outcomes: readonly Outcome[], tried: readonly Tried[] = []): Run {
  return { project: "shop", commit: null, build: "", lines: 500, bare: [], outcomes, tried, together: null };
}

function finding(id: string): Tried {
  return { finding: { id } as Tried["finding"], applied: { harmed: [], saved: 1, added: 0 } };
}

const none = () => ({});

test("what saves a constant number of queries is out of every share, and is told of", () => {
  const shares = sharesOf(
    [run([outcome({}), outcome({ rightFix: false }), outcome({ ...constant, ...missed }), outcome(constant)])],
    none,
  );
  expect(shares).toMatchObject({ arguments: 4, in: 2, found: 2, rightPlace: 2, rightFix: 1, silent: 1, applied: 2 });
  expect(shares.out["saves a constant number"]).toBe(2);
  expect(shares.withConstant).toEqual({ in: 4, found: 3, rightPlace: 3, rightFix: 2 });
});

test("what never came into play is in no share at all", () => {
  const shares = sharesOf(
    [
      run([
        outcome(missed),
        outcome({ ...missed, state: "never executed" }),
        outcome({ ...missed, state: "not brought into play" }),
      ]),
    ],
    none,
  );
  expect(shares).toMatchObject({ arguments: 3, in: 1, found: 0, withConstant: { in: 1, found: 0 } });
});

test("a fix that breaks a test is harmful wherever it was offered", () => {
  const broken = { harmed: ["tests.py::test_orders"] };
  const shares = sharesOf([run([outcome(broken), outcome({ ...constant, ...broken }), outcome(missed)])], none);
  expect(shares).toMatchObject({ applied: 1, harmful: 1, harmfulConstant: 1 });
});

test("false findings are counted on the lines of the application's code, over all projects", () => {
  const wrong: Readonly<Record<string, Verdict>> = {
    a: { verdict: "wrong", why: "" },
    b: { verdict: "right", why: "" },
  };
  const one = run([], [finding("a"), finding("b")]);
  const shares = sharesOf([one, run([], [finding("c")])], (of) => (of === one ? wrong : {}));
  expect(shares).toMatchObject({ lines: 1000, findings: 3, wrong: 1, unread: 1, wrongPerThousand: 1 });
  const missedGoals = results("both", shares).filter(({ ok }) => ok === false);
  expect(missedGoals.map(({ name }) => name)).toContain("false on 1,000 lines");
});

test("the parts of a run are one, if they are of one build", () => {
  const second = run([outcome({ name: "shop/views.py:9 'items'" })], [finding("b")]);
  const first = run([outcome({ name: "shop/views.py:10 'customer'" })], [finding("a")]);
  const [all, ...others] = joined([first, second]);
  expect(others).toEqual([]);
  expect(all?.outcomes.map(({ name }) => name)).toEqual(["shop/views.py:9 'items'", "shop/views.py:10 'customer'"]);
  expect(all?.tried.map(({ finding: { id } }) => id)).toEqual(["a", "b"]);
  expect(() => joined([first, { ...second, build: "other" }])).toThrow("one build");
});

test("the goals are held against what is in, and the table shows the other share too", () => {
  const shares = sharesOf([run([outcome({}), outcome({ ...constant, ...missed })])], none);
  const goals = results("shop", shares).filter(({ goal }) => goal !== null);
  expect(goals.filter(({ ok }) => !ok)).toEqual([]);
  const table = overview([["shop", shares]]);
  expect(table).toContain("| **found** | 1 of 1 (100 %) |");
  expect(table).toContain("| found, were the constant ones in | 1 of 2 (50 %) |");
  expect(table).toContain("| silent about them | 1 of 1 (100 %) |");
});
