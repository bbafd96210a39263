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

/** A recording with whom it is of, as one look at the store gives it. */
interface JudgedRecording extends Omit<Recording, "scopes" | "settled"> {
  readonly subject: number;
  readonly kind: SubjectKind;
  readonly name: string;
  readonly segment: number;
  /** 1 where some scope's end is there; not asked for tests. */
  readonly scopes: number;
  readonly counts: number;
}

/** Subjects that are judged with one look at the store. */
const JUDGED_AT_ONCE = 5_000;

/** Keeps the store's `counts` columns in step with its recordings: a scope counts where it has ended and its recording counts. */
export class Selection {
  readonly #allSubjects: Statement<{ id: number }>;
  readonly #recordings: Statement<JudgedRecording>;
  readonly #settledIn: Statement<{ segment: number }>;
  readonly #markRecordings: Statement<unknown>;
  readonly #markScopes: Statement<unknown>;
  readonly #baseline: Statement<Baseline>;
  readonly #knownBaseline: Statement<{ value: string }>;
  readonly #isThere: Statement<unknown>;
  readonly #keepBaseline: Statement<unknown>;
  readonly #isCollected: Statement<{ found: number }>;
  readonly #dropped: Statement<{ id: number }>;
  #settled: Baseline | null = null;

  constructor(database: Database) {
    this.#allSubjects = database.prepare("SELECT id FROM subject");
    this.#recordings = database.prepare(`
      SELECT subject.id AS subject, subject.kind, subject.name, recording.id, run.name AS run, outcome, segment_id AS segment, counts,
        subject.kind <> 'test' AND EXISTS (SELECT 1 FROM scope WHERE recording_id = recording.id AND ended = 1) AS scopes
      FROM json_each(?) AS asked CROSS JOIN subject ON subject.id = asked.value
        CROSS JOIN recording ON recording.subject_id = subject.id JOIN run ON run.id = recording.run_id
      ORDER BY asked.key`);
    // By the range of names, then by subject: the other way round would look at all tests of the segment for each class.
    this.#settledIn = database.prepare(`
      SELECT DISTINCT segment_id AS segment
      FROM subject CROSS JOIN recording INDEXED BY recording_subject ON recording.subject_id = subject.id
      WHERE subject.kind = 'test' AND subject.name BETWEEN ? AND ? AND outcome IN ('passed', 'failed', 'xfailed')`);
    this.#markRecordings = database.prepare(
      "UPDATE recording SET counts = ? WHERE id IN (SELECT value FROM json_each(?))",
    );
    this.#markScopes = database.prepare(
      "UPDATE scope SET counts = ? WHERE ended = 1 AND recording_id IN (SELECT value FROM json_each(?))",
    );
    this.#baseline = database.prepare(`
      SELECT id, name, (SELECT count(*) FROM collected WHERE run_id = run.id) AS tests
      FROM run WHERE state = 'complete' AND all_collected = 1 AND tests > 0 ORDER BY name DESC LIMIT 1`);
    this.#knownBaseline = database.prepare("SELECT value FROM meta WHERE key = 'baseline'");
    this.#isThere = database.prepare("SELECT 1 FROM run WHERE id = ? AND name = ?");
    this.#keepBaseline = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('baseline', ?)");
    this.#isCollected = database.prepare(
      `SELECT ${isCollected("asked.run", "asked.name")} AS found FROM (SELECT ? AS run, ? AS name) AS asked`,
    );
    this.#dropped = database.prepare(
      `SELECT id FROM subject WHERE kind <> 'other' AND NOT ${isCollected("?", "subject.name")}`,
    );
  }

  judge(subjects: Iterable<number>): void {
    this.#settled = this.#knownSettled();
    const asked = [...subjects];
    for (let from = 0; from < asked.length; from += JUDGED_AT_ONCE) {
      this.#judge(asked.slice(from, from + JUDGED_AT_ONCE));
    }
  }

  /** For a recording of this run that its subject has no other of: whether the subject was dropped since. */
  drops(run: string): (kind: SubjectKind, name: string) => boolean {
    this.#settled = this.#knownSettled();
    return (kind, name) => this.#dropUpTo(kind, name, run) !== null;
  }

  #judgeAll(): void {
    this.judge(this.#allSubjects.all().map(({ id }) => id));
  }

  /** Writes only what changes: mostly nothing, or the few tests that were just recorded. */
  #judge(subjects: readonly number[]): void {
    const more: number[] = [];
    const fewer: number[] = [];
    for (const recordings of Map.groupBy(
      this.#recordings.all(JSON.stringify(subjects)),
      ({ subject }) => subject,
    ).values()) {
      const chosen = new Set(this.#choose(recordings));
      for (const { id, counts } of recordings) {
        if (chosen.has(id) && counts === 0) more.push(id);
        else if (!chosen.has(id) && counts === 1) fewer.push(id);
      }
    }
    for (const [counts, ids] of [
      [0, fewer],
      [1, more],
    ] as const) {
      if (ids.length === 0) continue;
      this.#markRecordings.run(counts, JSON.stringify(ids));
      this.#markScopes.run(counts, JSON.stringify(ids));
    }
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
    const before = this.#knownBaseline.get()?.value ?? "";
    if (key === before) return false;
    this.#keepBaseline.run(key);
    // Without an earlier one nothing was dropped: what the new one collected stays as it is.
    if (before === "" && baseline !== undefined)
      this.judge(this.#dropped.all(baseline.id, baseline.id).map(({ id }) => id));
    else this.#judgeAll();
    return true;
  }

  #choose(recordings: readonly JudgedRecording[]): readonly number[] {
    const [first] = recordings;
    if (first === undefined) return [];
    const { kind, name } = first;
    // Asked for only where there is a choice: nearly every class is judged again with each of its tests.
    const settled = kind === "class" && recordings.length > 1 ? this.#settledSegments(name) : null;
    const oldest = recordings.reduce((least, { run }) => (run < least ? run : least), first.run);
    return chooseRecordings(
      kind,
      recordings.map((recording) => ({ ...recording, settled: settled?.has(recording.segment) ?? true })),
      this.#dropUpTo(kind, name, oldest),
    );
  }

  /** The segments in which a test of the class has ended. */
  #settledSegments(name: string): ReadonlySet<number> {
    // A function's own set-up in a class's scope has the test's name; all names within a class begin with `name::`.
    const found = [...this.#settledIn.all(name, name), ...this.#settledIn.all(`${name}::`, `${name}:;`)];
    return new Set(found.map(({ segment }) => segment));
  }

  /** Null where that run is newer, or the subject was not dropped. */
  #dropUpTo(kind: SubjectKind, name: string, run: string): string | null {
    const baseline = this.#settled;
    if (kind === "other" || baseline === null || run > baseline.name) return null;
    return this.#isCollected.get(baseline.id, name)?.found === 1 ? null : baseline.name;
  }

  /** From the store, as another process may have settled it. */
  #knownSettled(): Baseline | null {
    const key = this.#knownBaseline.get()?.value ?? "";
    if (key === "") return null;
    const [id, name, tests] = JSON.parse(key) as [number, string, number];
    // One that was just deleted says nothing any more; `settleBaseline` finds another.
    return this.#isThere.get(id, name) === undefined ? null : { id, name, tests };
  }
}

/**
 * SQL for whether a run collected a test, or one that needs the set-up of that name (`withContainers`): all names within begin with
 * `name::`, and parameters hold no containers.
 */
function isCollected(run: string, name: string): string {
  return `(EXISTS (SELECT 1 FROM collected WHERE run_id = ${run} AND test = ${name})
    OR (instr(${name}, '[') = 0 AND EXISTS (SELECT 1 FROM collected WHERE run_id = ${run} AND test > ${name} || '::' AND test < ${name} || ':;')))`;
}

/** The newest run that collected everything: what it did not collect is gone. */
interface Baseline {
  readonly id: number;
  readonly name: string;
  readonly tests: number;
}
