import { judgeState, parseManifest, type Surroundings } from "./manifest.ts";
import type { Run } from "./model.ts";
import { forgetRun, forgetSegment } from "./prune.ts";
import type { RunFolder, RunsListing, RunsSource } from "./runsSource.ts";
import type { Database, Statement } from "./sqlite.ts";

interface RunRow {
  readonly id: number;
  readonly name: string;
  readonly stamp: string;
  readonly state: Run["state"];
  readonly pid: number | null;
  readonly root: string | null;
}

interface SyncResult {
  readonly changed: boolean;
  /** Something was taken out of the store. */
  readonly removed: boolean;
  /** Of these subjects recordings are gone with it. */
  readonly bereft: readonly number[];
}

/** Keeps the store's list of runs and segments in step with the runs folder; their contents are ingest's. */
export class RunsSync {
  readonly #database: Database;
  readonly #source: RunsSource;
  readonly #runs: Statement<RunRow>;
  readonly #addRun: Statement<unknown>;
  readonly #setState: Statement<unknown>;
  readonly #describe: Statement<unknown>;
  readonly #segments: Statement<{ id: number; process: string }>;
  readonly #addSegment: Statement<unknown>;
  readonly #manifestProblem: Statement<unknown>;
  readonly #clearManifestProblems: Statement<unknown>;
  readonly #running: Statement<{ count: number }>;
  #foreign: string | null = null;

  constructor(database: Database, source: RunsSource) {
    this.#database = database;
    this.#source = source;
    this.#runs = database.prepare("SELECT id, name, stamp, state, pid, root FROM run");
    this.#addRun = database.prepare(`
      INSERT INTO run (name, stamp, state, command, runner, started_at, collected, recorded) VALUES (?, '', 'running', '[]', 'unknown', ?, 0, 0)`);
    this.#setState = database.prepare("UPDATE run SET state = ? WHERE id = ?");
    this.#describe = database.prepare(`
      UPDATE run SET stamp = ?, state = ?, command = ?, runner = ?, root = ?, pid = ?, started_at = ?, finished_at = ?, collected = ?, recorded = ?
      WHERE id = ?`);
    this.#segments = database.prepare("SELECT id, process FROM segment WHERE run_id = ?");
    this.#addSegment = database.prepare(
      "INSERT INTO segment (run_id, process, size, changed_at, offset) VALUES (?, ?, -1, 0, 0)",
    );
    this.#manifestProblem = database.prepare(
      "INSERT INTO problem (run_id, segment_id, code, file, message) VALUES (?, NULL, ?, ?, ?)",
    );
    this.#clearManifestProblems = database.prepare("DELETE FROM problem WHERE run_id = ? AND segment_id IS NULL");
    this.#running = database.prepare("SELECT count(*) AS count FROM run WHERE state = 'running'");
  }

  anyKnown(): boolean {
    return this.#runs.all().length > 0;
  }

  anyRunning(): boolean {
    return (this.#running.get()?.count ?? 0) > 0;
  }

  sync(listing: RunsListing, surroundings: Surroundings): SyncResult {
    let changed = this.#syncForeign(listing);
    let removed = false;
    const bereft: number[] = [];
    const known = new Map(this.#runs.all().map((run) => [run.name, run]));
    for (const folder of listing.runs) {
      if (!folder.isWhole) {
        // What was read of it stays: that it cannot be read now does not make it wrong.
        known.delete(folder.name);
        continue;
      }
      const run = known.get(folder.name) ?? this.#add(folder.name);
      changed = !known.has(folder.name) || changed;
      known.delete(folder.name);
      const segments = this.#syncSegments(run.id, folder);
      changed = this.#syncManifest(run, folder, surroundings) || segments.changed || changed;
      removed = segments.removed || removed;
      for (const id of segments.bereft) bereft.push(id);
    }
    if (!listing.isWhole) known.clear();
    for (const gone of known.values()) for (const id of forgetRun(this.#database, gone.id)) bereft.push(id);
    removed = known.size > 0 || removed;
    return { changed: changed || removed, removed, bereft };
  }

  /** A last line without its end, in a run that is over, will never be whole. */
  tellTornLines(): boolean {
    const torn = `
      FROM segment JOIN run ON run.id = segment.run_id
      WHERE segment.refused = 0 AND segment.size > segment.offset AND run.state <> 'running'
        AND NOT EXISTS (SELECT 1 FROM problem WHERE segment_id = segment.id AND code = 'unreadable')`;
    const told = this.#database
      .prepare(`
        INSERT INTO problem (run_id, segment_id, code, file, message)
        SELECT run.id, segment.id, 'torn-line', 'runs/' || run.name || '/' || segment.process || '.ndjson',
          'The last line was cut off, as when a process is killed; it was skipped, everything before it was read.'
        ${torn} AND NOT EXISTS (SELECT 1 FROM problem WHERE segment_id = segment.id AND code = 'torn-line')`)
      .run().changes;
    const healed = this.#database
      .prepare(`DELETE FROM problem WHERE code = 'torn-line' AND segment_id NOT IN (SELECT segment.id ${torn})`)
      .run().changes;
    return told + healed > 0;
  }

  #add(name: string): RunRow {
    const { id } = this.#addRun.run(name, startOf(name));
    return { id, name, stamp: "", state: "running", pid: null, root: null };
  }

  #syncForeign({ foreign }: RunsListing): boolean {
    const key = JSON.stringify(foreign);
    if (key === this.#foreign) return false;
    const first = this.#foreign === null;
    this.#foreign = key;
    const gone = this.#database.prepare("DELETE FROM problem WHERE run_id IS NULL").run().changes;
    const add = this.#database.prepare("INSERT INTO problem (code, file, message) VALUES (?, ?, ?)");
    for (const { code, file, why } of foreign) add.run(code, file, why);
    return !first || gone > 0 || foreign.length > 0;
  }

  #syncSegments(runId: number, folder: RunFolder): SyncResult {
    const known = new Map(this.#segments.all(runId).map(({ process, id }) => [process, id]));
    let changed = false;
    for (const { process } of folder.segments) {
      if (known.delete(process)) continue;
      this.#addSegment.run(runId, process);
      changed = true;
    }
    const bereft = [...known.values()].flatMap((gone) => {
      const subjects = forgetSegment(this.#database, gone);
      this.#database.prepare("DELETE FROM segment WHERE id = ?").run(gone);
      return subjects;
    });
    return { changed, removed: known.size > 0, bereft };
  }

  #syncManifest(run: RunRow, folder: RunFolder, surroundings: Surroundings): boolean {
    const lastWrite = Math.max(stampTime(folder.manifestStamp), ...folder.segments.map(({ changedAt }) => changedAt));
    if (folder.manifestStamp !== run.stamp) return this.#readManifest(run, folder, lastWrite, surroundings);
    const state = judgeState(run, lastWrite, surroundings);
    if (state === run.state) return false;
    this.#setState.run(state, run.id);
    return true;
  }

  #readManifest(run: RunRow, folder: RunFolder, lastWrite: number, surroundings: Surroundings): boolean {
    const file = `runs/${run.name}/run.json`;
    this.#clearManifestProblems.run(run.id);
    const parsed = this.#parse(run.name, file);
    if (parsed === null || parsed.kind === "bad") {
      if (parsed !== null) this.#manifestProblem.run(run.id, parsed.code, file, parsed.message);
      const state = judgeState({ state: "running", pid: null, root: null }, lastWrite, surroundings);
      this.#describe.run(
        folder.manifestStamp,
        state,
        "[]",
        "unknown",
        null,
        null,
        startOf(run.name),
        null,
        0,
        0,
        run.id,
      );
      return true;
    }
    const { manifest } = parsed;
    const { command, runner, root, pid, startedAt, finishedAt, tests } = manifest;
    this.#describe.run(
      folder.manifestStamp,
      judgeState(manifest, lastWrite, surroundings),
      JSON.stringify(command),
      runner,
      root,
      pid,
      startedAt,
      finishedAt ?? null,
      tests.collected,
      tests.recorded,
      run.id,
    );
    return true;
  }

  #parse(run: string, file: string): ReturnType<typeof parseManifest> | null {
    try {
      const text = this.#source.manifest(run);
      return text === null ? null : parseManifest(text, run);
    } catch (error) {
      return { kind: "bad", code: "bad-record", message: `${file} cannot be read (${String(error)}).` };
    }
  }
}

/** A run's start as its name tells it (`20261122T202829Z-…`), ms since the epoch; 0 for a date that is none. */
function startOf(name: string): number {
  const iso = name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, "$1-$2-$3T$4:$5:$6Z");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? 0 : time;
}

/** A manifest's stamp begins with its time of change. */
function stampTime(stamp: string): number {
  return Number.parseFloat(stamp) || 0;
}
