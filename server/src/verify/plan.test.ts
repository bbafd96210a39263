import { beforeAll, describe, expect, test } from "vitest";
import { codeLenses } from "../features/codeLens.ts";
import type { MeasuredBefore } from "../features/project.ts";
import type { TestProject } from "../features/testing.ts";
import { type ShopOptions, shopProject, shopSegment, testId, views, viewsPath } from "../features/testingShop.ts";
import type { FixResult } from "../fixes/fix.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { comparisonText } from "./comparisonText.ts";
import { type Plan, planVerification, type Target, verify } from "./plan.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const all = rangeOf(views, "all()");
const imported = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const edits = [
  { file: viewsPath, range: imported, newText: "import this\n" },
  { file: viewsPath, range: all, newText: 'all().select_related("customer")' },
];
const title = 'Add select_related("customer")';
const fixFor = (): FixResult => ({ ok: true, fix: { title, safety: "safe", edits } });
const shop = (options: ShopOptions = {}): TestProject => shopProject(parser, { fixFor, ...options });

function plan(project: TestProject, target: Target): Plan {
  const planned = planVerification(project, target);
  if ("refusal" in planned) throw new Error(planned.refusal);
  return planned;
}

const command = ["pytest", testId];

/** The tests run again: so many customers are loaded now. */
function runAgain(project: TestProject, customers: number): void {
  const recorded = project.texts.read(viewsPath) ?? "";
  project.record(shopSegment({ run: "20260201T000000Z-1-bbbb", customers, recorded }), { state: "partial", command });
}

describe("a fix", () => {
  test.each<[string, Target]>([
    ["by its findings", { kind: "fix", findingIds: ["n1-0001"], title: null }],
    ["by its title", { kind: "fix", findingIds: ["n1-0001"], title }],
    ["at the cursor", { kind: "fix-at", path: viewsPath, range: rangeOf(views, "order.customer") }],
  ])("is planned %s, with the tests that run it", (_, target) => {
    expect(plan(shop(), target)).toMatchObject({ title, edits, tests: [testId] });
  });

  test("is verified by the run of these words, and the lenses know what was before", () => {
    const project = shop();
    const planned = plan(project, { kind: "fix", findingIds: ["n1-0001"], title: null });
    project.edit(viewsPath, applyEdits(views, edits));
    runAgain(project, 1);
    const { comparison, measured, run } = verify(project, planned, command);
    expect(run).toBe("20260201T000000Z-1-bbbb");
    expect(comparisonText(comparison).headline).toBe("GET /orders/: 202 -> 103 queries, 1 test passed.");
    const counts: ReadonlyMap<string, MeasuredBefore> = measured.get(viewsPath) ?? new Map();
    expect([...counts]).toEqual([["7:4", { before: 101, after: 2 }]]);
    const titles = codeLenses({ ...project, measuredBefore: () => counts }, viewsPath).map((lens) => lens.title);
    expect(titles.at(-1)).toMatch(/^executes 101 -> 2 queries · /);
  });

  test("whose file was edited on meanwhile says nothing of lines", () => {
    const project = shop();
    const planned = plan(project, { kind: "fix", findingIds: ["n1-0001"], title: null });
    project.edit(viewsPath, `# typed\n${applyEdits(views, edits)}`);
    runAgain(project, 1);
    expect(verify(project, planned, command).measured.get(viewsPath)?.size).toBe(0);
  });

  test("without a run of its own is not verified", () => {
    const project = shop();
    const planned = plan(project, { kind: "fix", findingIds: ["n1-0001"], title: null });
    runAgain(project, 1);
    const { comparison, run } = verify(project, planned, ["pytest", "others"]);
    expect([run, comparison.verdict]).toEqual([null, "not-run"]);
  });

  test("is refused, with the reason, where there is none", () => {
    const refusal = (project: TestProject, target: Target) => planVerification(project, target);
    const gone: Target = { kind: "fix", findingIds: ["other"], title: null };
    expect(refusal(shop(), gone)).toEqual({
      refusal: "It is not offered any more: the code or its recording changed.",
    });
    const nowhere: Target = { kind: "fix-at", path: viewsPath, range: rangeOf(views, "def order_list") };
    expect(refusal(shop(), nowhere)).toEqual({ refusal: "No fix is offered here." });
    const sliced = shop({ fixFor: () => ({ ok: false, withheld: { reason: "It is sliced." } }) });
    const here: Target = { kind: "fix", findingIds: ["n1-0001"], title: null };
    expect(refusal(sliced, here)).toEqual({ refusal: expect.stringMatching(/: It is sliced\.$/) });
    const unseen = { file: "shop/other.py", range: all, newText: "x" };
    const uncovered = shop({ fixFor: () => ({ ok: true, fix: { title, safety: "safe", edits: [unseen] } }) });
    expect(refusal(uncovered, here)).toEqual({
      refusal: expect.stringMatching(/^No recorded test runs the code that this fix edits/),
    });
  });
});

describe("tests alone", () => {
  test("are those that cover a finding: after an edit by hand, too", () => {
    const project = shop();
    project.edit(viewsPath, applyEdits(views, edits));
    const planned = plan(project, { kind: "findings", findingIds: ["n1-0001"] });
    expect(planned).toMatchObject({ title: "", edits: [], tests: ["shop/tests.py::test_list"] });
    runAgain(project, 1);
    const { comparison } = verify(project, planned, command);
    expect(comparisonText(comparison).headline).toBe("GET /orders/: 202 -> 103 queries, 1 test passed.");
  });

  test("are those that run the statement at a place", () => {
    const target: Target = { kind: "place", path: viewsPath, range: rangeOf(views, "names") };
    expect(plan(shop(), target).tests).toEqual([testId]);
    const elsewhere: Target = { kind: "place", path: "shop/other.py", range: all };
    expect(planVerification(shop(), elsewhere)).toEqual({
      refusal: "No recorded test runs this code. Record the tests that do, first.",
    });
  });
});
