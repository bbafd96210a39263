import { jsonOf, type RecordOf } from "./records.ts";
import { isLocalId, storeId } from "./schema.ts";
import type { SubjectKind } from "./selection.ts";
import type { Database, Statement } from "./sqlite.ts";

/** A recording as it gets into the store. */
export interface WrittenRecording {
  readonly id: number;
  readonly subject: { readonly id: number };
  readonly outcome: string | null;
  readonly durationNs: number | null;
  readonly counts: 0 | 1 | null;
}

/** A recording that may still grow, and whom it is of. */
interface OpenRecording {
  readonly id: number;
  readonly subject: number;
  readonly kind: SubjectKind;
  readonly name: string;
}

interface SegmentIds {
  readonly id: number;
  readonly runId: number;
}

interface ScopeEnd {
  readonly end: RecordOf<"scopeEnd">;
  /** Whether its recording counts. */
  readonly counts: 0 | 1;
}

/** The statements by which recordings and scopes get into the store. */
export class ScopeWriter {
  readonly #openRecordings: Statement<OpenRecording>;
  readonly #lastRecording: Statement<{ id: number | null }>;
  readonly #addRecording: Statement<unknown>;
  readonly #finishRecording: Statement<unknown>;
  readonly #counts: Statement<{ counts: number }>;
  readonly #openScope: Statement<unknown>;
  readonly #testScope: Statement<unknown>;
  readonly #scope: Statement<unknown>;
  readonly #endScope: Statement<unknown>;

  constructor(database: Database) {
    this.#openRecordings = database.prepare(`
      SELECT recording.id, subject.id AS subject, subject.kind, subject.name FROM recording JOIN subject ON subject.id = subject_id
      WHERE segment_id = ? AND outcome IS NULL`);
    this.#lastRecording = database.prepare("SELECT max(id) AS id FROM recording");
    this.#addRecording = database.prepare(
      "INSERT INTO recording (id, subject_id, segment_id, run_id, outcome, duration_ns, counts) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#finishRecording = database.prepare("UPDATE recording SET outcome = ?, duration_ns = ? WHERE id = ?");
    this.#counts = database.prepare("SELECT counts FROM recording WHERE id = ?");
    const began = "id, recording_id, parent, kind, phase, ordinal";
    const asked = "method, path, route, view, label";
    const ended = "counts, queries, sql_ns, sequence, sequence_rest";
    this.#openScope = database.prepare(
      `INSERT INTO scope (${began}, ${asked}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#testScope = database.prepare(
      `INSERT INTO scope (${began}, ${ended}, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)`,
    );
    this.#scope = database.prepare(
      `INSERT INTO scope (${began}, ${ended}, ended, status, ${asked}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)`,
    );
    this.#endScope = database.prepare(`
      UPDATE scope SET ended = 1, counts = (SELECT counts FROM recording WHERE recording.id = recording_id), queries = ?, sql_ns = ?,
        sequence = ?, sequence_rest = ?, status = ? WHERE id = ?`);
  }

  openRecordings(segment: number): readonly OpenRecording[] {
    return this.#openRecordings.all(segment);
  }

  /** The id that the next recording gets, as long as this transaction lasts. */
  nextRecording(): number {
    return (this.#lastRecording.get()?.id ?? 0) + 1;
  }

  addRecording({ id, subject, outcome, durationNs, counts }: WrittenRecording, segment: SegmentIds): void {
    this.#addRecording.run(id, subject.id, segment.id, segment.runId, outcome, durationNs, counts ?? 0);
  }

  finishRecording({ id, outcome, durationNs }: WrittenRecording): void {
    this.#finishRecording.run(outcome, durationNs, id);
  }

  counts(recording: number): 0 | 1 {
    return this.#counts.get(recording)?.counts === 1 ? 1 : 0;
  }

  /** A scope whose end is still to come. */
  openScope(segment: number, recording: number, record: RecordOf<"scope">): void {
    this.#openScope.run(...beginning(segment, recording, record), ...askedOf(record));
  }

  /** A scope with its end. */
  scope(segment: number, recording: number, record: RecordOf<"scope">, { end, counts }: ScopeEnd): void {
    const asked = askedOf(record);
    const status = end.status ?? null;
    const began = beginning(segment, recording, record);
    const ended = [counts, end.queries, end.sqlNs, jsonOf(end.order), end.orderRest] as const;
    // Most scopes are phases of tests, which have none of these.
    if (status === null && asked.every((value) => value === null)) this.#testScope.run(...began, ...ended);
    else this.#scope.run(...began, ...ended, status, ...asked);
  }

  /** The end of a scope that stands in the store. */
  endScope(segment: number, end: RecordOf<"scopeEnd">): void {
    const { queries, sqlNs, order, orderRest, status } = end;
    this.#endScope.run(queries, sqlNs, jsonOf(order), orderRest, status ?? null, storeId(segment, end.scope));
  }
}

function beginning(segment: number, recording: number, { id, parent, kind, phase, ordinal }: RecordOf<"scope">) {
  return [storeId(segment, id), recording, isLocalId(parent) ? parent : 0, kind, phase ?? null, ordinal ?? 0] as const;
}

/** What a request, a command or a task has beside what a test's phase has. */
function askedOf({ method, path, route, view, label }: RecordOf<"scope">) {
  return [method ?? null, path ?? null, route ?? null, view ?? null, label ?? null] as const;
}
