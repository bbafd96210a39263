import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { StaticFinding } from "../static/staticFinding.ts";
import type { Model } from "../trace/model.ts";

/** What a thread that reads files is started with. */
export interface ScanWorkerData {
  readonly projectRoot: string;
  readonly modelModules: readonly string[];
  /** As recorded; none where nothing was. */
  readonly models: readonly Model[];
}

/** To a thread: files to read; null once there are no more. */
export type ScanRequest = readonly string[] | null;
/** From it: what it found in the last ones; it wants more then. */
export type ScanAnswer = readonly StaticFinding[];

/** Files are dealt out in lots of so many: large enough to be few messages, small enough that no thread waits long for the last one. */
const lot = 16;

/** What reading finds in files of a project, in their order: read by as many threads as the machine has cores. */
export async function scanFiles(
  files: readonly string[],
  data: ScanWorkerData,
  threads: number = availableParallelism(),
): Promise<readonly StaticFinding[]> {
  const lots = Array.from({ length: Math.ceil(files.length / lot) }, (_, index) =>
    files.slice(index * lot, (index + 1) * lot),
  );
  const found: StaticFinding[] = [];
  const workers = Array.from({ length: Math.max(1, Math.min(threads, lots.length)) }, () =>
    readLots(lots, data, (findings) => found.push(...findings)),
  );
  await Promise.all(workers);
  const order = new Map(files.map((file, index) => [file, index]));
  return found.toSorted((a, b) => (order.get(a.at.path) ?? 0) - (order.get(b.at.path) ?? 0));
}

/** One thread, until no lot is left. */
function readLots(
  lots: (readonly string[])[],
  data: ScanWorkerData,
  tell: (findings: readonly StaticFinding[]) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(workerPath(), { workerData: data });
  const next = () => worker.postMessage((lots.shift() ?? null) satisfies ScanRequest);
  worker.on("message", (findings: ScanAnswer) => {
    tell(findings);
    next();
  });
  worker.on("error", reject);
  worker.on("exit", () => resolve());
  next();
  return promise;
}

function workerPath(): string {
  const bundled = fileURLToPath(new URL("./staticWorker.js", import.meta.url));
  return existsSync(bundled) ? bundled : fileURLToPath(new URL("./staticWorker.ts", import.meta.url));
}
