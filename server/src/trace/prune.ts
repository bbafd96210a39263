import { idsOf, indexRows } from "./schema.ts";
import type { Database } from "./sqlite.ts";

/** Takes things out of the store, and says which runs' files may be deleted. */

/**
 * All that a segment brought; the segment itself stays, as one that was never read.
 *
 * @returns the subjects of which recordings are gone
 */
export function forgetSegment(database: Database, segment: number): readonly number[] {
  // Found by the index of runs, of which one has few segments.
  const recordings = "FROM recording WHERE run_id = (SELECT run_id FROM segment WHERE id = ?) AND segment_id = ?";
  const subjects = database.prepare<{ id: number }>(`SELECT DISTINCT subject_id AS id ${recordings}`);
  const bereft = subjects.all(segment, segment).map(({ id }) => id);
  database.prepare(`DELETE ${recordings}`).run(segment, segment);
  for (const table of ["query_row", "query", "scope"]) {
    database.prepare(`DELETE FROM ${table} WHERE id BETWEEN ? AND ?`).run(...idsOf(segment));
  }
  for (const sql of [
    "DELETE FROM problem WHERE segment_id = ?",
    "UPDATE segment SET offset = 0, size = -1, header = NULL, refused = 0, models = NULL WHERE id = ?",
  ]) {
    database.prepare(sql).run(segment);
  }
  return bereft;
}

/** As `forgetSegment`. */
export function forgetRun(database: Database, run: number): readonly number[] {
  const segments = database.prepare<{ id: number }>("SELECT id FROM segment WHERE run_id = ?").all(run);
  const bereft = segments.flatMap(({ id }) => forgetSegment(database, id));
  for (const table of ["segment", "collected", "problem"]) {
    database.prepare(`DELETE FROM ${table} WHERE run_id = ?`).run(run);
  }
  database.prepare("DELETE FROM run WHERE id = ?").run(run);
  return bereft;
}

/**
 * Runs that are over, of which nothing counts any more, but for the newest `keep` of them. The newest complete run stays in any case: it
 * says which tests there are.
 */
export function prunableRuns(database: Database, keep: number): readonly string[] {
  return database
    .prepare<{ name: string }>(`
      SELECT name FROM run WHERE state <> 'running'
        AND NOT EXISTS (SELECT 1 FROM recording WHERE run_id = run.id AND counts = 1)
        AND id NOT IN (SELECT id FROM run WHERE state = 'complete' AND all_collected = 1 ORDER BY name DESC LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM segment WHERE run_id = run.id AND (refused = 1 OR size = -1))
      ORDER BY name DESC LIMIT -1 OFFSET ?`)
    .all(keep)
    .map(({ name }) => name);
}

/** Drops what no segment in the store refers to any more. Ids held outside the store become invalid: the epoch tells other processes. */
export function collectGarbage(database: Database): void {
  // Each is looked for by itself: a store has far more rows than what they have in common.
  indexRows(database);
  database.exec(`
    DELETE FROM construction
      WHERE NOT EXISTS (SELECT 1 FROM query_row WHERE construction_id <> 0 AND construction_id = construction.id);
    CREATE TEMP TABLE used_stack (id INTEGER PRIMARY KEY);
    INSERT INTO used_stack
      WITH RECURSIVE outward (id) AS (
        SELECT id FROM stack WHERE EXISTS (SELECT 1 FROM query_row WHERE stack_id <> 0 AND stack_id = stack.id)
        UNION SELECT stack_id FROM construction
        UNION SELECT stack.parent FROM stack JOIN outward ON stack.id = outward.id
      )
      SELECT id FROM outward;
    DELETE FROM stack WHERE id NOT IN (SELECT id FROM used_stack);
    DELETE FROM stack_site WHERE stack_id NOT IN (SELECT id FROM used_stack);
    DROP TABLE used_stack;
    DELETE FROM site WHERE id NOT IN (SELECT site_id FROM stack) AND id NOT IN (SELECT chain_id FROM construction);
    DELETE FROM file WHERE id NOT IN (SELECT file_id FROM site);
    DELETE FROM statement WHERE id NOT IN (SELECT statement_id FROM query);
    DELETE FROM plan WHERE statement_id NOT IN (SELECT id FROM statement);
    DELETE FROM probe WHERE statement_id NOT IN (SELECT id FROM statement);
    DELETE FROM cause WHERE id NOT IN (SELECT cause_id FROM query);
    DELETE FROM models WHERE hash NOT IN (SELECT models FROM segment WHERE models IS NOT NULL);
    DELETE FROM subject WHERE NOT EXISTS (SELECT 1 FROM recording WHERE subject_id = subject.id);
    INSERT INTO meta (key, value) VALUES ('epoch', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1;
  `);
}
