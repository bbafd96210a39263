/** `fix --verify` on the demo: real tests, run again under the real recorder. */
import { spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Report } from "../../server/src/features/report.ts";
import { built } from "./dist.ts";
import { inFolder } from "./lspClient.ts";
import { demoFolder, emptyFolder, record, type TestFolder, testPython, writeText } from "./projects.ts";

const orderListTests = ["pytest", "-q", "-p", "no:cacheprovider", "shop/tests/test_order_list.py"];
const view = "shop/views.py";
const countTests = "shop/tests/test_order_list.py";

let recorded: TestFolder;
let project: TestFolder;

beforeAll(async () => {
  recorded = demoFolder();
  await record(recorded.root, ...orderListTests);
}, 120_000);
afterAll(() => recorded.remove());

beforeEach(() => {
  project = emptyFolder();
  cpSync(recorded.root, project.root, { recursive: true });
});
afterEach(() => project.remove());

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function querysight(
  words: readonly string[],
  onStderr: (text: string, pid: number) => void = () => {},
): Promise<Outcome> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [built("cli.js"), ...words], { cwd: project.root, env });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on("data", (chunk) => {
      stderr += String(chunk);
      onStderr(stderr, child.pid ?? 0);
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

const verify = (...words: readonly string[]) =>
  querysight(["fix", "--all", "--verify", "--python", testPython(), ...words]);
const textOf = (path: string): string => readFileSync(inFolder(project.root, path), "utf8");

async function report(): Promise<Report> {
  return JSON.parse((await querysight(["report", "--json"])).stdout) as Report;
}

/** A test that the recorder knows, and no count assertion that a fix could adapt. */
const stubborn = `from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from sampledata.factories import create_order


class StubbornTests(TestCase):
    def test_always_as_many(self):
        for _ in range(3):
            create_order()
        with CaptureQueriesContext(connection) as queries:
            self.client.get("/orders/")
        assert len(queries) == 4
`;

describe("fix --verify", () => {
  test("applies, runs the tests of the edited code, and the finding is gone", async () => {
    const { status, stdout, stderr } = await verify();
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining("\nGET /orders/: 101 -> 1 query, 4 tests passed.\n"),
    });
    // It was recorded in another folder: that command may be another machine's.
    expect(stderr).toMatch(/^Running 4 tests under the recorder: \S+python -m pytest shop\/tests\/\S+/);
    expect(textOf(view)).toContain('Order.objects.paid().select_related("customer")');
    expect(textOf(countTests)).toContain("assertNumQueries(1)");
    const { findings, scopes } = await report();
    expect(findings.filter(({ file }) => file === "templates/orders/_rows.html")).toEqual([]);
    const lists = scopes.filter(({ kind, route }) => kind === "request" && route === "/orders/");
    expect(lists.map(({ queries }) => queries)).toEqual([1, 1, 1, 1]);
  }, 120_000);

  test("tells that nothing changed", async () => {
    // As where some base class of the project's own takes no eager loading.
    const models = textOf("shop/models.py");
    const ignores = "    def select_related(self, *fields):\n        return self\n\n    def paid(self):";
    writeText(project.root, "shop/models.py", models.replace("    def paid(self):", ignores));
    writeText(project.root, countTests, textOf(countTests).replace("self.assertNumQueries(101)", "self.subTest()"));
    await recordAgain();
    const { status, stdout } = await verify("--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "same",
      message: "Nothing changed: GET /orders/ still runs 101 queries, 4 tests passed.",
      applied: [{ files: [view] }],
      undone: [],
    });
    expect(textOf(view)).toContain("select_related");
  }, 120_000);

  test("a test that breaks is named, and the files are what they were", async () => {
    writeText(project.root, "shop/tests/test_stubborn.py", stubborn);
    await recordAgain("shop/tests/test_stubborn.py");
    const before = [textOf(view), textOf(countTests)];
    const { status, stdout, stderr } = await verify();
    expect(status).toBe(5);
    // The options of the run that was recorded here.
    expect(stderr).toMatch(/^Running 5 tests under the recorder: pytest shop\/tests\/\S+ .* -q -p no:cacheprovider\n$/);
    expect(stdout).toContain("1 test broke: shop/tests/test_stubborn.py::StubbornTests::test_always_as_many.\n");
    expect(stdout).toMatch(/\n {2}GET \/orders\/: 101 -> 1 query\n/);
    expect(stdout).toMatch(/\n {2}\| FAILED shop\/tests\/test_stubborn\.py::StubbornTests::test_always_as_many/);
    expect(stdout).toContain("Restored shop/tests/test_order_list.py, shop/views.py.\n");
    expect([textOf(view), textOf(countTests)]).toEqual(before);
    // What the edited code executed lowers no number, and takes no finding away.
    const { findings, scopes } = await report();
    const lists = scopes.filter(({ kind, route }) => kind === "request" && route === "/orders/");
    expect(lists.map(({ queries }) => queries).sort((a, b) => b - a)).toEqual([101, 101, 101, 4, 1]);
    expect(findings.find(({ file }) => file === "templates/orders/_rows.html")).toMatchObject({ stale: false });
  }, 120_000);

  test("a test that failed before is not broken by the fix", async () => {
    writeText(project.root, "shop/tests/test_stubborn.py", stubborn.replace("== 4", "== 77"));
    await recordAgain("shop/tests/test_stubborn.py").catch(() => undefined);
    const { status, stdout } = await verify();
    expect(status).toBe(0);
    expect(stdout).toContain(
      "GET /orders/: 101 -> 1 query, 4 tests passed, 1 failed.\n  Failed before the change too: shop/tests/test_stubborn.py",
    );
  }, 120_000);

  test("Ctrl-C takes everything back", async () => {
    const before = textOf(view);
    const { status, stdout } = await querysight(
      ["fix", "--all", "--verify", "--python", testPython()],
      (stderr, pid) => {
        if (stderr.includes("Running 4 tests")) setTimeout(() => process.kill(pid, "SIGINT"), 500);
      },
    );
    expect(status).toBe(130);
    expect(stdout).toContain("Interrupted, so nothing is verified.\n");
    expect(textOf(view)).toBe(before);
  }, 120_000);

  test("an interpreter that is not there changes nothing", async () => {
    const before = textOf(view);
    const { status, stdout } = await querysight(["fix", "--all", "--verify", "--python", "/no/such/python"]);
    expect(status).toBe(4);
    expect(stdout).toContain("/no/such/python could not be started");
    expect(textOf(view)).toBe(before);
  }, 120_000);
});

async function recordAgain(...files: readonly string[]): Promise<void> {
  await record(project.root, ...orderListTests, ...files);
}
