import { beforeAll, expect, test } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { read } from "../static/testing.ts";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { SegmentBuilder } from "../trace/testing.ts";
import { staticActions } from "./staticActions.ts";
import { staticDiagnostics } from "./staticDiagnostics.ts";
import { staticReport, staticReportText } from "./staticReport.ts";
import { createTestProject, type TestProject } from "./testing.ts";

const path = "shop/views.py";
const code = `def view():
    for order in Order.objects.paid():
        print(order.customer.name, order.user)
        print(order.items.count())
`;

let parser: PythonParser;
let project: TestProject;
let text: string;
beforeAll(async () => {
  parser = await createPythonParser();
  const { marked, findings } = read(code);
  text = marked.text;
  project = createTestProject({
    parser,
    segments: [new SegmentBuilder()],
    files: { [path]: text },
    staticFindings: findings,
  });
});

test("hints stand where the rows would load, with the queryset and the loop", () => {
  const found = staticDiagnostics(project).get(path) ?? [];
  expect(found.map(({ severity, code: rule }) => [severity, rule])).toEqual([
    ["hint", "n-plus-one"],
    ["hint", "n-plus-one"],
    ["hint", "aggregate-per-row"],
  ]);
  expect(found[0]?.message).toContain("no recorded test runs this loop");
  expect(found[0]?.related.map(({ message }) => message)).toEqual([
    "The queryset that gives the rows",
    "The loop that would ask",
  ]);
});

test("severities raise nothing, and off is off", () => {
  const found = staticDiagnostics(project, { "n-plus-one": "error", "aggregate-per-row": "off" }).get(path) ?? [];
  expect(found.map(({ severity }) => severity)).toEqual(["hint", "hint"]);
});

test("one edit for all of a queryset, never preferred; advice with its reason", () => {
  const actions = staticActions(project, path, rangeOf(text, "for order"), []);
  expect(actions).toMatchObject([
    {
      kind: "fix",
      title: `Add select_related("customer", "user") in ${path}`,
      preferred: false,
      verifiable: false,
      findingIds: [expect.any(String), expect.any(String)],
    },
    { kind: "withheld", reason: expect.stringContaining('annotate(item_count=Count("items"))') },
  ]);
  const [first] = actions;
  const edited = first?.kind === "fix" ? applyEdits(text, first.edits) : "";
  expect(edited).toContain('Order.objects.paid().select_related("customer", "user"):');
});

test("a comment silences what a diagnostic names", () => {
  const [named = ""] = project.staticFindings().map(({ id }) => id);
  const actions = staticActions(project, path, rangeOf(text, "order.customer"), [named]);
  expect(actions.map(({ title }) => title)).toContain("Ignore n-plus-one here");
});

test("nothing is offered on other lines and in other files", () => {
  expect(staticActions(project, path, rangeOf(text, "def view"), [])).toEqual([]);
  expect(staticActions(project, "shop/other.py", rangeOf(text, "for order"), [])).toEqual([]);
});

test("the report marks them, and names one edit for each queryset", () => {
  const result = staticReport(project.staticFindings(), (wanted) => project.staticFixFor(wanted));
  expect(result.findings).toMatchObject([
    { static: true, severity: "hint", file: path, line: 5, loop: { line: 4 }, site: { file: path, line: 4 } },
    { fix: { title: expect.stringContaining('"customer", "user"') } },
    { rule: "aggregate-per-row", fix: null },
  ]);
  expect(result.findings[0]?.fix).toEqual(result.findings[1]?.fix);
  const words = staticReportText(result, 12);
  expect(words).toMatch(/^3 hints from reading 12 files, of code that no recorded test runs\.\n\n/);
  expect(words).toContain(`${path}:5:15  hint  n-plus-one`);
});

test("a report of nothing says so", () => {
  const result = staticReport([], () => ({ ok: false, withheld: { reason: "" } }));
  expect(staticReportText(result, 1)).toBe(
    "Nothing to tell from reading 1 file, of code that no recorded test runs.\n",
  );
});
