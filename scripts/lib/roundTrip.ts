import { Refusal, run } from "./process.ts";
import { record } from "./record.ts";
import { type RoundTripCase, roundTripCases } from "./roundTripCases.ts";
import { type Counts, pytestCounts, unittestCounts } from "./suites.ts";

/** What of `querysight report --json` is read here. */
interface Report {
  readonly findings: readonly Finding[];
  readonly scopes: readonly Scope[];
}

interface Finding {
  readonly id: string;
  readonly rule: string;
  readonly evidence: { readonly scope: string };
  readonly fix: { readonly safety: string; readonly edits: readonly { readonly file: string }[] } | null;
}

interface Scope {
  readonly id: string;
  readonly kind: string;
  readonly method: string | null;
  readonly route: string | null;
  readonly queries: number;
}

/**
 * The promise of the product, on a real project: what is found is cured at the queryset, the tests stay green, and a new
 * recording shows it. `project` is a copy of the demo that may be changed.
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
  const recordAgain = async (what: string): Promise<Report> => {
    const { status, output } = await record(python, project, ["pytest", "-q"], "capture");
    if (status !== 0) console.log(output);
    expect(`${what} passes under the recorder`, status === 0);
    return report();
  };
  const fix = async (what: string, ...args: readonly string[]) => {
    const { status } = await run(process.execPath, [cli, "fix", project, ...args], { output: "both" });
    expect(`${what} applies`, status === 0);
  };
  const byId = roundTripCases.filter(({ by }) => by === "id");

  const before = await recordAgain("the suite");
  for (const each of roundTripCases) expectFound(each, before, expect);
  const again = await report();
  expect(
    "ids are the same in a second report",
    before.findings.every((finding, i) => finding.id === again.findings[i]?.id),
  );

  await fix("fix --all", "--all");
  const safe = await recordAgain("what fix --all changed");
  const cured = before.findings.filter((finding) => finding.fix?.safety === "safe");
  const left = cured.filter((finding) => safe.findings.some((later) => later.id === finding.id));
  expect(`none of the ${cured.length} cured findings is found again`, cured.length > 0 && left.length === 0);
  for (const each of byId) {
    expect(`fix --all left ${each.where} alone`, queriesIn(each, safe) === each.before);
  }

  if (byId.length > 0) {
    await fix("fix by id", ...new Set(byId.flatMap((each) => findingsOf(each, safe).map(({ id }) => id))));
  }
  const after = byId.length > 0 ? await recordAgain("what fix by id changed") : safe;
  for (const each of roundTripCases) {
    const now = queriesIn(each, after);
    expect(`${each.where} runs ${now} queries, ${each.after} is right`, now === each.after);
    expect(`no ${each.rule} is left there`, findingsOf(each, after).length === 0);
  }

  const tests = await run(python, ["-m", "pytest", "-q"], { cwd: project, output: "both" });
  expect("pytest stays green", pytestCounts(tests.output, tests.status).failed === 0);
  const byManage = await run(python, ["manage.py", "test"], { cwd: project, output: "both" });
  expect("manage.py test stays green", unittestCounts(byManage.output, byManage.status).failed === 0);

  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed, skipped: 0 };
}

function expectFound(each: RoundTripCase, before: Report, expect: (what: string, holds: boolean) => void): void {
  const safety = each.by === "all" ? "safe" : "changes-behaviour";
  const found = findingsOf(each, before);
  const isCurable = ({ fix }: Finding) =>
    fix !== null && fix.safety === safety && fix.edits.some(({ file }) => file === each.file);
  expect(`${each.where} runs ${each.before} queries`, queriesIn(each, before) === each.before);
  expect(`${each.rule} is found there, with an edit of ${each.file}`, found.length > 0 && found.every(isCurable));
}

function findingsOf({ rule, where }: RoundTripCase, { findings }: Report): readonly Finding[] {
  return findings.filter(({ rule: found, evidence: { scope } }) => {
    return found === rule && (scope === where || scope.startsWith(`${where} in `));
  });
}

/** Of the costliest such scope; 0 where none ran. */
function queriesIn({ where }: RoundTripCase, { scopes }: Report): number {
  const counted = scopes.filter(({ id, kind, method, route }) =>
    kind === "request" ? `${method} ${route}` === where : id === `test|${where}|call`,
  );
  return Math.max(0, ...counted.map(({ queries }) => queries));
}
