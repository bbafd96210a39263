import type { EagerRelation, Probe, TraceProblem } from "./model.ts";
import type { RecordOf } from "./records.ts";
import { segmentPath } from "./runsSource.ts";
import { idsOf } from "./schema.ts";
import type { Database, Statement } from "./sqlite.ts";

/** So many problems of one segment are told one by one; a file of rubbish would otherwise fill the store with them. */
const MAX_PROBLEMS_PER_SEGMENT = 20;

/** Ids of the store, but for `parent`. */
export interface RowIds {
  readonly id: number;
  readonly scope: number;
  readonly stack: number;
  readonly construction: number;
  readonly query: number;
  readonly application: boolean;
}

export interface QueryIds {
  readonly id: number;
  readonly cause: number;
  readonly statement: number;
}

interface ProblemOwner {
  readonly id: number;
  readonly runId: number;
  readonly run: string;
  readonly process: string;
}

/** The statements by which a segment's own records (not those it shares with others) get into the store. */
export class StoreWriter {
  readonly #lastQuery: Statement<{ id: number | null }>;
  readonly #query: Statement<unknown>;
  readonly #plainRow: Statement<unknown>;
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
    this.#lastQuery = database.prepare("SELECT max(id) AS id FROM query WHERE id BETWEEN ? AND ?");
    this.#query = database.prepare(
      "INSERT INTO query (id, cause_id, statement_id, db, path, single, sample) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#plainRow = database.prepare(insertRow(plainColumns));
    this.#row = database.prepare(insertRow([...plainColumns, ...furtherColumns]));
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

  /** The id that the segment's next query gets. */
  nextQuery(segment: number): number {
    const [first, last] = idsOf(segment);
    return (this.#lastQuery.get(first, last)?.id ?? first) + 1;
  }

  /** @param sample JSON */
  query({ id, cause, statement }: QueryIds, record: RecordOf<"row">, sample: string | null): void {
    this.#query.run(id, cause, statement, record.db, record.path, record.single ? 1 : 0, sample);
  }

  row(ids: RowIds, record: RecordOf<"row">): void {
    const { id, scope, stack, construction, query, application } = ids;
    const { parent, count, rows, first, last, instances, parameters, errors } = record;
    const [sumNs, minNs, maxNs] = record.ns;
    const atLeast = record.instancesAtLeast === true || record.parametersAtLeast === true;
    const isPlain = count === 1 && first === last && minNs === sumNs && maxNs === sumNs && errors === 0 && !atLeast;
    if (isPlain && !record.eager?.length) {
      this.#plainRow.run(
        id,
        scope,
        stack,
        construction,
        query,
        application ? 1 : 0,
        parent,
        count,
        rows ?? null,
        sumNs,
        first,
        instances,
        parameters,
      );
      return;
    }
    this.#row.run(
      id,
      scope,
      stack,
      construction,
      query,
      application ? 1 : 0,
      parent,
      count,
      rows ?? null,
      sumNs,
      first,
      instances,
      parameters,
      minNs,
      maxNs,
      last,
      record.instancesAtLeast === true ? 1 : 0,
      record.parametersAtLeast === true ? 1 : 0,
      errors,
      record.eager?.length
        ? JSON.stringify(record.eager.map(({ path, loaded, read }) => ({ path, loaded, read })))
        : null,
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

const plainColumns = [
  "id",
  "scope_id",
  "stack_id",
  "construction_id",
  "query_id",
  "application",
  "parent",
  "count",
  "rows",
  "sum_ns",
  "first",
  "instances",
  "parameters",
] as const;
const furtherColumns = [
  "min_ns",
  "max_ns",
  "last",
  "instances_at_least",
  "parameters_at_least",
  "errors",
  "eager",
] as const;

function insertRow(columns: readonly string[]): string {
  return `INSERT INTO query_row (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
}
