import { describe, expect, test } from "vitest";
import type { Outcome } from "../trace/model.ts";
import { compare, keepingCounts } from "./compare.ts";
import { comparisonText } from "./comparisonText.ts";
import type { MeasuredScope, Snapshot } from "./snapshot.ts";

const list = "shop/tests.py::OrderListTests::test_list";
const count = "shop/tests.py::OrderListTests::test_count";

function scope(queries: number, members: Partial<MeasuredScope> = {}): MeasuredScope {
  const { name = "GET /orders/", test = list, touched = true } = members;
  return {
    key: `${test} ${name}`,
    name,
    test,
    outcome: "passed",
    status: 200,
    queries,
    lasting: queries,
    touched,
    stale: false,
    ...members,
  };
}

function snapshot(scopes: readonly MeasuredScope[], outcomes: Readonly<Record<string, Outcome>> = {}): Snapshot {
  const own = scopes.map(({ test, outcome }) => [test, outcome ?? "passed"] as const);
  return { scopes, outcomes: new Map([...own, ...Object.entries(outcomes)]) };
}

function verified(before: Snapshot, after: Snapshot, tests: readonly string[] = [...before.outcomes.keys()]) {
  const comparison = compare(before, after, tests);
  return { ...comparison, ...comparisonText(comparison) };
}

describe("a fix that saves no query, but what each brings", () => {
  test("holds where as many run as before", () => {
    const comparison = keepingCounts(compare(snapshot([scope(2)]), snapshot([scope(2)]), [list]));
    expect([comparison.verdict, comparisonText(comparison).headline]).toEqual([
      "held",
      "As many queries as before, which bring less: GET /orders/ still runs 2 queries, 1 test passed.",
    ]);
  });

  test("does not where more run, or a test broke", () => {
    const more = compare(snapshot([scope(2)]), snapshot([scope(9)]), [list]);
    const broke = compare(snapshot([scope(2)]), snapshot([scope(2, { outcome: "failed" })], { [list]: "failed" }), [
      list,
    ]);
    expect([keepingCounts(more).verdict, keepingCounts(broke).verdict]).toEqual(["rose", "broken"]);
  });
});

describe("a fix that works", () => {
  test("is told by the scope that gained most, with the tests", () => {
    const before = snapshot([
      scope(101),
      scope(101, { test: count }),
      scope(13, { name: "GET /packing/", test: count }),
    ]);
    const after = snapshot([scope(2), scope(2, { test: count }), scope(3, { name: "GET /packing/", test: count })]);
    const { verdict, headline, details } = verified(before, after);
    expect(verdict).toBe("fell");
    expect(headline).toBe("GET /orders/: 101 -> 2 queries, 2 tests passed.");
    expect(details).toEqual(["GET /packing/: 13 -> 3 queries"]);
  });

  test("may cost some scope a query", () => {
    const before = snapshot([scope(101), scope(1, { name: "GET /", test: count })]);
    const after = snapshot([scope(2), scope(2, { name: "GET /", test: count })]);
    expect(verified(before, after)).toMatchObject({ verdict: "fell", details: ["GET /: 1 -> 2 queries"] });
  });

  test("is not put down by a test that failed before, too", () => {
    const failing = scope(3, { test: count, outcome: "failed" });
    const { verdict, headline, details } = verified(snapshot([scope(101), failing]), snapshot([scope(1), failing]));
    expect(verdict).toBe("fell");
    expect(headline).toBe("GET /orders/: 101 -> 1 query, 1 test passed, 1 failed.");
    expect(details).toEqual([`Failed before the change too: ${count}`]);
  });
});

describe("a fix that does not", () => {
  test("changes nothing", () => {
    const { verdict, headline } = verified(snapshot([scope(101)]), snapshot([scope(101)]));
    expect(verdict).toBe("same");
    expect(headline).toBe("Nothing changed: GET /orders/ still runs 101 queries, 1 test passed.");
  });

  test("makes more queries", () => {
    const { verdict, headline } = verified(snapshot([scope(2)]), snapshot([scope(1_003)]));
    expect(verdict).toBe("rose");
    expect(headline).toBe("More queries than before: GET /orders/: 2 -> 1,003 queries, 1 test passed.");
  });

  test("breaks a test, whatever the counts say", () => {
    const before = snapshot([scope(101), scope(101, { test: count })]);
    const after = snapshot([scope(2), scope(2, { test: count, outcome: "failed" })]);
    const { verdict, broken, headline, details } = verified(before, after);
    expect(verdict).toBe("broken");
    expect(broken).toEqual([{ test: count, outcome: "failed" }]);
    expect(headline).toBe(`1 test broke: ${count}.`);
    expect(details).toEqual(["GET /orders/: 101 -> 2 queries"]);
  });
});

describe("what is compared", () => {
  const silent = (before: MeasuredScope, after: MeasuredScope) =>
    expect(verified(snapshot([before]), snapshot([after]))).toMatchObject({ verdict: "incomparable", changes: [] });

  test("only tests that end as they did", () => silent(scope(101, { outcome: "failed" }), scope(2)));
  test("only responses that are what they were", () => silent(scope(101), scope(2, { status: 404 })));
  test("no number that was recorded before another edit", () => silent(scope(101, { stale: true }), scope(2)));
  test("no scope that is not there any more", () => silent(scope(101), scope(2, { name: "GET /other/" })));

  test("no content types, which a process asks for once", () => {
    const { verdict } = verified(snapshot([scope(101)]), snapshot([scope(102, { lasting: 101 })]));
    expect(verdict).toBe("same");
  });

  test("scopes of one name in one test together", () => {
    const two = (queries: number) => snapshot([scope(queries, { name: "import" }), scope(queries, { name: "import" })]);
    expect(verified(two(50), two(5)).headline).toBe("import: 100 -> 10 queries, 1 test passed.");
  });

  test("scopes that do not run the changed code are said to differ by themselves", () => {
    const other = (queries: number) => scope(queries, { name: "GET /random/", test: count, touched: false });
    const { verdict, details } = verified(snapshot([scope(101), other(7)]), snapshot([scope(2), other(9)]));
    expect(verdict).toBe("fell");
    expect(details[0]).toMatch(/differs from run to run\): GET \/random\/$/);
  });
});

test("tests that did not run are named; where none did, nothing is verified", () => {
  const before = snapshot([scope(101), scope(101, { test: count })]);
  expect(verified(before, snapshot([scope(2)])).details).toEqual([`Did not run this time: ${count}`]);
  expect(verified(before, snapshot([]))).toMatchObject({
    verdict: "not-run",
    headline: "None of the tests ran to its end, so nothing is verified.",
  });
});

test("names of a recording stay on their line, and long lists are cut", () => {
  const names = Array.from({ length: 12 }, (_, index) => `a.py::test_${index}\u001b[2J\n`);
  const before = snapshot(names.map((test) => scope(9, { test })));
  const { headline } = verified(before, snapshot([], Object.fromEntries(names.map((test) => [test, "error"]))));
  expect(headline).toMatch(/^12 tests broke: a\.py::test_0 \[2J, .*, 2 more\.$/);
});
