import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestProject, findingAt, type TestProject } from "../features/testing.ts";
import {
  type SegmentOptions,
  type ShopOptions,
  shopProject,
  shopSegment,
  template,
  templatePath,
  testId,
  testPath,
  tests,
  views,
  viewsPath,
} from "../features/testingShop.ts";
import type { FixResult } from "../fixes/fix.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { runTerminal } from "./runTerminal.ts";
import type { RunEnd, TestRunner } from "./testRunner.ts";

let parser: PythonParser;
let root: string;

beforeAll(async () => {
  parser = await createPythonParser();
});

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-verify-")));
  for (const [path, text] of [
    [viewsPath, views],
    [templatePath, template],
    [testPath, tests],
  ] as const) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const now = (path: string): string => readFileSync(join(root, path), "utf8");
const cured = views.replace("all()", 'select_related("customer")');
const edits = [{ file: viewsPath, range: rangeOf(views, "all()"), newText: 'select_related("customer")' }];
const fixFor = (): FixResult => ({ ok: true, fix: { title: 'Add select_related("customer")', safety: "safe", edits } });

function shop(options: ShopOptions = {}): TestProject {
  return shopProject(parser, { fixFor, ...options });
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The commands that ran, without the recorder's own words. */
  readonly ran: readonly string[];
}

/** What the tests do when they run; the next answer stands for the next run, the last for all that follow. */
type Answer = (project: TestProject, words: readonly string[]) => RunEnd;

const records =
  (options: SegmentOptions, exitCode = 0, output = ""): Answer =>
  (project, words) => {
    const run = `2026020${project.reader.summary().runs.length}T000000Z-1-bbbb`;
    const command = words.slice(words.indexOf("--") + 1);
    project.record(shopSegment({ run, ...options }), { state: "partial", command });
    return { kind: "ended", exitCode, output };
  };

async function run(
  line: string,
  project: TestProject,
  answers: readonly Answer[],
  files = ["pytest.ini"],
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const ran: string[] = [];
  const runner: TestRunner = {
    discard: () => undefined,
    exists: () => false,
    read: (_, name) => (files.includes(name) ? "" : null),
    run: async (python, words) => {
      const answer = answers[Math.min(ran.length, answers.length - 1)];
      ran.push([python, ...words.slice(words.indexOf("--") + 1)].join(" "));
      if (answer === undefined) throw new Error("No test was to be run.");
      return answer(project, words);
    },
  };
  const code = await runTerminal(line.split(" "), {
    host: {
      prepare: () => {},
      findRoot: () => root,
      findRootsBelow: () => [],
      open: async () => ({
        root,
        project,
        condition: () => ({ kind: "ready" }),
        problems: () => [],
        settled: () => Promise.resolve(),
        readUnrun: () => undefined,
        textChanged: () => false,
        isOutdated: () => false,
        filesChanged: () => false,
        onDidChange: () => () => undefined,
        remember: () => undefined,
        refresh: async () => undefined,
        dispose: async () => undefined,
      }),
    },
    tests: runner,
    scan: async () => null,
    exists: () => false,
    isFolder: (path) => path === process.cwd(),
    printer: { out: (text) => void out.push(text), err: (text) => void err.push(text) },
  });
  return { code, out: out.join(""), err: err.join(""), ran };
}

describe("fix --verify", () => {
  test("runs the tests of the edited statement, and tells what fell", async () => {
    const { code, out, err, ran } = await run("fix n1-0001 --verify", shop(), [records({ customers: 1 })]);
    expect(code).toBe(0);
    expect(out).toBe(
      `Changed shop/views.py (1 edit)\n  Add select_related("customer"): n1-0001\nGET /orders/: 202 -> 103 queries, 1 test passed.\n`,
    );
    expect(err).toBe("Running 1 test under the recorder: python3 -m pytest shop/tests.py::test_list\n");
    expect(ran).toEqual(["python3 python3 -m pytest shop/tests.py::test_list"]);
    expect(now(viewsPath)).toBe(cured);
  });

  test("tells that nothing changed", async () => {
    const { code, out } = await run("fix n1-0001 --verify", shop(), [records({})]);
    expect(code).toBe(1);
    expect(out).toContain("Nothing changed: GET /orders/ still runs 202 queries, 1 test passed.\n");
    expect(now(viewsPath)).toBe(cured);
  });

  const breaks = records(
    { outcome: "failed", customers: 1 },
    1,
    "\u001b[31mAssertionError: 1 != 2\u001b[0m\nquerysight: recorded",
  );

  test("takes back what breaks a test, with its last lines", async () => {
    const { code, out } = await run("fix --all --verify", shop(), [breaks]);
    expect(code).toBe(5);
    expect(out).toContain(`1 test broke: ${testId}.\n  | AssertionError: 1 != 2\nRestored shop/views.py.\n`);
    expect(now(viewsPath)).toBe(views);
  });

  test("lets it stand with --keep", async () => {
    const { code, out } = await run("fix --all --verify --keep", shop(), [breaks]);
    expect(code).toBe(5);
    expect(out).toContain("The edits stand, as --keep asks.\n");
    expect(now(viewsPath)).toBe(cured);
  });

  test("never puts back a file that changed meanwhile", async () => {
    const typed = `# typed meanwhile\n${cured}`;
    const types: Answer = (project, words) => {
      writeFileSync(join(root, viewsPath), typed);
      return breaks(project, words);
    };
    const { code, err } = await run("fix --all --verify", shop(), [types]);
    expect(code).toBe(5);
    expect(err).toContain("could not restore shop/views.py: shop/views.py changed meanwhile.");
    expect(now(viewsPath)).toBe(typed);
  });

  test("a test that failed before is not broken by it", async () => {
    const project = shop({ outcome: "failed" });
    const { code, out } = await run("fix --all --verify", project, [records({ outcome: "failed", customers: 1 }, 1)]);
    expect(code).toBe(0);
    expect(out).toContain(
      "GET /orders/: 202 -> 103 queries, 0 tests passed, 1 failed.\n  Failed before the change too:",
    );
    expect(now(viewsPath)).toBe(cured);
  });

  test("takes everything back where no test ran to its end", async () => {
    const nothing: Answer = () => ({ kind: "ended", exitCode: 2, output: "ImportError: no module" });
    const { code, out } = await run("fix --all --verify", shop(), [nothing]);
    expect(code).toBe(5);
    expect(out).toContain("None of the tests ran to its end, so nothing is verified.");
    expect(out).toContain("| ImportError: no module\nRestored shop/views.py.\n");
    expect(now(viewsPath)).toBe(views);
  });

  test("takes everything back when it is interrupted, or the interpreter is not there", async () => {
    const cancelled = await run("fix --all --verify", shop(), [() => ({ kind: "cancelled", output: "" })]);
    expect([cancelled.code, now(viewsPath)]).toEqual([130, views]);
    expect(cancelled.out).toContain("Interrupted, so nothing is verified.\nRestored shop/views.py.\n");
    const gone: Answer = () => ({ kind: "not-started", reason: "ENOENT" });
    const missing = await run("fix --all --verify --python /no/python", shop(), [gone]);
    expect([missing.code, now(viewsPath)]).toEqual([4, views]);
    expect(missing.out).toContain(
      "Nothing is verified: /no/python could not be started: ENOENT\nRestored shop/views.py.\n",
    );
  });

  test("changes nothing where no test runs the code, or nobody knows how to run one", async () => {
    const elsewhere = { file: "shop/other.py", range: rangeOf("a", "a"), newText: "b" };
    const uncovered = shop({
      fixFor: () => ({ ok: true, fix: { title: "Add it", safety: "safe", edits: [elsewhere] } }),
    });
    const none = await run("fix --all --verify", uncovered, []);
    expect(none).toMatchObject({ code: 1, ran: [] });
    expect(none.out).toBe(
      "Nothing was changed: Add it: no recorded test runs the code that it edits, so it cannot be verified. Apply it without --verify.\n",
    );
    const unknown = await run("fix --all --verify", shop(), [], []);
    expect(unknown).toMatchObject({
      code: 4,
      ran: [],
      out: expect.stringContaining("nothing tells how this project's tests are run"),
    });
    expect(now(viewsPath)).toBe(views);
  });

  test("--json says the same in one object", async () => {
    const { code, out } = await run("fix --all --verify --json", shop(), [records({ customers: 1 })]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      version: 1,
      verdict: "fell",
      message: "GET /orders/: 202 -> 103 queries, 1 test passed.",
      details: [],
      changes: [{ name: "GET /orders/", test: testId, before: 202, after: 103 }],
      tests: { passed: 1, broken: [], failing: [], missing: [] },
      applied: [{ ids: ["n1-0001"], title: 'Add select_related("customer")', files: [viewsPath] }],
      undone: [],
      withheld: [],
      output: [],
    });
    const nothing = await run("fix --all --verify --json", shop({ findings: () => [] }), []);
    expect(nothing.code).toBe(0);
    expect(JSON.parse(nothing.out)).toMatchObject({ verdict: "nothing-to-fix", applied: [] });
  });
});

test("of several fixes those stand that no broken test runs", async () => {
  const code = "def a():\n    return list(Order.objects.all())\n\n\ndef b():\n    return list(Item.objects.all())\n";
  writeFileSync(join(root, "a.py"), code);
  const segment = (
    run: string,
    outcomes: readonly ["passed", "passed" | "failed"],
    counts: readonly [number, number],
  ) => {
    const built = new SegmentBuilder(run);
    const file = built.file("a.py", code);
    for (const [index, name] of (["Order", "Item"] as const).entries()) {
      const site = built.siteAt(file, `${name}.objects.all()`, { qualname: index === 0 ? "a" : "b" });
      const scope = built.scope({ test: `t.py::test_${name}` });
      const cause = built.cause("queryset", { model: `shop.${name}`, api: "iterate" });
      built.row(scope, {
        stack: built.stack(site),
        cause,
        statement: built.statement(name),
        count: counts[index] ?? 0,
      });
      built.endScope(scope).test(`t.py::test_${name}`, outcomes[index]);
    }
    return built.end();
  };
  const project = createTestProject({
    parser,
    segments: [segment("20260101T000000Z-1-aaaa", ["passed", "passed"], [9, 9])],
    files: { "a.py": code },
    findings: (project) =>
      ["Order", "Item"].map((name) => findingAt(project.placeOf("a.py", `${name}.objects.all()`), { id: name })),
    fixFor: ([finding]) => {
      const all = `${finding?.id}.objects.all()`;
      const edits = [{ file: "a.py", range: rangeOf(code, all), newText: all.replace("all()", "few()") }];
      return { ok: true, fix: { title: `Fix ${finding?.id}`, safety: "safe", edits } };
    },
  });
  const answer =
    (run: string, outcomes: readonly ["passed", "passed" | "failed"]): Answer =>
    (project, words) => {
      const command = words.slice(words.indexOf("--") + 1);
      project.record(segment(run, outcomes, [1, 1]), { state: "partial", command });
      return { kind: "ended", exitCode: outcomes.includes("failed") ? 1 : 0, output: "" };
    };
  const {
    code: exit,
    out,
    ran,
  } = await run("fix --all --verify", project, [
    answer("20260102T000000Z-1-aaaa", ["passed", "failed"]),
    answer("20260103T000000Z-1-aaaa", ["passed", "passed"]),
  ]);
  expect(exit).toBe(5);
  expect(ran.map((command) => command.split("pytest ")[1])).toEqual([
    "t.py::test_Item t.py::test_Order",
    "t.py::test_Order",
  ]);
  expect(out).toContain("1 test broke: t.py::test_Item.\n");
  expect(out).toContain("t.py::test_Order: 9 -> 1 query, 1 test passed.\nTaken back, since a test broke: Fix Item.\n");
  expect(now("a.py")).toBe(code.replace("Order.objects.all()", "Order.objects.few()"));
});
