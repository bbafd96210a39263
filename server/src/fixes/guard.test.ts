import { beforeAll, describe, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import type { CauseKind } from "../trace/model.ts";
import { guardFor } from "./guard.ts";
import { type Code, type OpenRecording, Recording } from "./testing.ts";

const testPath = "shop/tests/test_views.py";
const id = (name: string) => `${testPath}::${name}`;
const view = "def orders(request):\n    return list(Order.objects.all())\n";

const cases = `from django.test import TestCase


class OrderTests(TestCase):
    def test_list(self):
        response = self.client.get("/orders/")
        self.assertEqual(response.status_code, 200)
`;

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

interface Query {
  readonly count?: number;
  readonly sql?: string;
  readonly kind?: CauseKind;
  readonly db?: string;
}

interface Run {
  readonly test: string;
  /** The piece of the test that asks, which of its occurrences, and within what code. */
  readonly from: string;
  readonly occurrence?: number;
  readonly qualname: string;
  readonly route?: string | null;
  readonly queries: readonly Query[];
}

const listRun: Run = {
  test: id("OrderTests::test_list"),
  from: 'self.client.get("/orders/")',
  qualname: "OrderTests.test_list",
  queries: [{ count: 3 }],
};

async function record(
  tests: string,
  runs: readonly Run[],
  today?: Readonly<Record<string, string>>,
): Promise<OpenRecording> {
  const recording = new Recording({ "shop/views.py": view, [testPath]: tests });
  for (const { test, from, occurrence = 1, qualname, route = "/orders/", queries } of runs) {
    const caller: Code = [testPath, from, occurrence, { qualname }];
    const scope = route === null ? recording.test(test, "call", [caller]) : recording.request(route, test, [caller]);
    for (const query of queries)
      scope.query({ model: "shop.Order", built: ["shop/views.py", "Order.objects.all()"], ...query });
  }
  return recording.open(today);
}

/** The test's file with its guard; the reason where there is none. */
function guarded(recording: OpenRecording, tests: string, index = 0): string {
  const scope = recording.reader.scopes()[index];
  const result = guardFor(scope?.id ?? 0, recording);
  if (!result.ok) return `withheld: ${result.withheld.reason}`;
  const text = applyEdits(tests, result.fix.edits);
  expect(parser.parse(text).hasErrors).toBe(false);
  return text;
}

async function guard(tests: string, ...runs: readonly Run[]): Promise<string> {
  return guarded(await record(tests, runs), tests);
}

describe("a guard is written", () => {
  test("around the request of a TestCase", async () => {
    expect(await guard(cases, listRun)).toBe(
      cases.replace(
        '        response = self.client.get("/orders/")',
        '        with self.assertNumQueries(3):\n            response = self.client.get("/orders/")',
      ),
    );
  });

  test("with a fixture in a pytest function, parametrised or not", async () => {
    const tests =
      '@pytest.mark.django_db\ndef test_list(client):\n    assert client.get("/orders/").status_code == 200\n';
    const run = { ...listRun, from: 'client.get("/orders/")', qualname: "test_list" };
    const written = `@pytest.mark.django_db
def test_list(client, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert client.get("/orders/").status_code == 200
`;
    expect(await guard(tests, { ...run, test: id("test_list") })).toBe(written);
    expect(await guard(tests, { ...run, test: id("test_list[a::b]") }, { ...run, test: id("test_list[c]") })).toBe(
      written,
    );
  });

  test("around what a test calls itself, the costliest of several", async () => {
    const tests = "def test_service(db):\n    create()\n    remind()\n";
    const own = { test: id("test_service"), qualname: "test_service", route: null };
    const recording = await record(tests, [{ ...own, from: "remind()", queries: [{ count: 4 }] }]);
    expect(guarded(recording, tests)).toContain("    with django_assert_num_queries(4):\n        remind()\n");
  });

  test("that counts savepoints, and no other database", async () => {
    const queries = [{ count: 3 }, { sql: "SELECT other", db: "replica" }];
    expect(await guard(cases, { ...listRun, queries })).toContain("assertNumQueries(3)");
  });

  test("in a loop whose turns cost the same", async () => {
    const tests = cases.replace("        response = ", "        for _ in range(2):\n            response = ");
    expect(await guard(tests, listRun, listRun)).toContain(
      '        for _ in range(2):\n            with self.assertNumQueries(3):\n                response = self.client.get("/orders/")\n',
    );
  });

  test("in another test of the same request, where its own takes none", async () => {
    const tests = `${cases}
    def test_both(self):
        first, second = self.client.get("/orders/"), self.get_any()
        for status in [self.client.get("/orders/").status_code]:
            pass
`;
    const hard: Run = {
      ...listRun,
      test: id("OrderTests::test_both"),
      occurrence: 3,
      qualname: "OrderTests.test_both",
    };
    expect(guarded(await record(tests, [hard, listRun]), tests)).toContain(
      '        with self.assertNumQueries(3):\n            response = self.client.get("/orders/")\n        self.assertEqual',
    );
  });
});

describe("a guard that is there", () => {
  const inside = (manager: string) =>
    cases.replace(
      '        response = self.client.get("/orders/")',
      `        with ${manager}:\n            response = self.client.get("/orders/")`,
    );

  test("is tightened where it is looser", async () => {
    const loose = inside("django_assert_max_num_queries(50)");
    expect(await guard(loose, listRun)).toBe(loose.replace("(50)", "(3)"));
    const exact = inside("self.assertNumQueries(50, exact=False)");
    expect(await guard(exact, listRun)).toBe(exact.replace("50", "3"));
  });

  test("is tightened to the costliest of its tests", async () => {
    const loose = inside("django_assert_max_num_queries(50)");
    const other = { ...listRun, test: id("OrderTests::test_list[b]"), queries: [{ count: 7 }] };
    expect(await guard(loose, listRun, other)).toBe(loose.replace("(50)", "(7)"));
  });

  test.each(["self.assertNumQueries(3)", "django_assert_max_num_queries(3)"])("is left alone: %s", async (manager) => {
    expect(await guard(inside(manager), listRun)).toMatch(
      /^withheld: shop\/tests\/test_views\.py:6 asserts .*already\.$/,
    );
  });

  test("in another test of the request is enough", async () => {
    const tests = `${inside("self.assertNumQueries(3)")}
    def test_other(self):
        self.client.get("/orders/")
`;
    const other: Run = {
      ...listRun,
      test: id("OrderTests::test_other"),
      occurrence: 2,
      qualname: "OrderTests.test_other",
    };
    expect(guarded(await record(tests, [other, listRun]), tests)).toMatch(/:6 asserts the number already\.$/);
  });
});

describe("withheld, with the reason", () => {
  const reason = async (tests: string, ...runs: readonly Run[]) => guard(tests, ...runs);

  test("without a query", async () => {
    expect(await reason(cases, { ...listRun, queries: [] })).toMatch(/^withheld: GET \/orders\/ runs no query/);
  });

  test("where its tests execute different numbers", async () => {
    const other = { ...listRun, test: id("OrderTests::test_list[b]"), queries: [{ count: 7 }] };
    expect(await reason(cases, listRun, other)).toMatch(/executes different numbers of queries \(3, 7\)\.$/);
  });

  test("where content types or transactions are asked for", async () => {
    const types = { ...listRun, queries: [{ count: 3 }, { kind: "contenttypes" as const, sql: "SELECT types" }] };
    expect(await reason(cases, types)).toMatch(/asks for content types/);
  });

  test("where the request is issued out of sight", async () => {
    const helper = cases.replace("def test_list(self):\n        response = ", "def fetch(self):\n        response = ");
    expect(await reason(helper, { ...listRun, qualname: "OrderTests.fetch" })).toMatch(
      /issues the request cannot be found\.$/,
    );
  });

  test("in a statement with a body, or that shares its line", async () => {
    const compound = cases.replace(
      'response = self.client.get("/orders/")',
      'if self.client.get("/orders/"):\n            pass',
    );
    expect(await reason(compound, listRun)).toMatch(/no simple statement on lines of its own\.$/);
    const shared = cases.replace("response = ", "before = 1; response = ");
    expect(await reason(shared, listRun)).toMatch(/no simple statement on lines of its own\.$/);
  });

  test("in an asynchronous test", async () => {
    const later = cases.replace("def test_list", "async def test_list");
    expect(await reason(later, listRun)).toMatch(/is asynchronous/);
  });

  test("in a loop that the recording cannot take apart", async () => {
    const tests = "def test_service(db):\n    for _ in range(3):\n        remind()\n";
    const run = {
      test: id("test_service"),
      qualname: "test_service",
      route: null,
      from: "remind()",
      queries: [{ count: 4 }],
    };
    expect(await reason(tests, run)).toMatch(/stands in a loop/);
    const requests = cases.replace("        response = ", "        for _ in range(2):\n            response = ");
    expect(await reason(requests, listRun, { ...listRun, queries: [] })).toMatch(/stands in a loop/);
  });

  test("where the parameters take no fixture", async () => {
    const tests = 'def test_list(client, *, size=3):\n    client.get("/orders/")\n';
    const run = { ...listRun, test: id("test_list"), from: 'client.get("/orders/")', qualname: "test_list" };
    expect(await reason(tests, run)).toMatch(/take no fixture: ask for django_assert_num_queries by hand\.$/);
  });

  test("after an edit", async () => {
    const today = { "shop/views.py": view.replace("all()", "filter(paid=True)") };
    expect(guarded(await record(cases, [listRun], today), cases)).toMatch(/recorded before an edit/);
  });

  test("without a test", async () => {
    const recording = new Recording({ "shop/views.py": view });
    recording.request("/orders/").query({ model: "shop.Order", built: ["shop/views.py", "Order.objects.all()"] });
    expect(guarded(await recording.open(), "")).toBe("withheld: It was not recorded by a test.");
  });
});
