import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TraceCondition } from "../features/status.ts";
import { createTestProject, findingAt, type TestProject } from "../features/testing.ts";
import {
  type ShopOptions,
  shopProject,
  template,
  templatePath,
  testPath,
  tests,
  views,
  viewsPath,
} from "../features/testingShop.ts";
import type { FixResult } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { scanDisk } from "../session/diskScan.ts";
import type { Session } from "../session/session.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { runTerminal } from "./runTerminal.ts";

let parser: PythonParser;
let root: string;
beforeAll(async () => {
  parser = await createPythonParser();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "querysight-terminal-"));
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

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  line: string,
  project: TestProject | null,
  condition: TraceCondition = { kind: "ready" },
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const session = (project: TestProject): Session => ({
    root,
    project,
    condition: () => condition,
    problems: () => [],
    readUnrun: () => undefined,
    settled: () => Promise.resolve(),
    textChanged: () => false,
    isOutdated: () => false,
    filesChanged: () => false,
    onDidChange: () => () => undefined,
    remember: () => undefined,
    refresh: async () => undefined,
    dispose: async () => undefined,
  });
  const code = await runTerminal(line.split(" "), {
    host: {
      prepare: () => {},
      findRoot: () => (project === null ? null : root),
      findRootsBelow: () => [],
      open: async () => session(project ?? shop()),
    },
    tests: {
      exists: () => false,
      read: () => null,
      discard: () => undefined,
      run: async () => {
        throw new Error("These tests run none.");
      },
    },
    scan: scanDisk,
    exists: existsSync,
    isFolder: (path) => path === root || path === ".." || path === process.cwd(),
    printer: { out: (text) => void out.push(text), err: (text) => void err.push(text) },
  });
  return { code, out: out.join(""), err: err.join("") };
}

const edits = [{ file: viewsPath, range: rangeOf(views, "all()"), newText: 'select_related("customer")' }];

function applied(safety: "safe" | "changes-behaviour" = "safe"): FixResult {
  return { ok: true, fix: { title: 'Add select_related("customer")', safety, edits } };
}

function shop(options: ShopOptions = {}): TestProject {
  return shopProject(parser, { fixFor: () => applied(), ...options });
}

/** Two findings on different querysets. */
function apart(project: TestProject) {
  return [
    findingAt(project.placeOf(viewsPath, "order.customer"), { id: "a" }),
    findingAt(project.placeOf(templatePath, "{{ order.address.city }}"), { id: "b" }),
  ];
}

describe("exit codes", () => {
  test("0: nothing found, or nothing to act on", async () => {
    expect(await run("report", shop({ findings: () => [] }))).toMatchObject({ code: 0, err: "" });
    const hints = shop({
      findings: (shop) => [findingAt(shop.placeOf(viewsPath, "order.customer"), { severity: "hint" })],
    });
    expect(await run("report", hints)).toMatchObject({ code: 0 });
    expect(await run("--help", null)).toMatchObject({ code: 0, err: "" });
    expect((await run("--version", null)).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("1: findings", async () => {
    expect(await run("report", shop())).toMatchObject({ code: 1, err: "" });
  });

  test("2: a wrong command line, a folder or an id that is not there", async () => {
    expect(await run("mend", null)).toMatchObject({ code: 2, out: "" });
    expect((await run("report /no/such/folder", shop())).code).toBe(2);
    expect(await run("fix nonsense", shop())).toMatchObject({ code: 2, out: "" });
  });

  test("3: nothing recorded", async () => {
    const outcome = await run("report", null);
    expect(outcome).toMatchObject({ code: 3, out: "" });
    expect(outcome.err).toContain("python -m querysight record -- pytest");
  });

  test("3: a run is there, but no test has finished", async () => {
    const begun = createTestProject({ parser, segments: [new SegmentBuilder()], files: {} });
    const { code, out, err } = await run("report", begun);
    expect([code, out]).toEqual([3, ""]);
    expect(err).toBe(
      "querysight: a run is there, but no test has finished. Wait for it, or record the tests: python -m querysight record -- pytest\n",
    );
  });

  test("4: it cannot be read", async () => {
    const outcome = await run("report --json", shop(), { kind: "unavailable", message: "No SQLite here." });
    expect(outcome).toEqual({ code: 4, out: "", err: "querysight: No SQLite here.\n" });
  });
});

test("report --json prints the report and nothing else", async () => {
  const { out, err } = await run("report --json", shop());
  expect(err).toBe("");
  expect(JSON.parse(out)).toMatchObject({ version: 1, findings: [{ id: "n1-0001" }] });
});

describe("fix", () => {
  const cured = views.replace("all()", 'select_related("customer")');
  const now = (path: string): string => readFileSync(join(root, path), "utf8");

  test("applies by id, and says what it changed", async () => {
    const { code, out } = await run("fix n1-0001", shop());
    expect(code).toBe(0);
    expect(out).toBe(
      `Changed shop/views.py (1 edit)\n  Add select_related("customer"): n1-0001\nNot yet verified: run the tests under the recorder again to see what they execute now.\n`,
    );
    expect(now(viewsPath)).toBe(cured);
  });

  test("--all leaves alone what changes behaviour; by id it is applied", async () => {
    const project = shop({ fixFor: () => applied("changes-behaviour") });
    const { code, out } = await run("fix --all", project);
    expect(code).toBe(0);
    expect(out).toContain("n1-0001  shop/views.py:8\n    The fix changes behaviour: apply it by its id.");
    expect(now(viewsPath)).toBe(views);
    expect((await run("fix n1-0001", project)).code).toBe(0);
    expect(now(viewsPath)).toBe(cured);
  });

  test("says why a fix is withheld", async () => {
    const project = shop({ fixFor: () => ({ ok: false, withheld: { reason: "It is sliced." } }) });
    const { code, out } = await run("fix --all", project);
    expect(code).toBe(0);
    expect((await run("fix n1-0001", project)).code).toBe(1);
    expect(out).toBe("Not changed:\n  n1-0001  shop/views.py:8\n    It is sliced.\n");
  });

  test("refuses stale findings, and says so", async () => {
    const project = shop();
    const edited = views.replace("Order.objects.all()", "Order.objects.filter(paid=True)");
    project.edit(viewsPath, edited);
    writeFileSync(join(root, viewsPath), edited);
    const { code, out } = await run("fix --all", project);
    expect(code).toBe(1);
    expect(out).toContain("Record the tests again first. (Recorded before an edit in shop/views.py:5");
    expect(now(viewsPath)).toBe(edited);
  });

  test("--all leaves alone what was merely suspected; by id it is applied", async () => {
    const findings = (shop: TestProject) => [
      findingAt(shop.placeOf(viewsPath, "order.customer"), { confidence: "suspected", severity: "hint" }),
    ];
    const { code, out } = await run("fix --all", shop({ findings }));
    expect(code).toBe(0);
    expect(out).toContain("n1-0001  shop/views.py:8\n    Seen with a row or two only");
    expect(now(viewsPath)).toBe(views);
    expect((await run("fix n1-0001", shop({ findings }))).code).toBe(0);
    expect(now(viewsPath)).toBe(cured);
  });

  test("makes one edit for two querysets that lower the same count", async () => {
    const { code, out } = await run("fix --all", shop({ findings: apart }));
    expect(code).toBe(0);
    expect(out).toContain('Add select_related("customer"): a, b\n');
    expect(now(viewsPath)).toBe(cured);
  });

  test("never makes two edits of one text", async () => {
    const fixFor = (findings: readonly Finding[]): FixResult =>
      findings.length === 1 ? applied() : { ok: false, withheld: { reason: "Not both." } };
    const { code, out } = await run("fix --all", shop({ findings: apart, fixFor }));
    expect(code).toBe(1);
    expect(out).toContain("b  shop/templates/orders.html:3\n    It touches the same lines as another fix");
    expect(now(viewsPath)).toBe(cured);
  });

  test("leaves a file alone that changed since it was read", async () => {
    const project = shop();
    writeFileSync(join(root, viewsPath), `# new\n${views}`);
    const { code, err } = await run("fix --all", project);
    expect(code).toBe(4);
    expect(err).toBe("querysight: could not change shop/views.py: shop/views.py changed meanwhile.\n");
    expect(now(viewsPath)).toBe(`# new\n${views}`);
  });

  test("prints the names of files on one line", async () => {
    const file = "shop/\u001b[2J\nviews.py";
    const fixFor = (): FixResult => ({
      ok: true,
      fix: { title: "Add it", safety: "safe", edits: edits.map((edit) => ({ ...edit, file })) },
    });
    const { code, err } = await run("fix --all", shop({ fixFor }));
    expect([code, err]).toEqual([4, "querysight: could not change shop/ [2J views.py: it cannot be read\n"]);
  });

  test("with nothing to fix is fine", async () => {
    expect(await run("fix --all", shop({ findings: () => [] }))).toMatchObject({ code: 0, out: "Nothing to fix.\n" });
  });
});

describe("report --static", () => {
  const models = `from django.db import models

class Customer(models.Model):
    pass

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
`;
  const services = "from shop.models import Order\n\nfor order in Order.objects.all():\n    print(order.customer)\n";
  beforeEach(() => {
    writeFileSync(join(root, "pyproject.toml"), "");
    writeFileSync(join(root, "shop/__init__.py"), "");
    writeFileSync(join(root, "shop/models.py"), models);
    writeFileSync(join(root, "shop/services.py"), services);
  });

  test("reads code where nothing is recorded, and is no reason for a build to fail", async () => {
    const { code, out, err } = await run(`report --static ${root}`, null);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("2 hints from reading");
    expect(out).toContain("shop/services.py:4:11  hint  n-plus-one");
    expect(out).toContain('edit: Add select_related("customer") in shop/services.py');
  });

  test("tells of some files alone, and marks what it tells", async () => {
    const { out } = await run(`report --static --json ${root}/shop/services.py`, null);
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      findings: [{ file: "shop/services.py", line: 4, static: true, severity: "hint", fix: { safety: "safe" } }],
    });
  });

  test("leaves to the recording what a test ran", async () => {
    const { out } = await run(`report --static --json ${root}`, shop());
    const { findings } = JSON.parse(out) as { findings: readonly { file: string }[] };
    expect(findings.map(({ file }) => file)).toEqual(["shop/services.py"]);
  });

  test("changes nothing, and fix --all knows nothing of it", async () => {
    await run(`report --static ${root}`, null);
    expect(readFileSync(join(root, "shop/services.py"), "utf8")).toBe(services);
    const { out } = await run(`fix ${root} --all`, shop({ findings: () => [] }));
    expect(out).not.toContain("services");
    expect(readFileSync(join(root, "shop/services.py"), "utf8")).toBe(services);
  });

  test("keeps to what the project silences", async () => {
    writeFileSync(join(root, "pyproject.toml"), '[tool.querysight]\nignore = ["shop/**"]\n');
    expect((await run(`report --static ${root}`, null)).out).toMatch(/^Nothing to tell/);
  });

  test("2: a path that is not there, and paths of two projects", async () => {
    expect(await run(`report --static ${root}/nowhere`, null)).toMatchObject({ code: 2, out: "" });
    expect(await run(`report --static ${root}/shop ${process.cwd()}/package.json`, null)).toMatchObject({ code: 2 });
    expect(await run("guard --static a", shop())).toMatchObject({ code: 2 });
    expect(await run("fix --static --all", shop())).toMatchObject({ code: 2 });
  });
});
