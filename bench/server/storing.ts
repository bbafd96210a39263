/** What it costs to take recordings in, each time in a process of its own with the bundled worker. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { must } from "../../scripts/lib/process.ts";
import { openTrace } from "../../server/src/trace/openTrace.ts";
import { built } from "../../test/lsp/dist.ts";
import { atMost, below, median, type Result, result } from "../results.ts";
import { type LargeProject, type RecordedDemo, writeLargeProject } from "./largeProject.ts";

const rounds = 3;

export interface StoreFigures {
  readonly ms: number;
  /** Processor time, of all threads. */
  readonly cpuMs: number;
  readonly peakMb: number;
  readonly tests: number;
}

/** A hundred thousand rows and some, with ten million executions. */
export async function storing({ root, segment, size }: LargeProject): Promise<readonly Result[]> {
  const parsing: number[] = [];
  const cold: StoreFigures[] = [];
  const warm: StoreFigures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    for (const line of readFileSync(segment, "utf8").trimEnd().split("\n")) JSON.parse(line);
    parsing.push(performance.now() - start);
    forgetStore(root);
    cold.push(await openStore(root, size.tests));
    warm.push(await openStore(root, size.tests));
  }
  const seconds = median(cold.map(({ ms }) => ms)) / 1000;
  const what = `${millions(size.executions)} executions in ${thousands(size.rows)} rows`;
  return [
    result("parse its lines as JSON", median(parsing) / 1000, "s"),
    below(2, `${what}: ingest`, seconds, "s"),
    result(`${what}: ingest, processor time`, median(cold.map(({ cpuMs }) => cpuMs)) / 1000, "s"),
    result("ingest / parse its lines", (seconds * 1000) / median(parsing), "x"),
    below(400, `${what}: peak memory of the process`, median(cold.map(({ peakMb }) => peakMb)), "MB"),
    result("open it again, with nothing new", median(warm.map(({ ms }) => ms)), "ms"),
  ];
}

/** A million rows: once, as it takes half a gigabyte. Then one of its tests again. */
export async function storingMillion(root: string, recorded: RecordedDemo): Promise<readonly Result[]> {
  const extent = { copies: 40, repeats: 36, times: 1, longFiles: true };
  const project = await writeLargeProject(root, recorded, extent);
  const { size } = project;
  const { ms, cpuMs, peakMb } = await openStore(root, size.tests);
  const what = `${millions(size.rows)} rows, ${thousands(size.scopes)} scopes, ${(size.bytes / 1e6).toFixed(0)} MB`;
  return [
    below(10, `${what}: ingest`, ms / 1000, "s"),
    result(`${what}: ingest, processor time`, cpuMs / 1000, "s"),
    below(400, `${what}: peak memory of the process`, peakMb, "MB"),
    ...(await oneTestAgain(project)),
  ];
}

async function oneTestAgain({ root, size, recordOneTest }: LargeProject): Promise<readonly Result[]> {
  const trace = await openTrace(root, { watch: false, workerPath: built("traceWorker.js") });
  try {
    const times: number[] = [];
    let taken = 0;
    let recorded = 0;
    for (let day = 2; day < 9; day += 1) {
      const run = `2026010${day}T000000Z-1-aaaa`;
      recorded = recordOneTest(run);
      const start = performance.now();
      await trace.refresh();
      times.push(performance.now() - start);
      const scopes = trace.reader.scopesOfRun(run);
      taken = scopes.reduce((sum, { id }) => sum + trace.reader.rowsOfScope(id).length, 0);
      // The store still has each test once.
      if (trace.reader.summary().testsRecorded !== size.tests) throw new Error("A test was lost or is there twice.");
    }
    return [
      atMost(recorded, "one of its tests recorded again: rows taken in", taken, "rows"),
      below(250, "one of its tests recorded again: until it is read", median(times), "ms"),
      result("the same, where an older run of it is swept away", Math.max(...times), "ms"),
    ];
  } finally {
    await trace.dispose();
  }
}

export async function openStore(root: string, tests: number): Promise<StoreFigures> {
  const script = join(import.meta.dirname, "openStore.ts");
  const figures = JSON.parse(await must("Opening the store", process.execPath, [script, root])) as StoreFigures;
  if (figures.tests !== tests) throw new Error(`Of ${tests} tests the store has ${figures.tests}.`);
  return figures;
}

export function forgetStore(root: string): void {
  for (const ending of ["", "-wal", "-shm"]) rmSync(join(root, ".querysight", `trace.db${ending}`), { force: true });
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(1)} million`;
}

function thousands(count: number): string {
  return `${Math.round(count / 1000)} thousand`;
}
