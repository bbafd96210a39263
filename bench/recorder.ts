/**
 * What watching queries costs: Querysight beside no recorder, django-zeal, django-silk, django-debug-toolbar, `traceback.extract_stack`
 * and a bare walk over all frames, in turns in one run, in processor time. Ratios hold from machine to machine, times do not.
 *
 * `npm run bench:recorder` measures single queries, rows, querysets and tests on in-memory SQLite, and how a recording grows.
 * `npm run bench:recorder -- --suite <checkout> --settings <module> [--rounds N] [--ways none,querysight,…] -- <test command>` measures
 * a project's whole suite; the command's first word is the project's Python. With `--micro`, both.
 */
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { benchPython } from "../scripts/lib/environments.ts";
import { recorder } from "../scripts/lib/paths.ts";
import { must, Refusal } from "../scripts/lib/process.ts";
import { growth, single } from "./recorder/single.ts";
import { suite } from "./recorder/suite.ts";
import { print, type Result } from "./results.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    micro: { type: "boolean" },
    rounds: { type: "string" },
    settings: { type: "string" },
    suite: { type: "string" },
    ways: { type: "string" },
  },
});

const python = await benchPython();
const results: Result[] = [];
if (values.suite === undefined || values.micro) results.push(...(await single(measure)), ...(await growth(measure)));
if (values.suite !== undefined) {
  const { settings, rounds = "3", ways } = values;
  if (settings === undefined || positionals.length === 0) {
    throw new Refusal("--suite needs --settings <module>, and after -- the command that runs the tests.");
  }
  results.push(...(await suite(measure, basename(values.suite), [values.suite, settings, rounds], ways, positionals)));
}
print(results);

/** The script's last line: before it stands what others may have to say. */
async function measure(script: string, ...words: readonly string[]): Promise<string> {
  const file = join(import.meta.dirname, "recorder", script);
  const env = { ...(script === "suite.py" ? {} : { PYTHONPATH: recorder }), PYTHONDONTWRITEBYTECODE: "1" };
  const output = await must("The measurement", python, [file, ...words], { env });
  return output.trimEnd().split("\n").at(-1) ?? "";
}
