import { Interning } from "./interning.ts";
import { LineReader } from "./lines.ts";
import type { Surroundings } from "./manifest.ts";
import type { PathMapping } from "./paths.ts";
import { collectGarbage, forgetSegment, prunableRuns } from "./prune.ts";
import type { RunsListing, RunsSource, SegmentFile } from "./runsSource.ts";
import { RunsSync } from "./runsSync.ts";
import { indexRows } from "./schema.ts";
import { ScopeWriter } from "./scopeWriter.ts";
import { SegmentIngest, type SegmentKey } from "./segmentIngest.ts";
import { SegmentScopes } from "./segmentScopes.ts";
import { Selection } from "./selection.ts";
import { type Database, patiently, type Statement } from "./sqlite.ts";
import { StoreWriter } from "./storeWriter.ts";

export interface IngestOptions {
  readonly mappings: readonly PathMapping[];
  /** So many wholly superseded runs are kept; older ones are deleted. */
  readonly keepSuperseded: number;
  readonly surroundings: () => Surroundings;
}

/** Bytes a transaction takes in: small enough to show numbers soon, large enough to cost little. */
const BATCH = 4 * 1024 * 1024;
/** Bytes by which an old first line and today's are compared. */
const HEADER_SAMPLE = 512;
const LINE_END = 0x0a;

interface SegmentRow extends SegmentKey {
  readonly size: number;
  readonly changedAt: number;
  readonly offset: number;
  readonly header: string | null;
  readonly refused: number;
}

/** A segment that this process is reading, and how far it has got. */
interface Tail {
  readonly ingest: SegmentIngest;
  offset: number;
}

/** Brings a store up to what lies in the runs folder. Synchronous; the only writer of its process, one of several on the machine. */
export class TraceIngest {
  readonly #database: Database;
  readonly #source: RunsSource;
  readonly #options: IngestOptions;
  readonly #writer: StoreWriter;
  readonly #scopeWriter: ScopeWriter;
  readonly #interning: Interning;
  readonly #selection: Selection;
  readonly #runs: RunsSync;
  readonly #segments: Statement<SegmentRow>;
  readonly #segment: Statement<SegmentRow>;
  readonly #advance: Statement<unknown>;
  readonly #epoch: Statement<{ value: number }>;
  readonly #readable: Statement<unknown>;
  readonly #toldUnreadable: Statement<{ message: string }>;
  readonly #lines = new LineReader(BATCH);
  readonly #tails = new Map<number, Tail>();
  #knownEpoch = -1;
  #settled = "";
  /** Something could not be read the last time. */
  #isToRetry = false;

  constructor(database: Database, source: RunsSource, options: IngestOptions) {
    this.#database = database;
    this.#source = source;
    this.#options = options;
    this.#writer = new StoreWriter(database);
    this.#scopeWriter = new ScopeWriter(database);
    this.#interning = new Interning(database);
    this.#selection = new Selection(database);
    this.#runs = new RunsSync(database, source);
    const columns =
      "SELECT segment.id, run_id AS runId, run.name AS run, process, size, changed_at AS changedAt, offset, header, refused FROM segment JOIN run ON run.id = run_id";
    this.#segments = database.prepare(columns);
    this.#segment = database.prepare(`${columns} WHERE segment.id = ?`);
    this.#advance = database.prepare(
      "UPDATE segment SET offset = ?, size = ?, changed_at = ?, header = ?, refused = ? WHERE id = ?",
    );
    this.#readable = database.prepare("DELETE FROM problem WHERE segment_id = ? AND code = 'unreadable'");
    this.#toldUnreadable = database.prepare("SELECT message FROM problem WHERE segment_id = ? AND code = 'unreadable'");
    this.#epoch = database.prepare("SELECT value FROM meta WHERE key = 'epoch'");
  }

  /**
   * Takes in all that is new.
   *
   * @param onBatch called after each commit: readers see more than before
   * @param stopped asked between batches
   * @returns true where the store changed
   */
  refresh(onBatch: () => void = () => {}, stopped: () => boolean = () => false): boolean {
    const listing = this.#source.list() ?? { runs: [], isWhole: true, foreign: [] };
    const stamp = JSON.stringify(listing);
    if (stamp === this.#settled && !this.#runs.anyRunning() && !this.#isToRetry) return false;
    const commit = (work: () => boolean) => this.#commit(work, onBatch, stopped);
    let changed = commit(() => this.#syncRuns(listing));
    this.#isToRetry = false;
    for (const [row, file] of this.#unread(listing)) {
      let more = true;
      while (more && !stopped()) {
        const isNews = commit(() => {
          const read = this.#readBatch(row.id, file);
          more = read === "more";
          return read !== "unreadable as before";
        });
        changed = isNews || changed;
      }
    }
    if (stopped()) return changed;
    changed = commit(() => this.#settle()) || changed;
    this.#settled = stamp;
    return changed;
  }

  /** Takes note of which runs there are, where the store has none yet: who reads it then knows that there is more to come. Never throws. */
  noteFirstRuns(): void {
    try {
      const listing = this.#source.list();
      if (listing === null || this.#runs.anyKnown()) return;
      this.#commit(
        () => this.#syncRuns(listing),
        () => {},
        () => true,
      );
    } catch {
      // Another process writes, or the store is damaged: `refresh` meets it again, and what it says is heard.
    }
  }

  /** Runs `work` in one transaction, which stands only if it says that something changed. */
  #commit(work: () => boolean, onBatch: () => void, stopped: () => boolean): boolean {
    patiently(() => this.#database.exec("BEGIN IMMEDIATE"), stopped);
    let changed = false;
    try {
      changed = work();
      if (changed) {
        this.#database.exec(
          "INSERT INTO meta (key, value) VALUES ('generation', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1",
        );
      }
      // Without a write-ahead log a commit waits for readers.
      patiently(() => this.#database.exec(changed ? "COMMIT" : "ROLLBACK"), stopped);
    } catch (error) {
      // What was interned since BEGIN is gone again.
      this.#tails.clear();
      this.#rollBack();
      throw error;
    }
    if (changed) onBatch();
    return changed;
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, or the connection is lost; the first error says why.
    }
  }

  #syncRuns(listing: RunsListing): boolean {
    const { changed, removed, bereft } = this.#runs.sync(listing, this.#options.surroundings());
    if (removed) this.#discard(bereft);
    return changed;
  }

  /** After something was deleted: of these subjects other recordings count now, and what only it used may go. */
  #discard(bereft: readonly number[]): void {
    this.#selection.judge(new Set(bereft));
    collectGarbage(this.#database);
    this.#tails.clear();
  }

  /** Segments that are not read to their end, with the file as it is listed. */
  #unread(listing: RunsListing): readonly (readonly [SegmentRow, SegmentFile])[] {
    const files = new Map(
      listing.runs.flatMap((run) => run.segments.map((file) => [`${run.name}/${file.process}`, file] as const)),
    );
    return this.#segments.all().flatMap((row) => {
      const file = files.get(`${row.run}/${row.process}`);
      const isRead = file === undefined || (row.size === file.size && row.changedAt === file.changedAt);
      return isRead ? [] : [[row, file] as const];
    });
  }

  /** Reads on in one segment. What cannot be read is tried again each time: no change of the file tells that it can be. */
  #readBatch(id: number, file: SegmentFile): "more" | "end" | "unreadable" | "unreadable as before" {
    const row = this.#segment.get(id);
    if (row === undefined) return "end";
    try {
      const more = this.#take(this.#checkUnchanged(row), file);
      this.#readable.run(id);
      return more ? "more" : "end";
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#tails.delete(id);
      this.#isToRetry = true;
      const message = `This segment cannot be read (${error.code}).`;
      if (this.#toldUnreadable.get(id)?.message === message) return "unreadable as before";
      this.#readable.run(id);
      this.#writer.problem(row, "unreadable", message);
      return "unreadable";
    }
  }

  /** Segments only grow. One that was cut or replaced is forgotten and read anew. */
  #checkUnchanged(row: SegmentRow): SegmentRow {
    if (row.header === null) return row;
    const last = new Uint8Array(1);
    const reaches = row.offset === 0 || (this.#read(row, row.offset - 1, last) === 1 && last[0] === LINE_END);
    if (reaches && this.#header(row) === row.header) return row;
    this.#discard(forgetSegment(this.#database, row.id));
    return { ...row, offset: 0, header: null, refused: 0 };
  }

  #take(row: SegmentRow, file: SegmentFile): boolean {
    if (row.refused === 1) {
      this.#advance.run(row.offset, file.size, file.changedAt, row.header, 1, row.id);
      return false;
    }
    const tail = this.#tailOf(row);
    const { consumed, atEnd, each } = this.#lines.read((offset, into) => this.#read(row, offset, into), row.offset);
    const accepted = each((bytes, start, end) => tail.ingest.take(bytes, start, end, false));
    tail.ingest.endBatch();
    tail.offset = row.offset + consumed;
    const header = row.header ?? (consumed > 0 ? this.#header(row) : null);
    const isMore = accepted && !atEnd;
    // Until all is read the size stays the old one, so that a reader that is stopped here goes on later.
    const [size, changedAt] = isMore ? [row.size, row.changedAt] : [file.size, file.changedAt];
    this.#advance.run(tail.offset, size, changedAt, header, accepted ? 0 : 1, row.id);
    return isMore;
  }

  /** Where another process, or an earlier one, has read the segment so far, its ids are looked up again. */
  #tailOf(row: SegmentRow): Tail {
    const epoch = this.#epoch.get()?.value ?? 0;
    if (epoch !== this.#knownEpoch) this.#tails.clear();
    this.#knownEpoch = epoch;
    const known = this.#tails.get(row.id);
    if (known?.offset === row.offset) return known;
    const scopes = new SegmentScopes(row, this.#scopeWriter, this.#interning, this.#selection);
    const ingest = new SegmentIngest(row, this.#writer, this.#interning, scopes, this.#options.mappings);
    for (let offset = 0; offset < row.offset; ) {
      const known = this.#lines.read((at, into) => this.#read(row, at, into), offset, row.offset - offset);
      if (known.consumed === 0) break;
      known.each((bytes, start, end) => ingest.take(bytes, start, end, true));
      offset += known.consumed;
    }
    const tail = { ingest, offset: row.offset };
    this.#tails.set(row.id, tail);
    return tail;
  }

  #read(row: SegmentRow, offset: number, into: Uint8Array): number {
    return this.#source.read(row.run, row.process, offset, into);
  }

  /** The beginning of the first line, by which a replaced file is known. */
  #header(row: SegmentRow): string {
    const bytes = Buffer.alloc(HEADER_SAMPLE);
    const line = bytes.toString("latin1", 0, this.#read(row, 0, bytes));
    const end = line.indexOf("\n");
    return end === -1 ? line : line.slice(0, end);
  }

  /** What can only be said once everything is read. */
  #settle(): boolean {
    const indexed = indexRows(this.#database);
    const rebased = this.#selection.settleBaseline();
    const told = this.#runs.tellTornLines();
    for (const run of prunableRuns(this.#database, this.#options.keepSuperseded)) {
      // The next listing is without it, and takes it out of the store.
      this.#source.remove(run);
    }
    return indexed || rebased || told;
  }
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error;
}
