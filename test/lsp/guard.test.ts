/** `guard` on the demo: what it writes is green at its number, and red once the N+1 is back. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../server/src/features/report.ts";
import { rangeOf } from "../../server/src/text/testing.ts";
import { built } from "./dist.ts";
import { inFolder, LspClient } from "./lspClient.ts";
import { demoFolder, record, type TestFolder, testPython, writeText } from "./projects.ts";

const functions = `import pytest

from sampledata.factories import create_item, create_order


@pytest.fixture
def orders(db):
    return [create_item(create_order()).order for _ in range(4)]


@pytest.mark.parametrize("times", [1, 2])
def test_packing_page(client, orders, times):
    assert client.get("/orders/packing/").status_code == 200


def test_labels(client, orders, django_assert_max_num_queries):
    with django_assert_max_num_queries(50):
        client.get("/orders/labels.csv")
`;

const views = "shop/views.py";
const caseTests = "shop/tests/test_views.py";
const functionTests = "shop/tests/test_pages.py";

let project: TestFolder;

beforeAll(async () => {
  project = demoFolder();
  writeText(project.root, functionTests, functions);
  await record(project.root, "pytest", "-q", "-p", "no:cacheprovider", caseTests, functionTests);
  const { status, stdout } = await querysight("fix", "--all", "--verify", "--python", testPython());
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Have a test keep it: querysight guard "GET \/[^"]+"$/m);
}, 120_000);
afterAll(() => project.remove());

const textOf = (path: string): string => readFileSync(inFolder(project.root, path), "utf8");

/** Beside it, this process goes on to answer its test runner. */
function querysight(...words: readonly string[]): Promise<{ readonly status: number | null; readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [built("cli.js"), ...words], { cwd: project.root });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += String(chunk);
    });
    child.on("close", (status) => resolve({ status, stdout }));
  });
}

async function scopeOf(route: string, test: string): Promise<string> {
  const { scopes } = JSON.parse((await querysight("report", "--json")).stdout) as Report;
  return scopes.find((scope) => scope.route === route && scope.test === test)?.id ?? "";
}

function pytest(): { readonly status: number | null; readonly output: string } {
  const words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", caseTests, functionTests];
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { status, stdout } = spawnSync(testPython(), words, { cwd: project.root, encoding: "utf8", env });
  return { status, output: stdout };
}

test("guards are green at the measured count, and red when the N+1 is put back", async () => {
  const inCase = await scopeOf(
    "/orders/packing/",
    `${caseTests}::PackingListTests::test_lists_the_items_of_each_order`,
  );
  expect(await querysight("guard", inCase)).toEqual({
    status: 0,
    stdout: `Changed ${caseTests} (1 edit)\n  Assert 2 queries of GET /orders/packing/ in ${caseTests}:19\n`,
  });
  expect(textOf(caseTests)).toContain(
    '        with self.assertNumQueries(2):\n            response = self.client.get(reverse("shop:packing-list"))\n',
  );
  const labels = await scopeOf("/orders/labels.csv", `${functionTests}::test_labels`);
  expect(await querysight("guard", labels)).toMatchObject({ status: 0 });
  expect(textOf(functionTests)).toContain("with django_assert_max_num_queries(1):");

  expect(pytest()).toMatchObject({ status: 0 });

  const cured = textOf(views);
  writeText(
    project.root,
    views,
    cured.replace('.prefetch_related("items")', "").replace('.select_related("customer__address")', ""),
  );
  const { status, output } = pytest();
  expect(status).toBe(1);
  expect(output).toMatch(/FAILED shop\/tests\/test_views\.py::PackingListTests::test_lists_the_items_of_each_order/);
  expect(output).toMatch(/FAILED shop\/tests\/test_pages\.py::test_labels/);
  expect(output).toMatch(/2 failed/);
  writeText(project.root, views, cured);
}, 120_000);

test("a pytest function is given the fixture; what is guarded already is said to be", async () => {
  await record(project.root, "pytest", "-q", "-p", "no:cacheprovider", caseTests, functionTests);
  const id = await scopeOf("/orders/packing/", `${functionTests}::test_packing_page[1]`);
  const { status, stdout } = await querysight("guard", id);
  expect(status).toBe(1);
  expect(stdout).toBe(`Nothing was changed: ${caseTests}:19 asserts the number already.\n`);

  // Without that one, its own test is where it goes.
  const before = textOf(caseTests);
  writeText(project.root, caseTests, before.replace("self.assertNumQueries(2)", "self.subTest()"));
  await record(project.root, "pytest", "-q", "-p", "no:cacheprovider", functionTests);
  expect(await querysight("guard", id)).toMatchObject({ status: 0 });
  expect(textOf(functionTests)).toContain(
    'def test_packing_page(client, orders, times, django_assert_num_queries):\n    with django_assert_num_queries(2):\n        assert client.get("/orders/packing/").status_code == 200\n',
  );
  expect(pytest()).toMatchObject({ status: 0 });
  writeText(project.root, caseTests, before);
  expect((await querysight("guard", "nothing")).status).toBe(2);
  // A request's name is enough.
  expect((await querysight("guard", "GET /orders/dispatched/")).stdout).toMatch(
    /Assert 1 query of GET \/orders\/dispatched\/ in shop\/tests\/test_views\.py:\d+/,
  );
  writeText(project.root, caseTests, before);
}, 120_000);

test("the editor offers it where the code runs, as a refactoring", async () => {
  await record(project.root, "pytest", "-q", "-p", "no:cacheprovider", caseTests, functionTests);
  const session = await LspClient.start({ folders: [project.root] });
  try {
    const file = inFolder(project.root, views);
    await session.open(file);
    await session.until("the recording", async () => (await session.codeLenses(file)).length > 0);
    const actions = await session.codeActions(file, rangeOf(textOf(views), "Order.objects.shipped()"));
    expect(actions).toMatchObject([
      {
        kind: "refactor",
        title: expect.stringMatching(
          /^Assert 1 query of GET \/orders\/dispatched\/ in shop\/tests\/test_views\.py:\d+$/,
        ),
      },
    ]);
  } finally {
    await session.stop();
  }
}, 120_000);
