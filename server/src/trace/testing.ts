import { TraceIngest } from "./ingest.ts";
import type { Run, TraceReader } from "./model.ts";
import type { PathMapping } from "./paths.ts";
import { StoreReader } from "./reader.ts";
import { SEGMENT_FORMAT } from "./records.ts";
import type { RunsListing, RunsSource } from "./runsSource.ts";
import { createTables } from "./schema.ts";
import type { SegmentBuilder } from "./segmentBuilder.ts";
import { type Database, type Driver, openDatabase } from "./sqlite.ts";

export { field, model, SegmentBuilder, type SiteOptions } from "./segmentBuilder.ts";

/** Runs in memory that a test writes, extends and deletes. */
export class MemoryRuns implements RunsSource {
  readonly #manifests = new Map<string, { text: string; changedAt: number }>();
  readonly #segments = new Map<string, Map<string, { bytes: Buffer; changedAt: number }>>();
  /** Ms since the epoch; a test moves it. */
  now = 1_767_225_600_000;
  /** What `list` reports as foreign. */
  foreign: RunsListing["foreign"] = [];

  /** Replaces or adds a segment. */
  write(run: string, process: string, text: string | Uint8Array): this {
    const segments = this.#segments.get(run) ?? new Map<string, { bytes: Buffer; changedAt: number }>();
    this.now += 1;
    segments.set(process, { bytes: Buffer.from(text as string), changedAt: this.now });
    this.#segments.set(run, segments);
    return this;
  }

  add(builder: SegmentBuilder): this {
    return this.write(builder.run, builder.process, builder.toString());
  }

  manifest(run: string): string | null {
    return this.#manifests.get(run)?.text ?? null;
  }

  /** Writes a run's manifest; a text is written as it is. */
  describe(run: string, manifest: Partial<Run> | string): this {
    this.now += 1;
    const text = typeof manifest === "string" ? manifest : manifestText(run, manifest);
    this.#manifests.set(run, { text, changedAt: this.now });
    if (!this.#segments.has(run)) this.#segments.set(run, new Map());
    return this;
  }

  remove(run: string): void {
    this.#manifests.delete(run);
    this.#segments.delete(run);
  }

  removeSegment(run: string, process: string): void {
    this.#segments.get(run)?.delete(process);
  }

  list(): RunsListing {
    const runs = [...this.#segments.keys()].sort().map((name) => ({
      name,
      isWhole: true,
      manifestStamp: this.#manifests.get(name)?.changedAt.toString() ?? "",
      segments: [...(this.#segments.get(name) ?? [])].map(([process, { bytes, changedAt }]) => ({
        process,
        size: bytes.length,
        changedAt,
      })),
    }));
    return { runs, isWhole: true, foreign: this.foreign };
  }

  read(run: string, process: string, offset: number, into: Uint8Array): number {
    const bytes = this.#segments.get(run)?.get(process)?.bytes;
    if (bytes === undefined) throw Object.assign(new Error("no such segment"), { code: "ENOENT", syscall: "open" });
    const part = bytes.subarray(offset, offset + into.length);
    into.set(part);
    return part.length;
  }
}

export interface MemoryTrace {
  readonly reader: TraceReader;
  readonly runs: MemoryRuns;
  /** The store, for tests of one that was tampered with. */
  readonly database: Database;
  /** Takes in what changed in `runs`; true where something did. */
  refresh(): boolean;
}

export interface MemoryTraceOptions {
  readonly mappings?: readonly PathMapping[];
  readonly keepSuperseded?: number;
  readonly driver?: Driver;
  readonly isAlive?: (pid: number) => boolean;
}

/** The real ingest and the real reader over a store in memory. */
export function openMemoryTrace(runs: MemoryRuns, options: MemoryTraceOptions = {}): MemoryTrace {
  const database = openDatabase(":memory:", { readonly: false, busyTimeout: 0, driver: options.driver });
  createTables(database);
  const ingest = new TraceIngest(database, runs, {
    mappings: options.mappings ?? [],
    keepSuperseded: options.keepSuperseded ?? 3,
    surroundings: () => ({ now: runs.now, projectRoot: "/project", isAlive: options.isAlive ?? (() => true) }),
  });
  ingest.refresh();
  return { reader: new StoreReader(database, true), runs, database, refresh: () => ingest.refresh() };
}

/** A reader of these segments, each run of them complete. */
export function createMemoryTrace(...segments: readonly SegmentBuilder[]): TraceReader {
  const runs = new MemoryRuns();
  for (const segment of segments) runs.add(segment).describe(segment.run, { state: "complete" });
  return openMemoryTrace(runs).reader;
}

function manifestText(
  run: string,
  { state, command, runner, startedAt, finishedAt, collected, recorded }: Partial<Run>,
): string {
  return JSON.stringify({
    format: SEGMENT_FORMAT,
    id: run,
    command: command ?? ["pytest"],
    runner: runner ?? "pytest",
    root: "/project",
    commit: null,
    state: state ?? "complete",
    startedAt: startedAt ?? 1_767_225_600_000,
    finishedAt: finishedAt ?? null,
    pid: 4711,
    exitCode: 0,
    tests: { collected: collected ?? 0, run: recorded ?? 0, recorded: recorded ?? 0 },
    processes: ["main"],
    recorder: "0.1.0",
  });
}
