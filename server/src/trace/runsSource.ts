/** Where runs come from: the disk, or a test's own lines. Synchronous, because ingest has a thread of its own. */
export interface RunsSource {
  /** Null where there is no runs folder (yet). */
  list(): RunsListing | null;
  /** The manifest's text; null where there is none. Throws where it cannot be read. */
  manifest(run: string): string | null;
  /** Reads up to `into.length` bytes from `offset`; the number of bytes read, 0 at the end. Throws where it cannot be read. */
  read(run: string, process: string, offset: number, into: Uint8Array): number;
  /** Deletes a run's own files, and its folder where nothing else is in it. */
  remove(run: string): void;
}

export interface RunsListing {
  /** By name, so by time. */
  readonly runs: readonly RunFolder[];
  /** False where the folder of the runs cannot be read: which there are is not known then. */
  readonly isWhole: boolean;
  readonly foreign: readonly ForeignFile[];
}

export interface RunFolder {
  readonly name: string;
  /** Changes when the manifest is replaced; "" where there is none. */
  readonly manifestStamp: string;
  readonly segments: readonly SegmentFile[];
  /** False where the folder cannot be read: what it holds is not known then. */
  readonly isWhole: boolean;
}

export interface SegmentFile {
  readonly process: string;
  /** Bytes. */
  readonly size: number;
  /** Ms since the epoch. */
  readonly changedAt: number;
}

export interface ForeignFile {
  readonly code: "foreign-file" | "unreadable";
  /** Relative to `.querysight/`. */
  readonly file: string;
  readonly why: string;
}

const runName = /^\d{8}T\d{6}Z-\d{1,10}-[0-9a-z]{1,16}$/;
const segmentName = /^(main|gw\d{1,5}|p\d{1,10})\.ndjson$/;

export function isRunName(name: string): boolean {
  return runName.test(name);
}

/** `gw0` for `gw0.ndjson`; null for another file. */
export function processOf(fileName: string): string | null {
  return segmentName.exec(fileName)?.[1] ?? null;
}

export function segmentPath(run: string, process: string): string {
  return `runs/${run}/${process}.ndjson`;
}
