import type { Finding } from "../insights/finding.ts";
import type { StaticFinding } from "../static/staticFinding.ts";

/** What the main thread and the thread that looks for findings say to each other. */

export interface FindingsWorkerData {
  readonly projectRoot: string;
}

/** Look again, and tell what is found if anything changed. */
export interface Look {
  readonly id: number;
  /** The store to read. `opened` grows each time one was opened, also where another took its place at the same path. */
  readonly store: { readonly path: string; readonly opened: number } | null;
  /** Buffers that were opened or changed since the last look, by their path in the project; null for one that was closed. */
  readonly buffers: readonly (readonly [path: string, text: string | null])[];
  /** Read what no test ran in the open buffers. */
  readonly readsUnrun: boolean;
}

/** A finding, with all files that it has places in. */
export interface Found {
  readonly finding: Finding;
  readonly paths: ReadonlySet<string>;
}

export type FindingsMessage =
  /** Some of what was found; long lists come in parts, so that taking one in never holds the main thread for long. */
  | { readonly type: "part"; readonly id: number; readonly found: readonly Found[] }
  /** All that was found has been told; `changed` is false where nothing had to be. */
  | {
      readonly type: "done";
      readonly id: number;
      readonly changed: boolean;
      /** What reading found in the open buffers; null where that is what was told last. */
      readonly unrun: readonly StaticFinding[] | null;
    }
  | { readonly type: "failed"; readonly id: number; readonly message: string };

/** To the thread: nothing more will be asked. */
export type End = "end";
