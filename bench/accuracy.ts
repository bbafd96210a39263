/**
 * How well the tool points: each argument of `select_related` and `prefetch_related` in a real project's application code is taken out, one at a
 * time; the tests that run it are recorded, and the terminal command is asked what is wrong. docs/accuracy.md says how the scores are counted.
 *
 *     npm run bench:accuracy -- <checkout> [--python <interpreter>] [--work <folder>] [--only <text>] [--every <number>] [--tests <number>]
 *                               [--fixes <number>] [--part <number>/<of>] [--recordings <folder>] [--markdown <file>] [--json]
 *     npm run bench:accuracy -- --gather <folder of a run> --gather <folder of another> … [--markdown <file>] [--json]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../scripts/lib/paths.ts";
import { must, Refusal } from "../scripts/lib/process.ts";
import {
  type Applied,
  type Bench,
  coverage,
  findArguments,
  runCase,
  type Tried,
  tryAll,
  tryFinding,
  unchanged,
} from "./accuracy/bench.ts";
import { Copy } from "./accuracy/checkout.ts";
import { projectNamed, projectOf, pythonIn } from "./accuracy/project.ts";
import { nameOf, type Outcome } from "./accuracy/score.ts";
import { joined, type Run, sharesOf } from "./accuracy/shares.ts";
import { details, overview, results } from "./accuracy/table.ts";
import { print } from "./results.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    python: { type: "string" },
    work: { type: "string" },
    only: { type: "string" },
    every: { type: "string", default: "1" },
    tests: { type: "string", default: "60" },
    fixes: { type: "string", default: "1" },
    part: { type: "string", default: "1/1" },
    recordings: { type: "string" },
    gather: { type: "string", multiple: true, default: [] },
    markdown: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const verdictsOf = ({ project }: Run) => projectNamed(project).verdicts;

if (values.gather.length > 0) gather(values.gather);
else await measure(positionals[0]);

/** The runs' figures side by side, and all together; the parts of one project's run as one. */
function gather(folders: readonly string[]): void {
  const runs = joined(folders.map((folder) => JSON.parse(readFileSync(join(folder, "outcome.json"), "utf8")) as Run));
  const all = sharesOf(runs, verdictsOf);
  const columns = [...runs.map((run) => [run.project, sharesOf([run], verdictsOf)] as const), ["all", all] as const];
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${overview(columns)}\n`);
  if (values.markdown !== undefined) {
    for (const run of runs)
      writeFileSync(`${values.markdown}.${run.project}.md`, `${details(projectNamed(run.project), run)}\n`);
  }
  print(columns.flatMap(([name, shares]) => results(name, shares)));
}

async function measure(given: string | undefined): Promise<void> {
  if (given === undefined) throw new Refusal("name a project's checkout: npm run bench:accuracy -- <checkout>.");
  const checkout = resolve(given);
  const project = projectOf(checkout);
  const python = resolve(pythonIn(checkout, values.python ?? null));
  const folder = resolve(values.work ?? join(tmpdir(), `querysight-accuracy-${project.name}`));
  mkdirSync(folder, { recursive: true });
  setPriority(10);

  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const oracle = await findArguments(python, checkout, project);
  const bench: Bench = {
    copy: new Copy(checkout, project, python, folder),
    oracle,
    folder,
    recordings: resolve(values.recordings ?? join(folder, "recordings")),
    most: Number(values.tests),
    log,
  };
  const build = (await must("Naming the build", "git", ["-C", repository, "describe", "--always", "--dirty"])).trim();
  const [part = 1, of = 1] = values.part.split("/").map(Number);
  const isOfPart = (_: unknown, index: number) => index % of === part - 1;
  const taken = oracle.cases.filter((_, index) => index % Number(values.every) === 0).filter(isOfPart);
  log(`${project.name}: ${taken.length} of ${oracle.cases.length} arguments`);
  const covered = await coverage(bench);
  const asItIs = await unchanged(bench);
  const outcomes: Outcome[] = [];
  const tried: Tried[] = [];
  let together: Applied | null = null;
  for (const [index, one] of taken.entries()) {
    if (values.only !== undefined && !nameOf(one).includes(values.only)) continue;
    const outcome = await runCase(bench, one, covered.get(one.probe) ?? { tests: [], callers: [] }, asItIs);
    outcomes.push(outcome);
    keep();
    log(`${index + 1}/${taken.length} ${outcome.name}: ${summary(outcome)}`);
  }

  if (values.only === undefined) {
    const isTried = new Set(asItIs.findings.filter((_, index) => index % Number(values.fixes) === 0));
    for (const finding of asItIs.findings.filter(isOfPart)) {
      const isTaken = isTried.has(finding);
      const one = isTaken ? await tryFinding(bench, asItIs, finding) : { finding, applied: null };
      tried.push(one);
      keep();
      log(`${finding.id} ${finding.file}:${finding.line}: ${JSON.stringify(one.applied)}`);
    }
    together = part === 1 ? await tryAll(bench, asItIs) : null;
    log(`all fixes together: ${JSON.stringify(together)}`);
  }

  const run = keep();
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${details(project, run)}\n`);
  print(results(project.name, sharesOf([run], verdictsOf)));

  /** After each step: a run takes long. */
  function keep(): Run {
    const { name, commit } = project;
    const { lines, bare } = oracle;
    const run: Run = { project: name, commit, build, lines, bare, outcomes, tried, together };
    writeFileSync(join(folder, "outcome.json"), JSON.stringify(run, null, 1));
    return run;
  }
}

function summary({ state, extra, found, rightPlace, rightFix, harmed, left }: Outcome): string {
  const isConstant = state === "saves a constant number";
  if (state !== "in" && !isConstant) return state;
  const marks = isConstant
    ? [state, found ? "NOT SILENT" : "silent"]
    : [found ? "found" : "MISSED", rightPlace ? "right place" : "", rightFix ? "right fix" : ""];
  const more = [
    `${extra} more`,
    left === null ? "" : `${left} left`,
    harmed?.length ? `BREAKS ${harmed.join(" ")}` : "",
  ];
  return [...marks, ...more].filter(Boolean).join(", ");
}
