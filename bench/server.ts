/**
 * What a large recording costs the language server, over LSP on standard streams and with the bundled dist/: taking it in, opening it
 * again, the first lenses of a file, lenses while typing. Each beside what is known to everybody: parsing the same lines as JSON, or the
 * same file with CPython's `ast.parse`. Ratios hold from machine to machine, times do not.
 *
 * `--project <checkout>` adds a real project, in whose folder a recording of its own tests lies.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../scripts/build.ts";
import { demoPython } from "../scripts/lib/environments.ts";
import { must } from "../scripts/lib/process.ts";
import { LspClient } from "../test/lsp/lspClient.ts";
import { below, median, print, quantile, type Result, result } from "./results.ts";
import { type LargeProject, recordDemo, writeLargeProject } from "./server/largeProject.ts";
import { opening } from "./server/opening.ts";
import { realProject } from "./server/realProject.ts";
import { forgetStore, storing, storingMillion } from "./server/storing.ts";
import { timed, typeInto } from "./server/typing.ts";
import { memoryMb, openCold } from "./server/whileIngesting.ts";

const rounds = 3;
const filesOpened = 8;
/** 95 of 100 keys are answered sooner, ms. */
const typingGoals: Readonly<Record<string, number>> = { "thousand.py": 16, "tenThousand.py": 50 };

const python = await demoPython();
if (process.env["QUERYSIGHT_TEST_DIST"] === undefined) await bundle();
const root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-bench-")));
try {
  const recorded = await recordDemo();
  const extent = { copies: 40, repeats: 4, times: 21, longFiles: true };
  const project = await writeLargeProject(join(root, "large"), recorded, extent);
  const small = await writeLargeProject(join(root, "small"), recorded, {
    copies: 1,
    repeats: 1,
    times: 1,
    longFiles: false,
  });
  const checkout = argument("--project");
  const { size } = project;
  print([
    result("processes that wanted a processor, the last minute", loadavg()[0] ?? 0, ""),
    result("the recording: rows", size.rows, "rows"),
    result("the recording: executions", size.executions, "queries"),
    result("the recording: tests", size.tests, "tests"),
    result("the recording: files", size.files, "files"),
    result("the recording: size", size.bytes / 1e6, "MB"),
    ...(await storing(project)),
    ...(await storingMillion(join(root, "million"), recorded)),
    ...(await opening(small.root, checkout ?? project.root)),
    ...(await serving(project)),
    ...(await showing(project)),
    ...(checkout === null ? [] : await realProject(checkout)),
  ]);
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

function argument(name: string): string | null {
  const at = process.argv.indexOf(name);
  return at === -1 ? null : realpathSync(process.argv[at + 1] ?? "");
}

async function serving({ root, ordinary, size }: LargeProject): Promise<readonly Result[]> {
  forgetStore(root);
  const { shownMs, answers, peakMb } = await openCold(root, ordinary[0] ?? "", size.tests);
  return [
    result("language server: first file opened to all of it shown", shownMs / 1000, "s"),
    result("language server meanwhile: median answer", median(answers), "ms"),
    below(50, "language server meanwhile: longest wait for an answer", answers.at(-1) ?? 0, "ms"),
    ...(peakMb === null ? [] : [result("language server meanwhile: peak memory", peakMb, "MB")]),
  ];
}

/** With a warm store. */
async function showing({ root, ordinary, long }: LargeProject): Promise<readonly Result[]> {
  const first: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const client = await LspClient.start({ folders: [root] });
    first.push(await firstLenses(client, join(root, ordinary[0] ?? "")));
    await client.stop();
  }
  const client = await LspClient.start({ folders: [root] });
  await firstLenses(client, join(root, ordinary[0] ?? ""));
  const further: number[] = [];
  for (const path of ordinary.slice(1, filesOpened)) further.push(await firstLenses(client, join(root, path)));
  const results = [
    below(150, "first lenses of the first file, opening the store", median(first), "ms"),
    below(150, "first lenses of a further file", median(further), "ms"),
  ];
  for (const { path, lines } of long) {
    const file = join(root, path);
    const parsing = await pythonParsing(file);
    const { firstLensMs, lenses, answers } = await typeInto(client, file);
    const p50 = quantile(answers, 0.5);
    const what = `${lines} lines, ${lenses} lenses`;
    results.push(
      result(`${what}: ast.parse`, parsing, "ms"),
      result(`${what}: first lenses`, firstLensMs, "ms"),
      result(`${what}: a key to its lenses, p50`, p50, "ms"),
      below(typingGoals[path] ?? 0, `${what}: a key to its lenses, p95`, quantile(answers, 0.95), "ms"),
      result(`${what}: a key to its lenses, p50 / ast.parse`, p50 / parsing, "x"),
    );
  }
  const memory = memoryMb(client, "VmRSS");
  await client.stop();
  return memory === null
    ? results
    : [...results, result(`language server with ${filesOpened + long.length} files open`, memory, "MB")];
}

async function firstLenses(client: LspClient, file: string): Promise<number> {
  await client.open(file);
  const [lenses, ms] = await timed(() => client.codeLenses(file));
  if (lenses.length === 0) throw new Error(`${file} has no lenses.`);
  return ms;
}

/** The median of some rounds, ms. */
async function pythonParsing(file: string): Promise<number> {
  const script = [
    "import ast, pathlib, statistics, sys, time",
    "text, times = pathlib.Path(sys.argv[1]).read_text(encoding='utf-8'), []",
    "for _ in range(9):",
    "    start = time.perf_counter()",
    "    ast.parse(text)",
    "    times.append(time.perf_counter() - start)",
    "print(1000 * statistics.median(times))",
  ].join("\n");
  return Number(await must("Parsing with Python", python, ["-c", script, file]));
}
