/** A real project's checkout with a recording of its own tests in it: first lenses, lenses while typing, memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openTrace } from "../../server/src/trace/openTrace.ts";
import { built } from "../../test/lsp/dist.ts";
import { LspClient } from "../../test/lsp/lspClient.ts";
import { below, median, quantile, type Result, result } from "../results.ts";
import { timed, typeInto } from "./typing.ts";
import { memoryMb } from "./whileIngesting.ts";

const filesOpened = 20;
/** Ms after which the thread that looks for findings has ended; it is started again where they are wanted. */
const restMs = 25_000;

export async function realProject(root: string): Promise<readonly Result[]> {
  const { files, size } = await recordedFiles(root);
  const step = Math.max(1, Math.floor(files.length / filesOpened));
  const densest = files.slice(0, filesOpened);
  const spread = Array.from({ length: filesOpened }, (_, index) => files[index * step] ?? "");
  return [
    result("the real project's recording: rows", size.rows, "rows"),
    result("the real project's recording: scopes", size.scopes, "scopes"),
    result("the real project's recording: executions", size.executions, "queries"),
    result("the real project's recording: files with sites", files.length, "files"),
    ...(await opened(root, spread, "files evenly spread")),
    ...(await opened(root, densest, "the files with the most sites")),
  ];
}

/** @param what these files are */
async function opened(root: string, files: readonly string[], what: string): Promise<readonly Result[]> {
  const first: number[] = [];
  const further: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const client = await LspClient.start({ folders: [root] });
    first.push(await firstLenses(client, join(root, files[round] ?? "")));
    await client.stop();
  }
  const client = await LspClient.start({ folders: [root] });
  for (const path of files) further.push(await firstLenses(client, join(root, path)));
  await client.until("the findings", async () => (await client.status()).projects[0]?.testsRecorded);
  await setTimeout(3_000);
  const busy = memoryMb(client, "VmRSS");
  await setTimeout(restMs);
  const rest = memoryMb(client, "VmRSS");
  const longest = files.toSorted((a, b) => length(root, b) - length(root, a))[0] ?? "";
  const typing = await typeInto(client, join(root, longest));
  await client.stop();
  const lines = files.reduce((sum, path) => sum + length(root, path), 0);
  const longestLines = length(root, longest);
  return [
    result(`${what}: lines`, lines, "lines"),
    below(150, `${what}: first lenses of the first, opening the store`, median(first), "ms"),
    below(150, `${what}: first lenses of a further one, median`, median(further.slice(1)), "ms"),
    below(150, `${what}: first lenses of a further one, longest`, Math.max(...further.slice(1)), "ms"),
    below(
      longestLines > 1_500 ? 50 : 16,
      `${what}: the longest, ${longestLines} lines, a key to its lenses, p95`,
      quantile(typing.answers, 0.95),
      "ms",
    ),
    ...(busy === null ? [] : [result(`${what}: memory with ${filesOpened} just opened`, busy, "MB")]),
    ...(rest === null ? [] : [below(150, `${what}: memory with ${filesOpened} open`, rest, "MB")]),
  ];
}

/** Files with the most sites first; the store is warm afterwards. */
async function recordedFiles(root: string) {
  const trace = await openTrace(root, { watch: false, workerPath: built("traceWorker.js") });
  try {
    await trace.refresh();
    const { reader } = trace;
    const sites = new Map(
      reader
        .paths()
        .filter((path) => path.endsWith(".py"))
        .map((path) => [path, reader.sitesIn(path).length]),
    );
    const files = [...sites.keys()].toSorted((a, b) => (sites.get(b) ?? 0) - (sites.get(a) ?? 0));
    const rows = reader.scopes().flatMap(({ id }) => reader.rowsOfScope(id));
    const executions = rows.reduce((sum, { count }) => sum + count, 0);
    return { files, size: { rows: rows.length, scopes: reader.scopes().length, executions } };
  } finally {
    await trace.dispose();
  }
}

async function firstLenses(client: LspClient, file: string): Promise<number> {
  await client.open(file);
  const [, ms] = await timed(() => client.codeLenses(file));
  return ms;
}

function length(root: string, path: string): number {
  return readFileSync(join(root, path), "utf8").split("\n").length - 1;
}
