import {
  closeSync,
  constants,
  type Dirent,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import {
  type ForeignFile,
  isRunName,
  processOf,
  type RunFolder,
  type RunsListing,
  type RunsSource,
  type SegmentFile,
} from "./runsSource.ts";

/** A manifest is a few kilobytes; one of this size (bytes) is not one. */
const MAX_MANIFEST = 1024 * 1024;
/** No reader needs more names than these to see what is wrong. */
const MAX_FOREIGN = 50;
const MANIFEST = "run.json";

/** The runs under a project's `.querysight/`. Follows no link: a cloned project may not make the server read elsewhere. */
export class DiskRuns implements RunsSource {
  readonly #folder: string;
  readonly #runs: string;

  /** @param folder the project's `.querysight/`, absolute */
  constructor(folder: string) {
    this.#folder = folder;
    this.#runs = join(folder, "runs");
  }

  list(): RunsListing | null {
    const foreign: ForeignFile[] = [];
    for (const [path, file] of [
      [this.#folder, "."],
      [this.#runs, "runs"],
    ] as const) {
      const kind = kindOf(path);
      if (kind === "none") return null;
      if (kind === "unknown") return { runs: [], isWhole: false, foreign: [unreadable(file)] };
      if (kind === "other") {
        const why = "This is a link or a file, not a folder; nothing in it is read.";
        return { runs: [], isWhole: true, foreign: [{ code: "foreign-file", file, why }] };
      }
    }
    const runs: RunFolder[] = [];
    const entries = entriesOf(this.#runs);
    if (entries === null) return { runs, isWhole: false, foreign: [unreadable("runs")] };
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory() && isRunName(entry.name)) runs.push(this.#run(entry.name, foreign));
      else {
        const why = "This is not the folder of a run; it is not read.";
        foreign.push({ code: "foreign-file", file: `runs/${entry.name}`, why });
      }
    }
    runs.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { runs, isWhole: true, foreign: foreign.slice(0, MAX_FOREIGN) };
  }

  manifest(run: string): string | null {
    const path = join(this.#runs, run, MANIFEST);
    if (kindOf(path) === "none") return null;
    const bytes = Buffer.alloc(MAX_MANIFEST);
    return bytes.toString("utf8", 0, readAt(path, 0, bytes));
  }

  read(run: string, process: string, offset: number, into: Uint8Array): number {
    return readAt(join(this.#runs, run, `${process}.ndjson`), offset, into);
  }

  remove(run: string): void {
    const folder = join(this.#runs, run);
    try {
      for (const entry of entriesOf(folder) ?? []) {
        if (entry.isFile() && (entry.name === MANIFEST || processOf(entry.name) !== null))
          unlinkSync(join(folder, entry.name));
      }
      rmdirSync(folder);
    } catch {
      // A folder that cannot be written, or that holds something else, stays; nothing in it counts.
    }
  }

  #run(name: string, foreign: ForeignFile[]): RunFolder {
    const folder = join(this.#runs, name);
    const segments: SegmentFile[] = [];
    const entries = entriesOf(folder);
    let isWhole = entries !== null;
    let manifestStamp = "";
    for (const entry of entries ?? []) {
      // The manifest's temporary file carries its name; it comes and goes.
      if (entry.name.startsWith(".") || (entry.name.startsWith(MANIFEST) && entry.name !== MANIFEST)) continue;
      const stat = entry.isFile() ? statOf(join(folder, entry.name)) : "none";
      const process = processOf(entry.name);
      if (stat === "unknown") isWhole = false;
      else if (stat !== "none" && entry.name === MANIFEST) manifestStamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
      else if (stat !== "none" && process !== null)
        segments.push({ process, size: stat.size, changedAt: stat.mtimeMs });
      else if (stat !== "none" || !entry.isFile()) {
        const why = "This is no segment of a run; it is not read.";
        foreign.push({ code: "foreign-file", file: `runs/${name}/${entry.name}`, why });
      }
    }
    if (!isWhole) foreign.push(unreadable(`runs/${name}`));
    segments.sort((a, b) => (a.process < b.process ? -1 : 1));
    return { name, isWhole, manifestStamp, segments };
  }
}

function unreadable(file: string): ForeignFile {
  return { code: "unreadable", file, why: "This folder cannot be read; what was read of it before is kept." };
}

/** Nothing for a folder that went away since it was listed; null for one that may not be read. */
function entriesOf(folder: string): readonly Dirent[] | null {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return kindOf(folder) === "none" ? [] : null;
  }
}

/** "unknown" where a folder on the way may not be looked into. */
function statOf(path: string): Stats | "none" | "unknown" {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? "none";
  } catch {
    return "unknown";
  }
}

function kindOf(path: string): "none" | "unknown" | "folder" | "other" {
  const stat = statOf(path);
  if (typeof stat === "string") return stat;
  return stat.isDirectory() ? "folder" : "other";
}

function readAt(path: string, offset: number, into: Uint8Array): number {
  // Between listing and opening, a link or a pipe may have taken the file's place: neither is followed or waited for.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    return readSync(file, into, 0, into.length, offset);
  } finally {
    closeSync(file);
  }
}
