import type { EagerRelation, Probe, TraceProblem } from "./model.ts";
import type { RecordOf } from "./records.ts";
import { segmentPath } from "./runsSource.ts";
import type { Database, Statement } from "./sqlite.ts";

/** So many problems of one segment are told one by one; a file of rubbish would otherwise fill the store with them. */
const MAX_PROBLEMS_PER_SEGMENT = 20;

export interface RowIds {
  readonly id: number;
  readonly scope: number;
  readonly stack: number;
  readonly construction: number;
  readonly cause: number;
  readonly statement: number;
  readonly application: boolean;
  readonly parent: number | null;
}

interface ProblemOwner {
  readonly id: number;
  readonly runId: number;
  readonly run: string;
  readonly process: string;
}

/** The statements by which a segment's own records (not those it shares with others) get into the store. */
export class StoreWriter {
  readonly #openRecordings: Statement<{ id: number; subject_id: number }>;
  readonly #addRecording: Statement<unknown>;
  readonly #finishRecording: Statement<unknown>;
  readonly #scope: Statement<unknown>;
  readonly #endScope: Statement<unknown>;
  readonly #row: Statement<unknown>;
  readonly #django: Statement<unknown>;
  readonly #eager: Statement<{ eager: string | null }>;
  readonly #setEager: Statement<unknown>;
  readonly #collected: Statement<unknown>;
  readonly #collectedRun: Statement<unknown>;
  readonly #plan: Statement<unknown>;
  readonly #probe: Statement<unknown>;
  readonly #models: Statement<unknown>;
  readonly #segmentModels: Statement<unknown>;
  readonly #countProblems: Statement<{ count: number }>;
  readonly #problem: Statement<unknown>;

  constructor(database: Database) {
    this.#openRecordings = database.prepare(
      "SELECT id, subject_id FROM recording WHERE segment_id = ? AND outcome IS NULL",
    );
    this.#addRecording = database.prepare("INSERT INTO recording (subject_id, segment_id, run_id) VALUES (?, ?, ?)");
    this.#finishRecording = database.prepare("UPDATE recording SET outcome = ?, duration_ns = ? WHERE id = ?");
    this.#scope = database.prepare(`
      INSERT OR IGNORE INTO scope (id, segment_id, recording_id, parent_id, kind, test, phase, ordinal, method, path, route, view, label)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#endScope = database.prepare(`
      UPDATE scope SET ended = 1, counts = (SELECT counts FROM recording WHERE recording.id = recording_id), queries = ?, sql_ns = ?, status = ?,
        sequence = ?, sequence_rest = ? WHERE id = ?`);
    this.#row = database.prepare(`
      INSERT OR IGNORE INTO query_row (id, scope_id, stack_id, construction_id, cause_id, statement_id, application, parent_id, db, path, count,
        rows, single, sum_ns, min_ns, max_ns, first, last, instances, instances_at_least, parameters, parameters_at_least, errors, sample, eager)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#django = database.prepare("UPDATE segment SET django = ? WHERE id = ?");
    this.#eager = database.prepare("SELECT eager FROM query_row WHERE id = ?");
    this.#setEager = database.prepare("UPDATE query_row SET eager = ? WHERE id = ?");
    this.#collected = database.prepare("INSERT OR IGNORE INTO collected (run_id, test) VALUES (?, ?)");
    this.#collectedRun = database.prepare(
      "UPDATE run SET all_collected = max(all_collected, ?), deselected = max(deselected, ?) WHERE id = ?",
    );
    this.#plan = database.prepare("INSERT OR REPLACE INTO plan (statement_id, db, vendor, nodes) VALUES (?, ?, ?, ?)");
    this.#probe = database.prepare(
      "INSERT OR REPLACE INTO probe (statement_id, db, filter, answer) VALUES (?, ?, ?, ?)",
    );
    this.#models = database.prepare("INSERT OR IGNORE INTO models (hash, json) VALUES (?, ?)");
    this.#segmentModels = database.prepare("UPDATE segment SET models = ? WHERE id = ?");
    this.#countProblems = database.prepare("SELECT count(*) AS count FROM problem WHERE segment_id = ?");
    this.#problem = database.prepare(
      "INSERT INTO problem (run_id, segment_id, code, file, message) VALUES (?, ?, ?, ?, ?)",
    );
  }

  /** Recordings that may still grow, by subject. */
  openRecordings(segment: number): Map<number, number> {
    return new Map(this.#openRecordings.all(segment).map((recording) => [recording.subject_id, recording.id]));
  }

  addRecording(subject: number, segment: number, run: number): number {
    return this.#addRecording.run(subject, segment, run).id;
  }

  finishRecording(recording: number, outcome: string, durationNs: number): void {
    this.#finishRecording.run(outcome, durationNs, recording);
  }

  /** False where a scope of that id is there already. */
  scope(id: number, segment: number, recording: number, parent: number | null, record: RecordOf<"scope">): boolean {
    const { kind, test, phase, ordinal, method, path, route, view, label } = record;
    return (
      this.#scope.run(
        id,
        segment,
        recording,
        parent,
        kind,
        test ?? null,
        phase ?? null,
        ordinal ?? 0,
        method ?? null,
        path ?? null,
        route ?? null,
        view ?? null,
        label ?? null,
      ).changes > 0
    );
  }

  endScope(id: number, record: RecordOf<"scopeEnd">, order: string): void {
    this.#endScope.run(record.queries, record.sqlNs, record.status ?? null, order, record.orderRest, id);
  }

  /**
   * False where a row of that id is there already.
   *
   * @param sample JSON
   */
  row(ids: RowIds, record: RecordOf<"row">, sample: string | null): boolean {
    const [sumNs, minNs, maxNs] = record.ns;
    return (
      this.#row.run(
        ids.id,
        ids.scope,
        ids.stack,
        ids.construction,
        ids.cause,
        ids.statement,
        ids.application ? 1 : 0,
        ids.parent,
        record.db,
        record.path,
        record.count,
        record.rows ?? null,
        record.single ? 1 : 0,
        sumNs,
        minNs,
        maxNs,
        record.first,
        record.last,
        record.instances,
        record.instancesAtLeast === true ? 1 : 0,
        record.parameters,
        record.parametersAtLeast === true ? 1 : 0,
        record.errors,
        sample,
        record.eager?.length
          ? JSON.stringify(record.eager.map(({ path, loaded, read }) => ({ path, loaded, read })))
          : null,
      ).changes > 0
    );
  }

  /** Nothing where the row or its relation is not there. */
  eagerRead(row: number, path: string): void {
    const relations = JSON.parse(this.#eager.get(row)?.eager ?? "[]") as readonly EagerRelation[];
    if (!relations.some((relation) => relation.path === path && !relation.read)) return;
    const now = relations.map((relation) => (relation.path === path ? { ...relation, read: true } : relation));
    this.#setEager.run(JSON.stringify(now), row);
  }

  collected(run: number, record: RecordOf<"collected">): void {
    for (const test of record.tests) this.#collected.run(run, test);
    this.#collectedRun.run(record.all ? 1 : 0, record.deselected, run);
  }

  plan(statement: number, record: RecordOf<"plan">): void {
    const nodes = record.nodes.map(({ id, parent, detail }) => ({ id, parent, detail }));
    this.#plan.run(statement, record.db, record.vendor, JSON.stringify(nodes));
  }

  probe(statement: number, record: RecordOf<"probe">): void {
    const { db, vendor, table, indexes, candidate } = record;
    const filter = record.columns.map(({ column, lookup, alternative }) => [column, lookup, alternative]);
    const answer: Omit<Probe, "statementId" | "db"> = {
      vendor,
      table,
      columns: record.columns.map(({ column, lookup, use, alternative, served, reason }) => ({
        column,
        lookup,
        use,
        alternative,
        served: served ?? null,
        reason: reason ?? null,
      })),
      sort: record.sort?.map(({ column, descending }) => ({ column, descending })) ?? null,
      served: record.served ?? null,
      sortServed: record.sortServed ?? null,
      indexes,
      candidate: candidate ? { columns: candidate.columns, proven: candidate.proven ?? null } : null,
    };
    this.#probe.run(statement, db, JSON.stringify([table, filter]), JSON.stringify(answer));
  }

  django(segment: number, version: string): void {
    this.#django.run(version, segment);
  }

  models(segment: number, hash: string, json: string): void {
    this.#models.run(hash, json);
    this.#segmentModels.run(hash, segment);
  }

  problem(segment: ProblemOwner, code: TraceProblem["code"], message: string): void {
    const told = this.#countProblems.get(segment.id)?.count ?? 0;
    if (told > MAX_PROBLEMS_PER_SEGMENT) return;
    const file = segmentPath(segment.run, segment.process);
    const words =
      told < MAX_PROBLEMS_PER_SEGMENT ? message : "There are more problems in this segment than are listed here.";
    this.#problem.run(segment.runId, segment.id, code, file, words);
  }
}
