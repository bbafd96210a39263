import { spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Report } from "../../server/src/features/report.ts";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { built, repository } from "./dist.ts";
import { inFolder } from "./lspClient.ts";
import { demoFolder, emptyFolder, record, type TestFolder, writeRecording } from "./projects.ts";

let demo: TestFolder;
beforeAll(async () => {
  demo = demoFolder();
  await record(demo.root);
});
afterAll(() => demo.remove());

function querysight(words: readonly string[], cwd = demo.root) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [built("cli.js"), ...words], {
    cwd,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function reportOf(folder: string): Report {
  return JSON.parse(querysight(["report", folder, "--json"]).stdout);
}

const isOrderList = ({ file }: Report["findings"][number]): boolean => file === "templates/orders/_rows.html";

test("report --json has the order list with 101 queries, and a fix in the view's file", () => {
  const { status, stderr } = querysight(["report", "--json"]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  const finding = reportOf(".").findings.find(isOrderList);
  expect(finding).toMatchObject({
    rule: "n-plus-one",
    severity: "warning",
    stale: false,
    line: 5,
    evidence: { queries: 101, instances: 100, rows: 100 },
    site: { file: "shop/views.py", line: 17 },
    fix: { safety: "safe" },
  });
  expect(finding?.fix?.edits.map(({ file }) => file)).toContain("shop/views.py");
  expect(finding?.coveringTests).toContain("shop/tests/test_order_list.py::OrderListTests::test_number_of_queries");
});

test("report --static reads what no test ran, with the recording and without one", () => {
  const { status, stdout } = querysight(["report", "--static", "--json"]);
  const { findings } = JSON.parse(stdout) as { findings: readonly { file: string; static: boolean }[] };
  expect(status).toBe(0);
  expect(findings).toMatchObject([
    { file: "shop/management/commands/parcels.py", line: 13, static: true, severity: "hint" },
  ]);
  const unrecorded = demoFolder();
  try {
    const { status, stdout } = querysight(["report", "--static", "shop", "customers"], unrecorded.root);
    expect(status).toBe(0);
    // What reading says of code that tests do run is what they recorded: at the same line, or of the same queryset. (What is given a name first is
    // recorded where that is read; what a function returns may be cured in the function.)
    const read = JSON.parse(querysight(["report", "--static", "--json"], unrecorded.root).stdout) as Report;
    const placesOf = ({ rule, file, line, site }: Report["findings"][number]) => [
      `${rule} ${file}:${line}`,
      `${rule} ${file} ${site.file}:${site.line}`,
    ];
    const recorded = new Set(reportOf(".").findings.flatMap(placesOf));
    const others = read.findings.filter((finding) => !placesOf(finding).some((place) => recorded.has(place)));
    expect(others.map(({ file }) => file)).toEqual(["shop/management/commands/parcels.py"]);
    expect(read.findings.length).toBeGreaterThan(8);
    for (const place of ["shop/management/commands/parcels.py:13:", "customers/services.py:9:", "shop/services.py:34:"])
      expect(stdout).toContain(place);
  } finally {
    unrecorded.remove();
  }
});

test("report without --json is for people", () => {
  const { status, stdout } = querysight(["report"]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^\d+ findings; \d+ tests recorded\.\n/);
  expect(stdout).toContain("templates/orders/_rows.html:5:");
  expect(stdout).toMatch(/ 101 {2}GET \/orders\//);
});

const orderListTests = ["pytest", "-q", "-p", "no:cacheprovider", "shop/tests/test_order_list.py"];

test("ids stay the same in the next recording; fix edits by id, and the next recording shows it", async () => {
  const copy = emptyFolder();
  try {
    cpSync(demo.root, copy.root, { recursive: true });
    await record(copy.root, ...orderListTests);
    const before = reportOf(copy.root);
    const first = reportOf(demo.root);
    const ids = (things: readonly { readonly id: string }[]): readonly string[] => things.map(({ id }) => id).sort();
    expect(ids(before.findings)).toEqual(ids(first.findings));
    expect(ids(before.scopes)).toEqual(ids(first.scopes));

    const id = before.findings.find(isOrderList)?.id ?? "";
    expect(querysight(["fix", copy.root, id])).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(inFolder(copy.root, "shop/views.py"), "utf8")).toContain(
      'Order.objects.paid().select_related("customer")',
    );
    const old = reportOf(copy.root).findings.find(isOrderList);
    expect(old).toMatchObject({ stale: true, fix: null });
    const again = querysight(["fix", copy.root, old?.id ?? ""]);
    expect(again.status).toBe(1);
    expect(again.stdout).toContain("Record the tests again first.");

    await record(copy.root, ...orderListTests);
    const after = reportOf(copy.root);
    expect(after.findings.some(isOrderList)).toBe(false);
    const lists = after.scopes.filter(({ kind, route }) => kind === "request" && route === "/orders/");
    expect(Math.max(...lists.map(({ queries }) => queries))).toBeLessThanOrEqual(2);
  } finally {
    copy.remove();
  }
}, 120_000);

test("a folder without a recording is told from one without findings", () => {
  const empty = emptyFolder();
  try {
    const { status, stdout, stderr } = querysight(["report", empty.root]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toContain("python -m querysight record");
  } finally {
    empty.remove();
  }
});

test("a recording that is all of a newer format is said to be that, and read as nothing else", () => {
  const newer = emptyFolder();
  try {
    writeRecording(newer.root, new SegmentBuilder("20260102T000000Z-1-aaaa", "main", { format: 99 }));
    const { status, stdout, stderr } = querysight(["report", newer.root, "--json"]);
    expect({ status, stdout }).toEqual({ status: 4, stdout: "" });
    expect(stderr).toMatch(/main\.ndjson: .*format 99.*too old/);
  } finally {
    newer.remove();
  }
});

test("the launchers in bin/ run what is built", () => {
  const launch = (name: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, [join(repository, "bin", name), ...words], { encoding: "utf8" });
  expect(launch("querysight.js", "--version")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  expect(launch("querysight.js", "nonsense").status).toBe(2);
  expect(launch("querysight-language-server.js", "--version").status).toBe(0);
  expect(launch("querysight-language-server.js").status).toBe(2);
});
