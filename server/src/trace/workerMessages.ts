import type { TraceProblem } from "./model.ts";
import type { PathMapping } from "./paths.ts";
import type { Driver } from "./sqlite.ts";

/** What the main thread and the ingest worker say to each other. */

export interface WorkerData {
  readonly projectRoot: string;
  readonly watch: boolean;
  readonly mappings: readonly PathMapping[];
  readonly keepSuperseded: number;
  readonly driver: Driver | undefined;
  readonly cacheFolder: string | undefined;
  /** An Int32Array's: not 0 asks the worker to stop at the next batch. */
  readonly stop: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly type: "refresh"; readonly id: number }
  /** A read failed in a way that a damaged store would explain. */
  | { readonly type: "check" }
  | { readonly type: "stop" };

export type FromWorker =
  | { readonly type: "opened"; readonly path: string }
  /** There is no recording, so no store. */
  | { readonly type: "empty" }
  | { readonly type: "changed"; readonly running: boolean; readonly problems: readonly TraceProblem[] }
  | { readonly type: "unavailable"; readonly reason: UnavailableReason; readonly message: string }
  | { readonly type: "refreshed"; readonly id: number };

/** `runtime`: no SQLite here; `locked`: another process holds the store; `storage`: no place can hold it; `worker`: ingest died. */
export type UnavailableReason = "runtime" | "locked" | "storage" | "worker";
