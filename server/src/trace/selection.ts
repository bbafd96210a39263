import { withContainers } from "../text/testIds.ts";
import type { Outcome } from "./model.ts";
import type { Database, Statement } from "./sqlite.ts";

/**
 * Which recordings count ("Which recording counts" in docs/segment-format.md).
 *
 * A *subject* is what one recording replaces another of: a test, the shared set-up of a class, or a command, task or route outside tests.
 * A *recording* is one attempt at a test (a rerun within a run is another), or all of a class's or route's scopes in one segment.
 */
export type SubjectKind = "test" | "class" | "other";

export interface Recording {
  readonly id: number;
  /** Sorts by time. */
  readonly run: string;
  /** Null while the test runs, and for good if its process died. Always null for classes and others. */
  readonly outcome: Outcome | null;
  /** Scopes whose end is there. */
  readonly scopes: number;
  /** Of a class: a test of it ended in the same process, so its set-up had run to its end. */
  readonly settled: boolean;
}

/** The recordings of one subject that count. `dropUpTo`: the newest complete run that did not collect it any more. */
export function chooseRecordings(
  kind: SubjectKind,
  recordings: readonly Recording[],
  dropUpTo: string | null,
): readonly number[] {
  const candidates = recordings.filter(({ run }) => dropUpTo === null || run > dropUpTo);
  if (kind === "test") {
    const [best] = [...candidates].sort(better);
    return best === undefined ? [] : [best.id];
  }
  const ended = candidates.filter(({ scopes }) => scopes > 0);
  // Set-up comes in several scopes. The first of them must not stand for all that an older run has.
  const settled = kind === "class" ? ended.filter((recording) => recording.settled) : [];
  const recorded = settled.length > 0 ? settled : ended;
  const newest = recorded.reduce((latest, { run }) => (run > latest ? run : latest), "");
  return recorded.filter(({ run }) => run === newest).map(({ id }) => id);
}

/** A passed recording before a failed one, that before one that did not end; then the newest. */
function better(a: Recording, b: Recording): number {
  return rank(b.outcome) - rank(a.outcome) || (a.run === b.run ? b.id - a.id : a.run < b.run ? 1 : -1);
}

function rank(outcome: Outcome | null): number {
  return outcome === "passed" ? 2 : outcome === null ? 0 : 1;
}

/** Keeps the store's `counts` columns in step with its recordings. */
export class Selection {
  readonly #allSubjects: Statement<{ id: number }>;
  readonly #subject: Statement<{ kind: SubjectKind; name: string }>;
  readonly #recordings: Statement<Omit<Recording, "settled"> & { readonly segment: number }>;
  readonly #settledIn: Statement<{ segment: number }>;
  readonly #markRecordings: Statement<unknown>;
  readonly #markScopes: Statement<unknown>;
  readonly #baseline: Statement<Baseline>;
  readonly #knownBaseline: Statement<{ value: string }>;
  readonly #keepBaseline: Statement<unknown>;
  readonly #collected: Statement<{ test: string }>;
  #collection: { readonly key: string; readonly run: string; readonly names: ReadonlySet<string> } | null = null;

  constructor(database: Database) {
    this.#allSubjects = database.prepare("SELECT id FROM subject");
    this.#subject = database.prepare("SELECT kind, name FROM subject WHERE id = ?");
    this.#recordings = database.prepare(`
      SELECT recording.id, run.name AS run, outcome, segment_id AS segment,
        (SELECT count(*) FROM scope WHERE scope.recording_id = recording.id AND ended = 1) AS scopes
      FROM recording JOIN run ON run.id = recording.run_id WHERE subject_id = ?`);
    // By the range of names, then by subject: the other way round would look at all tests of the segment for each class.
    this.#settledIn = database.prepare(`
      SELECT DISTINCT segment_id AS segment
      FROM subject CROSS JOIN recording INDEXED BY recording_subject ON recording.subject_id = subject.id
      WHERE subject.kind = 'test' AND subject.name BETWEEN ? AND ? AND outcome IN ('passed', 'failed', 'xfailed')`);
    this.#markRecordings = database.prepare(`
      WITH chosen (id) AS (SELECT value FROM json_each(?))
      UPDATE recording SET counts = id IN chosen WHERE subject_id = ? AND counts <> (id IN chosen)`);
    this.#markScopes = database.prepare(`
      WITH chosen (id) AS (SELECT value FROM json_each(?))
      UPDATE scope SET counts = ended AND recording_id IN chosen
      WHERE recording_id IN (SELECT id FROM recording WHERE subject_id = ?) AND counts <> (ended AND recording_id IN chosen)`);
    this.#baseline = database.prepare(`
      SELECT id, name, (SELECT count(*) FROM collected WHERE run_id = run.id) AS tests
      FROM run WHERE state = 'complete' AND all_collected = 1 AND tests > 0 ORDER BY name DESC LIMIT 1`);
    this.#knownBaseline = database.prepare("SELECT value FROM meta WHERE key = 'baseline'");
    this.#keepBaseline = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('baseline', ?)");
    this.#collected = database.prepare("SELECT test FROM collected WHERE run_id = ?");
  }

  judge(subjects: Iterable<number>): void {
    this.#loadCollection();
    for (const id of subjects) {
      const subject = this.#subject.get(id);
      if (subject === undefined) continue;
      const chosen = chooseRecordings(
        subject.kind,
        this.#recordingsOf(id, subject),
        this.#dropUpTo(subject.kind, subject.name),
      );
      const ids = JSON.stringify(chosen);
      this.#markRecordings.run(ids, id);
      this.#markScopes.run(ids, id);
    }
  }

  judgeAll(): void {
    this.judge(this.#allSubjects.all().map(({ id }) => id));
  }

  /**
   * Takes note of the newest complete run, once all of it is in the store: not earlier, or tests whose names are still to come would
   * count as no longer collected.
   *
   * @returns true where it is another than before, and everything was judged anew
   */
  settleBaseline(): boolean {
    const baseline = this.#baseline.get();
    const key = baseline === undefined ? "" : JSON.stringify([baseline.id, baseline.name, baseline.tests]);
    if (key === (this.#knownBaseline.get()?.value ?? "")) return false;
    this.#keepBaseline.run(key);
    this.judgeAll();
    return true;
  }

  #recordingsOf(id: number, { kind, name }: { kind: SubjectKind; name: string }): readonly Recording[] {
    const recordings = this.#recordings.all(id);
    if (kind !== "class") return recordings.map((recording) => ({ ...recording, settled: true }));
    // A function's own set-up in a class's scope has the test's name; all names within a class begin with `name::`.
    const settled = new Set(
      [...this.#settledIn.all(name, name), ...this.#settledIn.all(`${name}::`, `${name}:;`)].map(
        ({ segment }) => segment,
      ),
    );
    return recordings.map((recording) => ({ ...recording, settled: settled.has(recording.segment) }));
  }

  #dropUpTo(kind: SubjectKind, name: string): string | null {
    if (kind === "other" || this.#collection === null || this.#collection.names.has(name)) return null;
    return this.#collection.run;
  }

  /** From the store, as another process may have settled it. */
  #loadCollection(): void {
    const key = this.#knownBaseline.get()?.value ?? "";
    if (key === "") {
      this.#collection = null;
    } else if (this.#collection?.key !== key) {
      const [id, run] = JSON.parse(key) as [number, string, number];
      const tests = this.#collected.all(id).map(({ test }) => test);
      this.#collection = { key, run, names: new Set(tests.flatMap(withContainers)) };
    }
  }
}

/** The newest run that collected everything: what it did not collect is gone. */
interface Baseline {
  readonly id: number;
  readonly name: string;
  readonly tests: number;
}
