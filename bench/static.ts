/**
 * What it costs to parse a large project, for the terminal's scan, beside CPython's `ast.parse` over the same files in the same run, and what the scan costs.
 *
 * The Python that parses is one that can parse all of them, as the project's own would: one that is too old gives a file up at the first word
 * that is new to it, and is done sooner.
 *
 *     npm run bench:static -- <checkout> [--rounds 3] [--python 3.12] [--json]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { must, Refusal } from "../scripts/lib/process.ts";
import { findPythonOf, NoPython } from "../scripts/lib/python.ts";
import { pythonFiles } from "../server/src/project/pythonFiles.ts";
import { scanDisk } from "../server/src/session/diskScan.ts";
import { atMost, below, median, print, result } from "./results.ts";

const { positionals, values } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "3" }, python: { type: "string" } },
});
const [checkout] = positionals;
if (checkout === undefined) throw new Refusal("name a large project's checkout: npm run bench:static -- <checkout>.");
const root = resolve(checkout);
const files = pythonFiles(root, [root]);
/** Oldest first: which of them it is makes a fifth of the time. */
const versions = values.python === undefined ? ["3.10", "3.11", "3.12", "3.13", "3.14"] : [values.python];

/** Both sides have read their texts before the time starts, and keep no tree. */
const astParse = `
import ast, sys, time
texts = [open(path, "rb").read() for path in open(sys.argv[1]).read().splitlines()]
failed = 0
start = time.perf_counter()
for text in texts:
    try:
        ast.parse(text)
    except SyntaxError:
        failed += 1
print(time.perf_counter() - start, failed, sys.version.split()[0])
`;

interface ByPython {
  readonly ms: number;
  /** Files that it cannot parse. */
  readonly failed: number;
  readonly version: string;
}

async function byPython(python: string): Promise<ByPython> {
  const folder = mkdtempSync(join(tmpdir(), "querysight-static-"));
  try {
    const list = join(folder, "files");
    writeFileSync(list, files.map((file) => `${resolve(root, file)}\n`).join(""));
    const [seconds, failed, version = ""] = (await must("ast.parse", python, ["-c", astParse, list])).trim().split(" ");
    return { ms: Number(seconds) * 1_000, failed: Number(failed), version };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The oldest Python here that parses all of the files, else the one that parses most. */
async function suitingPython(): Promise<{ readonly python: string; readonly told: ByPython }> {
  let best: { readonly python: string; readonly told: ByPython } | null = null;
  for (const version of versions) {
    const python = await findPythonOf([version]).catch((error: unknown) => {
      if (error instanceof NoPython) return null;
      throw error;
    });
    if (python === null) continue;
    const told = await byPython(python);
    if (best === null || told.failed < best.told.failed) best = { python, told };
    if (told.failed === 0) break;
  }
  if (best === null) throw new Refusal(`None of Python ${versions.join(", ")} was found.`);
  return best;
}

/** ms from the first text to the last, on so many threads; the largest files are dealt out first. */
async function byUs(threads: number): Promise<number> {
  const shares = Array.from({ length: threads }, (_, index) =>
    files.filter((_file, at) => at % threads === index).map((file) => resolve(root, file)),
  );
  const workers = shares.map(
    (share) => new Worker(new URL("./static/parseWorker.ts", import.meta.url), { workerData: { files: share } }),
  );
  const next = (worker: Worker) =>
    new Promise<unknown>((done, fail) => worker.once("message", done).once("error", fail));
  await Promise.all(workers.map(next));
  const start = performance.now();
  const parsed = workers.map(next);
  for (const worker of workers) worker.postMessage("go");
  const counts = await Promise.all(parsed);
  const ms = performance.now() - start;
  await Promise.all(workers.map((worker) => worker.terminate()));
  const total = counts.reduce<number>((sum, count) => sum + Number(count), 0);
  if (total !== files.length) throw new Error(`${total} of ${files.length} files were parsed.`);
  return ms;
}

/** ms that the terminal's scan takes: it reads all files, and parses those in which something can be said. */
async function scanned(threads: number) {
  const start = performance.now();
  const scan = await scanDisk(null, [root], [], threads);
  return { ms: performance.now() - start, hints: scan?.findings.length ?? 0 };
}

const { python, told } = await suitingPython();
// In turns: a machine is not the same from minute to minute.
const rounds: { readonly ast: number; readonly ours: readonly number[]; readonly hints: number }[] = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  const { ms: ast } = await byPython(python);
  const parsed = [await byUs(1), await byUs(2)];
  const scans = [await scanned(1), await scanned(2)];
  rounds.push({ ast, ours: [...parsed, ...scans.map(({ ms }) => ms)], hints: scans[0]?.hints ?? 0 });
}
const [one = 0, two = 0, scanOne = 0, scanTwo = 0] = [0, 1, 2, 3].map((way) =>
  median(rounds.map(({ ast, ours }) => (ours[way] ?? 0) / ast)),
);
const hundredths = (value: number) => Math.round(value * 100) / 100;
print([
  result("Python files", files.length, "files"),
  result(`ast.parse of Python ${told.version}, all of them`, median(rounds.map(({ ast }) => ast)), "ms"),
  result("files that it cannot parse", told.failed, "files"),
  atMost(1.3, "parsed on one thread, of ast.parse", one, "times"),
  below(hundredths(one), "parsed on two threads, of ast.parse", two, "times"),
  atMost(1.3, "report --static on one thread, of ast.parse", scanOne, "times"),
  below(hundredths(scanOne), "report --static on two threads, of ast.parse", scanTwo, "times"),
  result("hints", rounds[0]?.hints ?? 0, "hints"),
]);
