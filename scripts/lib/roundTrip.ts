import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal, run } from "./process.ts";
import { record } from "./record.ts";
import { type Counts, pytestCounts, unittestCounts } from "./suites.ts";

interface Report {
  readonly findings: readonly {
    readonly id: string;
    readonly evidence: { readonly queries: number };
    readonly site: { readonly file: string } | null;
    readonly fix: { readonly safety: string; readonly edits: readonly { readonly file: string }[] } | null;
  }[];
  readonly scopes: readonly { readonly kind: string; readonly route: string | null; readonly queries: number }[];
}

/**
 * The promise of the product, on a real project: what is found is cured at the queryset, the tests stay green, and a new
 * recording shows it. `project` is a copy that may be changed; its order list runs 101 queries over 100 orders.
 */
export async function roundTrip(python: string, project: string, cli: string): Promise<Counts> {
  const results: boolean[] = [];
  const expect = (what: string, holds: boolean) => {
    console.log(`  ${holds ? "ok" : "FAILED"}: ${what}`);
    results.push(holds);
  };

  const report = async (): Promise<Report> => {
    const { output, status } = await run(process.execPath, [cli, "report", project, "--json"], { output: "capture" });
    if (status > 1) throw new Refusal(`the report could not be read:\n${output}`);
    return JSON.parse(output) as Report;
  };
  const orderList = (of: Report) =>
    Math.max(0, ...of.scopes.filter((s) => s.kind === "request" && s.route === "/orders/").map((s) => s.queries));

  const first = await record(python, project, ["pytest", "-q"], "capture");
  expect("the suite passes under the recorder", first.status === 0);
  const before = await report();
  expect("GET /orders/ runs 101 queries", orderList(before) === 101);
  const found = before.findings.find((finding) => finding.evidence.queries === 101);
  expect("a finding counts them", found !== undefined);
  const view = found?.site?.file ?? "";
  expect(
    "its fix edits the view's file",
    view.endsWith("views.py") && Boolean(found?.fix?.edits.some((edit) => edit.file === view)),
  );
  const again = await report();
  expect(
    "ids are the same in a second report",
    before.findings.every((finding, i) => finding.id === again.findings[i]?.id),
  );

  const fixed = await run(process.execPath, [cli, "fix", project, "--all"], { output: "both" });
  expect("fix --all applies", fixed.status === 0);
  expect("the view was edited", /select_related|prefetch_related/.test(readFileSync(join(project, view), "utf8")));

  const tests = await run(python, ["-m", "pytest", "-q"], { cwd: project, output: "both" });
  expect("pytest stays green", pytestCounts(tests.output, tests.status).failed === 0);
  const byManage = await run(python, ["manage.py", "test"], { cwd: project, output: "both" });
  expect("manage.py test stays green", unittestCounts(byManage.output, byManage.status).failed === 0);

  const second = await record(python, project, ["pytest", "-q"], "capture");
  expect("the fixed suite passes under the recorder", second.status === 0);
  const after = await report();
  const now = orderList(after);
  expect(`GET /orders/ runs ${now} queries now, 2 at most`, now > 0 && now <= 2);
  const cured = before.findings.filter((finding) => finding.fix?.safety === "safe");
  const left = cured.filter((finding) => after.findings.some((later) => later.id === finding.id));
  expect(`none of the ${cured.length} cured findings is found again`, cured.length > 0 && left.length === 0);

  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed, skipped: 0 };
}
