/**
 * How each cost grows: one project and its recording, and the same with four times the files (and sites), four times the scopes (and rows), and a
 * hundred times the executions. What grows with none of them is what the server is built for.
 */
import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../scripts/build.ts";
import { demoPython } from "../scripts/lib/environments.ts";
import { LspClient } from "../test/lsp/lspClient.ts";
import { median, print, quantile, type Result, result } from "./results.ts";
import { type Extent, type RecordedDemo, recordDemo, writeLargeProject } from "./server/largeProject.ts";
import { processorMs } from "./server/opening.ts";
import { forgetStore, openStore } from "./server/storing.ts";
import { timed, typeInto } from "./server/typing.ts";
import { memoryMb } from "./server/whileIngesting.ts";

const base: Extent = { copies: 10, repeats: 4, times: 1, longFiles: false };
const extents: Readonly<Record<string, Extent>> = {
  base,
  "4 x files and sites": { ...base, copies: 40, repeats: 1 },
  "4 x scopes and rows": { ...base, repeats: 16 },
  "4 x files, sites, scopes and rows": { ...base, copies: 40 },
  "100 x executions": { ...base, times: 100 },
};
const filesOpened = 8;

await demoPython();
if (process.env["QUERYSIGHT_TEST_DIST"] === undefined) await bundle();
const root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-growth-")));
try {
  const recorded = await recordDemo();
  const results: Result[] = [];
  for (const [name, extent] of Object.entries(extents)) results.push(...(await measure(name, extent, recorded)));
  print(results);
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

async function measure(name: string, extent: Extent, recorded: RecordedDemo): Promise<readonly Result[]> {
  const project = await writeLargeProject(join(root, name.replaceAll(/\W+/g, "-")), recorded, extent);
  const { size } = project;
  const ingested = [];
  for (let round = 0; round < 3; round += 1) {
    forgetStore(project.root);
    ingested.push(await openStore(project.root, size.tests));
  }
  const store = statSync(join(project.root, ".querysight", "trace.db")).size;
  const client = await LspClient.start({ folders: [project.root] });
  const idle = processorMs(client);
  const lenses: number[] = [];
  for (const path of project.ordinary.slice(0, filesOpened)) {
    const file = join(project.root, path);
    await client.open(file);
    lenses.push((await timed(() => client.codeLenses(file)))[1]);
  }
  const typing = await typeInto(client, join(project.root, "copy0", "shop", "services.py"));
  const memory = memoryMb(client, "VmRSS");
  await client.stop();
  const figure = (what: string, value: number, unit: string) => result(`${name}: ${what}`, value, unit);
  return [
    figure("files", size.files, "files"),
    figure("sites", size.sites, "sites"),
    figure("scopes", size.scopes, "scopes"),
    figure("rows", size.rows, "rows"),
    figure("executions", size.executions, "queries"),
    figure("ingest, processor time", median(ingested.map(({ cpuMs }) => cpuMs)) / 1000, "s"),
    figure("ingest, peak memory", median(ingested.map(({ peakMb }) => peakMb)), "MB"),
    figure("store", store / 1e6, "MB"),
    figure("server before a file is opened, processor time", idle, "ms"),
    figure("first lenses of the first file", lenses[0] ?? 0, "ms"),
    figure("first lenses of a further file", median(lenses.slice(1)), "ms"),
    figure("a key to its lenses, p50", quantile(typing.answers, 0.5), "ms"),
    ...(memory === null ? [] : [figure(`memory with ${filesOpened} files open`, memory, "MB")]),
  ];
}
