import { withContainers } from "../text/testIds.ts";
import { type Interning, sha256 } from "./interning.ts";
import type { TraceProblem } from "./model.ts";
import { isSafePath, mapPath, type PathMapping } from "./paths.ts";
import {
  isCauseKind,
  type ModelRecord,
  modelShape,
  parseLine,
  type RecordOf,
  SEGMENT_FORMAT,
  type SegmentRecord,
} from "./records.ts";
import { isLocalId, storeId } from "./schema.ts";
import type { SubjectKind } from "./selection.ts";
import { misfit } from "./shape.ts";
import type { StoreWriter } from "./storeWriter.ts";

/** Which segment of which run. */
export interface SegmentKey {
  readonly id: number;
  readonly runId: number;
  readonly run: string;
  readonly process: string;
}

/** What a segment's own ids stand for. A `null` was left out on purpose: what hangs on it is left out without another word. */
type Ids = Map<number, number | null>;

interface Statement {
  /** The store's. */
  readonly id: number;
  /** No savepoint or transaction. */
  readonly application: boolean;
  /** JSON. */
  sample: string | null;
}

const MAX_KEPT_SUBJECTS = 1_000;

/** The recorder keeps 128 sites a stack. A stack far beyond that is made up, and would make the index of stacks grow with its square. */
const MAX_STACK_DEPTH = 512;

/** One segment on its way into the store, line by line. Lives as long as the segment may grow. */
export class SegmentIngest {
  readonly #key: SegmentKey;
  readonly #writer: StoreWriter;
  readonly #interning: Interning;
  readonly #mappings: readonly PathMapping[];
  readonly #files: Ids = new Map();
  readonly #sites: Ids = new Map();
  readonly #stacks: Ids = new Map([[0, 0]]);
  /** Of the store's stacks that this segment made or found, from 1. */
  readonly #depths = new Map<number, number>();
  /** The store's stacks that are findable through their sites, as far as this segment named them. */
  readonly #closed = new Set<number>([0]);
  readonly #constructions: Ids = new Map([[0, 0]]);
  readonly #statements = new Map<number, Statement>();
  readonly #causes: Ids = new Map();
  /** By the type of record that defines them. */
  readonly #defined: ReadonlyMap<string, ReadonlyMap<number, unknown>> = new Map<string, ReadonlyMap<number, unknown>>([
    ["file", this.#files],
    ["site", this.#sites],
    ["stack", this.#stacks],
    ["construction", this.#constructions],
    ["statement", this.#statements],
    ["cause", this.#causes],
  ]);
  /** Scopes whose end has not come yet, with their subject. */
  readonly #open = new Map<number, number>();
  /** The last few by kind and name: a test has several scopes, and then its end. */
  readonly #subjects = new Map<string, number>();
  /** Recordings without an outcome, by subject. */
  readonly #recordings: Map<number, number>;
  #header: RecordOf<"header"> | null = null;
  #line = 0;
  /** Subjects with a scope or an outcome since they were last asked for. */
  touched = new Set<number>();

  constructor(key: SegmentKey, writer: StoreWriter, interning: Interning, mappings: readonly PathMapping[]) {
    this.#key = key;
    this.#writer = writer;
    this.#interning = interning;
    this.#mappings = mappings;
    this.#recordings = writer.openRecordings(key.id);
  }

  /**
   * Takes in one line.
   *
   * @param known the store has it already (from an earlier session, or from another process): only what later lines refer to is looked up
   * @returns false where nothing of this segment may be read: the problem says why
   */
  take(line: string | null, known: boolean): boolean {
    this.#line += 1;
    // No recorder writes a byte order mark, but what copied or converted the file may have.
    const parsed = line === null ? tooLong : parseLine(this.#line === 1 ? line.replace(/^\uFEFF/, "") : line);
    if (this.#header === null) return this.#begin(parsed.kind === "record" ? parsed.record : null);
    if (parsed.kind === "bad") {
      if (!known) this.#problem("bad-record", `${parsed.reason}; it was skipped`);
    } else if (parsed.kind === "record") {
      const reason =
        this.#define(parsed.record) ?? (known ? this.#remember(parsed.record) : this.#store(parsed.record));
      if (reason !== null && !known) this.#problem("bad-record", `${reason}; it was skipped`);
    }
    return true;
  }

  #begin(record: SegmentRecord | null): boolean {
    if (record?.type !== "header") {
      this.#refuse("no-header", "does not begin with a header, so its format is unknown; it was not read");
      return false;
    }
    if (record.format > SEGMENT_FORMAT) {
      this.#refuse(
        "newer-format",
        `was written by Querysight ${record.recorder} in format ${record.format}; this Querysight reads up to format ${SEGMENT_FORMAT} and is too old: update the extension`,
      );
      return false;
    }
    if (record.run !== this.#key.run || record.process !== this.#key.process) {
      this.#refuse("foreign-file", "says in its header that it belongs to another run or process; it was not read");
      return false;
    }
    this.#header = record;
    this.#writer.django(this.#key.id, record.django ?? "");
    return true;
  }

  /** Records that others refer to. Null where all is well or the record is of another kind; else what is wrong with it. */
  #define(record: SegmentRecord): string | null {
    // What refers to the id means the first: a second one would give it another sense for the lines that follow.
    if ("id" in record && typeof record.id === "number" && this.#defined.get(record.type)?.has(record.id)) {
      return `is a second ${record.type} ${record.id}`;
    }
    switch (record.type) {
      case "file":
        return this.#defineFile(record);
      case "site": {
        const file = this.#files.get(record.file);
        if (file === undefined) return `names a file (${record.file}) that is not there`;
        this.#sites.set(record.id, file === null ? null : this.#interning.site(record, file));
        return null;
      }
      case "stack":
        return this.#defineStack(record);
      case "construction": {
        const stack = this.#stacks.get(record.stack);
        const chain = record.chain === 0 ? 0 : this.#sites.get(record.chain);
        if (stack === undefined || chain === undefined) return "names a stack or site that is not there";
        this.#close(stack ?? 0);
        this.#constructions.set(record.id, this.#interning.construction(stack ?? 0, chain ?? 0));
        return null;
      }
      case "statement": {
        const verb = verbs.has(record.verb) ? record.verb : "other";
        const application = verb !== "savepoint" && verb !== "transaction";
        this.#statements.set(record.id, { id: this.#interning.statement(record, verb), application, sample: null });
        return null;
      }
      case "cause":
        this.#causes.set(record.id, this.#interning.cause(isCauseKind(record.kind) ? record.kind : "other", record));
        return null;
      default:
        return null;
    }
  }

  #defineFile(record: RecordOf<"file">): string | null {
    const path = isSafePath(record.path) ? mapPath(record.path, this.#header?.root ?? "", this.#mappings) : null;
    const id = path === null ? null : this.#interning.file(record, path, this.#key.run);
    this.#files.set(record.id, id);
    if (path === null) return "names a file by a path that is absolute or may lead out of the project";
    return id === null ? "holds a file whose text and hash do not agree" : null;
  }

  #defineStack(record: RecordOf<"stack">): string | null {
    const parent = this.#stacks.get(record.parent);
    const site = this.#sites.get(record.site);
    if (parent === undefined || site === undefined) return "names a stack or site that is not there";
    // Without its site a stack is the same as its parent.
    if (site === null) this.#stacks.set(record.id, parent);
    else {
      const depth = (this.#depths.get(parent ?? 0) ?? 0) + 1;
      if (depth > MAX_STACK_DEPTH) {
        this.#stacks.set(record.id, parent);
        return "is a stack too deep to be real";
      }
      const stack = this.#interning.stack(parent ?? 0, site, depth);
      this.#depths.set(stack, depth);
      this.#stacks.set(record.id, stack);
    }
    return null;
  }

  /** Each row names a stack, and most of them one that an earlier row named. */
  #close(stack: number): void {
    if (this.#closed.has(stack)) return;
    this.#closed.add(stack);
    this.#interning.closeStack(stack);
  }

  /** For lines that the store has already: which scopes are open. */
  #remember(record: SegmentRecord): null {
    if (record.type === "scope") this.#open.set(record.id, this.#subject(record));
    else if (record.type === "scopeEnd") this.#open.delete(record.scope);
    return null;
  }

  #store(record: SegmentRecord): string | null {
    switch (record.type) {
      case "scope":
        return this.#storeScope(record);
      case "row":
        return this.#storeRow(record);
      case "eagerRead":
        if (isLocalId(record.row)) this.#writer.eagerRead(storeId(this.#key.id, record.row), record.path);
        return null;
      case "scopeEnd":
        return this.#storeScopeEnd(record);
      case "test":
        this.#storeTest(record);
        return null;
      case "collected":
        this.#writer.collected(this.#key.runId, record);
        return null;
      case "plan": {
        const statement = this.#statements.get(record.statement);
        if (statement === undefined) return `names a statement (${record.statement}) that is not there`;
        this.#writer.plan(statement.id, record);
        return null;
      }
      case "probe": {
        const statement = this.#statements.get(record.statement);
        if (statement === undefined) return `names a statement (${record.statement}) that is not there`;
        this.#writer.probe(statement.id, record);
        return null;
      }
      case "models":
        this.#storeModels(record);
        return null;
      case "notice":
        if (record.level === "warning") this.#note(record.message);
        return null;
      case "end":
        if (record.errors > 0) {
          this.#note(
            `The recorder met ${record.errors} errors of its own in this process; some queries may be missing.`,
          );
        }
        return null;
      case "header":
        return "is a second header";
      default:
        return null;
    }
  }

  #storeScope(record: RecordOf<"scope">): string | null {
    if (!isLocalId(record.id)) return "has an id that is too large";
    const subject = this.#subject(record);
    const parent = record.parent === 0 || !isLocalId(record.parent) ? null : storeId(this.#key.id, record.parent);
    const fresh = this.#writer.scope(
      storeId(this.#key.id, record.id),
      this.#key.id,
      this.#recording(subject),
      parent,
      record,
    );
    if (!fresh) return `is a second scope ${record.id}`;
    this.#open.set(record.id, subject);
    return null;
  }

  #storeRow(record: RecordOf<"row">): string | null {
    if (!isLocalId(record.id) || !isLocalId(record.parent)) return "has an id that is too large";
    if (!this.#open.has(record.scope)) return `names a scope (${record.scope}) that is not open`;
    const stack = this.#stacks.get(record.stack);
    const construction = this.#constructions.get(record.construction);
    const cause = this.#causes.get(record.cause);
    const statement = this.#statements.get(record.statement);
    if (statement === undefined) return `names a statement (${record.statement}) that is not there`;
    if (stack === undefined || construction === undefined || cause === undefined) {
      return "names a stack, construction or cause that is not there";
    }
    this.#close(stack ?? 0);
    // Written once a statement: the rows after it share it.
    if (record.sample) statement.sample = JSON.stringify(record.sample);
    const fresh = this.#writer.row(
      {
        id: storeId(this.#key.id, record.id),
        scope: storeId(this.#key.id, record.scope),
        stack: stack ?? 0,
        construction: construction ?? 0,
        cause: cause ?? 0,
        statement: statement.id,
        application: statement.application,
        parent: record.parent === 0 ? null : storeId(this.#key.id, record.parent),
      },
      record,
      statement.sample,
    );
    return fresh ? null : `is a second row ${record.id}`;
  }

  #storeScopeEnd(record: RecordOf<"scopeEnd">): string | null {
    const subject = this.#open.get(record.scope);
    if (subject === undefined) return `ends a scope (${record.scope}) that is not open`;
    const order = record.order.map(([times, ...rows]) => [times, ...rows.map((row) => storeId(this.#key.id, row))]);
    this.#writer.endScope(storeId(this.#key.id, record.scope), record, JSON.stringify(order));
    this.#open.delete(record.scope);
    this.touched.add(subject);
    return null;
  }

  #storeTest(record: RecordOf<"test">): void {
    const subject = this.#subjectNamed("test", record.id);
    this.#writer.finishRecording(this.#recording(subject), record.outcome, record.durationNs);
    this.#recordings.delete(subject);
    this.touched.add(subject);
    // Its end shows that the set-up around it is complete.
    for (const name of withContainers(record.id)) {
      const container = this.#subjects.get(`class ${name}`) ?? this.#interning.knownSubject("class", name);
      if (container !== null) this.touched.add(container);
    }
  }

  /** Bad models are left out one by one: the others still resolve their lookups. */
  #storeModels({ models }: RecordOf<"models">): void {
    const good: ModelRecord[] = [];
    for (const value of models) {
      const member = misfit(modelShape, value);
      const model = value as unknown as ModelRecord;
      if (member !== null) {
        this.#problem(
          "bad-record",
          `holds a model whose "${member}" is missing or not what it should be; the model was skipped`,
        );
      } else {
        const file = typeof model.file === "string" ? this.#modelFile(model.file) : null;
        good.push({ ...model, file });
      }
    }
    const json = JSON.stringify(good);
    this.#writer.models(this.#key.id, sha256(json, "base64url"), json);
  }

  #modelFile(file: string): string | null {
    const path = isSafePath(file) ? mapPath(file, this.#header?.root ?? "", this.#mappings) : null;
    if (path === null)
      this.#problem("bad-record", "holds a model whose file is absolute or may lead out of the project");
    return path;
  }

  /** Whom a scope is recorded for: what a newer recording replaces together. */
  #subject(record: RecordOf<"scope">): number {
    const { kind, test, phase, label, method, route, path } = record;
    const [subjectKind, name]: readonly [SubjectKind, string] =
      typeof test === "string"
        ? [phase === "class" ? "class" : "test", test]
        : ["other", JSON.stringify([kind, label ?? null, method ?? null, route ?? path ?? null])];
    return this.#subjectNamed(subjectKind, name);
  }

  #subjectNamed(kind: SubjectKind, name: string): number {
    const key = `${kind} ${name}`;
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    if (this.#subjects.size >= MAX_KEPT_SUBJECTS) this.#subjects.clear();
    const subject = this.#interning.subject(kind, name);
    this.#subjects.set(key, subject);
    return subject;
  }

  #recording(subject: number): number {
    const known = this.#recordings.get(subject);
    if (known !== undefined) return known;
    const added = this.#writer.addRecording(subject, this.#key.id, this.#key.runId);
    this.#recordings.set(subject, added);
    return added;
  }

  #problem(code: TraceProblem["code"], what: string): void {
    this.#writer.problem(this.#key, code, `Line ${this.#line} ${what}.`);
  }

  #refuse(code: TraceProblem["code"], what: string): void {
    this.#writer.problem(this.#key, code, `This segment ${what}.`);
  }

  #note(message: string): void {
    this.#writer.problem(this.#key, "recorder", message);
  }
}

const tooLong = { kind: "bad", reason: "is too long" } as const;
const verbs: ReadonlySet<string> = new Set([
  "select",
  "insert",
  "update",
  "delete",
  "savepoint",
  "transaction",
  "other",
]);
