import { withContainers } from "../text/testIds.ts";
import { IdSet } from "./idSet.ts";
import type { Interning } from "./interning.ts";
import type { RecordOf } from "./records.ts";
import { isLocalId } from "./schema.ts";
import type { ScopeWriter } from "./scopeWriter.ts";
import type { Selection, SubjectKind } from "./selection.ts";

const MAX_KEPT_SUBJECTS = 1_000;

/** Whom a scope is recorded for: what a newer recording replaces together. */
interface Subject {
  readonly id: number;
  readonly kind: SubjectKind;
  readonly name: string;
  /** The batch that brought it into the store; null where it was there. Until that batch ends, all recordings of it are known here. */
  readonly newIn: number | null;
  /** Recordings that were begun since. */
  recordings: number;
}

/** One attempt at a test, or all of a class's or route's scopes in the segment. */
interface Recording {
  readonly id: number;
  readonly subject: Subject;
  isWritten: boolean;
  outcome: string | null;
  durationNs: number | null;
  /** Null once it may have been judged in the store. */
  counts: 0 | 1 | null;
}

/** A scope whose end has not come. `recording` is null where the scope stands in the store. */
interface OpenScope {
  readonly record: RecordOf<"scope">;
  recording: Recording | null;
}

/**
 * A segment's scopes and recordings on their way into the store. Nearly all begin and end within one batch of lines, and are the first of
 * their subject. So they get into the store when they end, in one piece, or else when the batch does; and whether one counts that is
 * alone is told without asking the store.
 */
export class SegmentScopes {
  readonly #segment: { readonly id: number; readonly runId: number; readonly run: string };
  readonly #writer: ScopeWriter;
  readonly #interning: Interning;
  readonly #selection: Selection;
  readonly #seen = new IdSet();
  readonly #open = new Map<number, OpenScope>();
  /** By name: all classes of the segment, and of the others the last few, since a test has several scopes and then its end. */
  readonly #subjects: Readonly<Record<SubjectKind, Map<string, Subject>>> = {
    test: new Map(),
    class: new Map(),
    other: new Map(),
  };
  /** Recordings without an outcome, by subject. */
  readonly #recordings = new Map<number, Recording>();
  /** Begun in this batch. */
  #begun: Recording[] = [];
  /** Subjects with a scope's end or an outcome in this batch, of which the store has several recordings, or may have. */
  readonly #touched = new Set<number>();
  #drops: ReturnType<Selection["drops"]> | null = null;
  #nextRecording: number | null = null;
  #batch = 0;

  constructor(
    segment: { readonly id: number; readonly runId: number; readonly run: string },
    writer: ScopeWriter,
    interning: Interning,
    selection: Selection,
  ) {
    this.#segment = segment;
    this.#writer = writer;
    this.#interning = interning;
    this.#selection = selection;
    for (const { id, subject: subjectId, kind, name } of writer.openRecordings(segment.id)) {
      const subject = { id: subjectId, kind, name, newIn: null, recordings: 1 };
      this.#recordings.set(subjectId, { id, subject, isWritten: true, outcome: null, durationNs: null, counts: null });
      this.#subjects[kind].set(name, subject);
    }
  }

  isOpen(scope: number): boolean {
    return this.#open.has(scope);
  }

  /**
   * @param known it stands in the store
   * @returns what is wrong with it; null for nothing
   */
  begin(record: RecordOf<"scope">, known: boolean): string | null {
    if (!isLocalId(record.id)) return "has an id that is too large";
    if (!this.#seen.add(record.id)) return `is a second scope ${record.id}`;
    this.#open.set(record.id, { record, recording: known ? null : this.#recording(this.#subjectOf(record)) });
    return null;
  }

  /** As `begin`. */
  end(record: RecordOf<"scopeEnd">, known: boolean): string | null {
    const scope = this.#open.get(record.scope);
    if (scope === undefined) return `ends a scope (${record.scope}) that is not open`;
    this.#open.delete(record.scope);
    if (known) return null;
    if (scope.recording === null) {
      this.#writer.endScope(this.#segment.id, record);
      this.#touched.add(this.#subjectOf(scope.record).id);
    } else {
      this.#touch(scope.recording);
      const counts = scope.recording.counts ?? this.#writer.counts(scope.recording.id);
      this.#writer.scope(this.#segment.id, scope.recording.id, scope.record, { end: record, counts });
    }
    return null;
  }

  /** The end of a test that is not in the store. */
  finishTest(record: RecordOf<"test">): void {
    const subject = this.#subject("test", record.id);
    const recording = this.#recording(subject);
    this.#recordings.delete(subject.id);
    recording.outcome = record.outcome;
    recording.durationNs = record.durationNs;
    this.#touch(recording);
    this.#write(recording);
    // Its end shows that the set-up around it is complete.
    for (const name of withContainers(record.id)) {
      const container = this.#subjects.class.get(name);
      if (container !== undefined && !this.#isAlone(container)) this.#touched.add(container.id);
    }
  }

  /** Ends the batch: all that is new gets into the store, and what counts is what should. */
  endBatch(): void {
    for (const recording of this.#begun) {
      if (!recording.isWritten) this.#write(recording);
      recording.counts = null;
    }
    this.#begun = [];
    for (const scope of this.#open.values()) {
      if (scope.recording === null) continue;
      this.#writer.openScope(this.#segment.id, scope.recording.id, scope.record);
      scope.recording = null;
    }
    this.#selection.judge(this.#touched);
    this.#touched.clear();
    this.#drops = null;
    this.#nextRecording = null;
    this.#batch += 1;
  }

  /** A scope of it ended, or it did. Where it is alone it is what counts, unless its subject was dropped. */
  #touch(recording: Recording): void {
    const { subject } = recording;
    if (this.#isAlone(subject)) {
      this.#drops ??= this.#selection.drops(this.#segment.run);
      recording.counts = this.#drops(subject.kind, subject.name) ? 0 : 1;
    } else this.#touched.add(subject.id);
  }

  #isAlone({ newIn, recordings }: Subject): boolean {
    return newIn === this.#batch && recordings === 1;
  }

  #write(recording: Recording): void {
    if (recording.isWritten) this.#writer.finishRecording(recording);
    else this.#writer.addRecording(recording, this.#segment);
    recording.isWritten = true;
  }

  #subjectOf({ kind, test, phase, label, method, route, path }: RecordOf<"scope">): Subject {
    if (typeof test === "string") return this.#subject(phase === "class" ? "class" : "test", test);
    return this.#subject("other", JSON.stringify([kind, label ?? null, method ?? null, route ?? path ?? null]));
  }

  #subject(kind: SubjectKind, name: string): Subject {
    const subjects = this.#subjects[kind];
    const known = subjects.get(name);
    if (known !== undefined) return known;
    if (kind !== "class" && subjects.size >= MAX_KEPT_SUBJECTS) subjects.clear();
    const { id, isNew } = this.#interning.subject(kind, name);
    const subject = { id, kind, name, newIn: isNew ? this.#batch : null, recordings: 0 };
    subjects.set(name, subject);
    return subject;
  }

  #recording(subject: Subject): Recording {
    const known = this.#recordings.get(subject.id);
    if (known !== undefined) return known;
    const id = this.#nextRecording ?? this.#writer.nextRecording();
    this.#nextRecording = id + 1;
    const recording: Recording = { id, subject, isWritten: false, outcome: null, durationNs: null, counts: 0 };
    this.#recordings.set(subject.id, recording);
    subject.recordings += 1;
    this.#begun.push(recording);
    return recording;
  }
}
