/**
 * How well the tool points: each argument of `select_related` and `prefetch_related` in a real project's application code is taken out, one at a
 * time; the tests that run it are recorded, and the terminal command is asked what is wrong. docs/accuracy.md says how the scores are counted.
 *
 *     npm run bench:accuracy -- <checkout> [--python <interpreter>] [--work <folder>] [--only <text>] [--tests <number>] [--markdown <file>] [--json]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "../scripts/lib/process.ts";
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
import { projectOf, pythonIn } from "./accuracy/project.ts";
import { nameOf, type Outcome } from "./accuracy/score.ts";
import { markdown, results } from "./accuracy/table.ts";
import { print } from "./results.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    python: { type: "string" },
    work: { type: "string" },
    only: { type: "string" },
    tests: { type: "string", default: "60" },
    markdown: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [given] = positionals;
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
  most: Number(values.tests),
  log,
};

log(`${project.name}: ${oracle.cases.length} arguments`);
const covered = await coverage(bench);
const asItIs = await unchanged(bench);
const outcomes: Outcome[] = [];
const tried: Tried[] = [];
let together: Applied | null = null;
for (const [index, one] of oracle.cases.entries()) {
  if (values.only !== undefined && !nameOf(one).includes(values.only)) continue;
  const outcome = await runCase(bench, one, covered.get(one.probe) ?? { tests: [], callers: [] }, asItIs);
  outcomes.push(outcome);
  keep();
  log(`${index + 1}/${oracle.cases.length} ${outcome.name}: ${summary(outcome)}`);
}

if (values.only === undefined) {
  for (const finding of asItIs.findings) {
    const one = await tryFinding(bench, asItIs, finding);
    tried.push(one);
    keep();
    log(`${finding.id} ${finding.file}:${finding.line}: ${JSON.stringify(one.applied)}`);
  }
  together = await tryAll(bench, asItIs);
  log(`all fixes together: ${JSON.stringify(together)}`);
}

keep();
if (values.markdown !== undefined) writeFileSync(values.markdown, markdown(project, oracle, outcomes, tried, together));
print(results(project, outcomes, tried, together));

/** After each step: a run takes long. */
function keep(): void {
  writeFileSync(join(folder, "outcome.json"), JSON.stringify({ outcomes, tried, together }, null, 1));
}

function summary({ state, extra, found, rightPlace, rightFix, harmed, left }: Outcome): string {
  if (state !== "in") return state;
  const marks = [found ? "found" : "MISSED", rightPlace ? "right place" : "", rightFix ? "right fix" : ""];
  const more = [
    `${extra} more`,
    left === null ? "" : `${left} left`,
    harmed?.length ? `BREAKS ${harmed.join(" ")}` : "",
  ];
  return [...marks, ...more].filter(Boolean).join(", ");
}
