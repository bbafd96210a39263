/**
 * What it costs to parse a large project, for the terminal's scan, beside CPython's `ast.parse` over the same files in the same run, and what the scan costs.
 *
 *     npm run bench:static -- <checkout> [--rounds 3] [--json]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { must, Refusal } from "../scripts/lib/process.ts";
import { findPython } from "../scripts/lib/python.ts";
import { pythonFiles } from "../server/src/project/pythonFiles.ts";
import { scanDisk } from "../server/src/session/diskScan.ts";
import { atMost, below, median, print, result } from "./results.ts";

const { positionals, values } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "3" } },
});
const [checkout] = positionals;
if (checkout === undefined) throw new Refusal("name a large project's checkout: npm run bench:static -- <checkout>.");
const root = resolve(checkout);
const files = pythonFiles(root, [root]);
const python = await findPython();

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
print(time.perf_counter() - start, failed)
`;

async function byPython(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "querysight-static-"));
  try {
    const list = join(folder, "files");
    writeFileSync(list, files.map((file) => `${resolve(root, file)}\n`).join(""));
    return Number((await must("ast.parse", python, ["-c", astParse, list])).split(" ")[0]) * 1_000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

// In turns: a machine is not the same from minute to minute.
const rounds: { readonly python: number; readonly one: number; readonly two: number }[] = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  rounds.push({ python: await byPython(), one: await byUs(1), two: await byUs(2) });
}
const start = performance.now();
const scan = await scanDisk(null, [root], []);
const scanned = performance.now() - start;
const ast = median(rounds.map((each) => each.python));
const one = median(rounds.map((each) => each.one / each.python));
print([
  result("Python files", files.length, "files"),
  result("ast.parse, all of them", ast, "ms"),
  atMost(1.3, "parsed on one thread, of ast.parse", one, "times"),
  below(
    Math.round(one * 100) / 100,
    "parsed on two threads, of ast.parse",
    median(rounds.map((each) => each.two / each.python)),
    "times",
  ),
  result("report --static, all cores", scanned, "ms"),
  result("report --static, of ast.parse", scanned / ast, "times"),
  result("hints", scan?.findings.length ?? 0, "hints"),
]);
