import { IdSet } from "./idSet.ts";
import { type Interning, sha256 } from "./interning.ts";
import { LineScanner } from "./lineScanner.ts";
import type { TraceProblem } from "./model.ts";
import { isSafePath, mapPath, type PathMapping } from "./paths.ts";
import {
  isCauseKind,
  jsonOf,
  type ModelRecord,
  modelShape,
  type ParsedLine,
  parseLine,
  type RecordOf,
  SEGMENT_FORMAT,
  type SegmentRecord,
} from "./records.ts";
import { isLocalId, storeId } from "./schema.ts";
import type { SegmentScopes } from "./segmentScopes.ts";
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
  /** What rows asked with this statement and sample, by all that tells one query from another. */
  readonly queries: Map<string, number>;
  latest: Query | null;
}

interface Query {
  /** The store's. */
  readonly id: number;
  readonly cause: number;
  readonly db: string;
  readonly path: string;
  readonly single: boolean;
}

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
  readonly #scopes: SegmentScopes;
  readonly #rows = new IdSet();
  readonly #scanner = new LineScanner();
  #nextQuery: number;
  #header: RecordOf<"header"> | null = null;
  #line = 0;

  constructor(
    key: SegmentKey,
    writer: StoreWriter,
    interning: Interning,
    scopes: SegmentScopes,
    mappings: readonly PathMapping[],
  ) {
    this.#key = key;
    this.#writer = writer;
    this.#interning = interning;
    this.#scopes = scopes;
    this.#mappings = mappings;
    this.#nextQuery = writer.nextQuery(key.id);
  }

  /**
   * Takes in one line; null stands for one that was too long.
   *
   * @param end where its line end stands
   * @param known the store has it already (from an earlier session, or from another process): only what later lines refer to is looked up
   * @returns false where nothing of this segment may be read: the problem says why
   */
  take(bytes: Buffer | null, start: number, end: number, known: boolean): boolean {
    this.#line += 1;
    if (this.#header === null)
      return this.#begin(bytes === null ? null : firstRecord(bytes.toString("utf8", start, end)));
    const scanned = bytes === null ? null : this.#scanner.scan(bytes, start, end);
    if (scanned !== null) this.#takeRecord(scanned, known);
    else this.#takeParsed(bytes === null ? tooLong : parseLine(bytes.toString("utf8", start, end)), known);
    return true;
  }

  /** Ends a batch of lines: what waited for it gets into the store. */
  endBatch(): void {
    this.#scopes.endBatch();
  }

  #takeParsed(parsed: ParsedLine, known: boolean): void {
    if (parsed.kind === "record") this.#takeRecord(parsed.record, known);
    else if (parsed.kind === "bad" && !known) this.#problem("bad-record", `${parsed.reason}; it was skipped`);
  }

  #takeRecord(record: SegmentRecord, known: boolean): void {
    const reason = this.#define(record) ?? this.#store(record, known);
    if (reason !== null && !known) this.#problem("bad-record", `${reason}; it was skipped`);
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
        this.#statements.set(record.id, {
          id: this.#interning.statement(record, verb),
          application,
          sample: null,
          queries: new Map(),
          latest: null,
        });
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

  #store(record: SegmentRecord, known: boolean): string | null {
    switch (record.type) {
      case "scope":
        return this.#scopes.begin(record, known);
      case "row":
        return this.#storeRow(record, known);
      case "scopeEnd":
        return this.#scopes.end(record, known);
      case "header":
        return "is a second header";
      default:
        return known ? null : this.#storeOther(record);
    }
  }

  #storeOther(record: SegmentRecord): string | null {
    switch (record.type) {
      case "eagerRead":
        if (isLocalId(record.row)) this.#writer.eagerRead(storeId(this.#key.id, record.row), record.path);
        return null;
      case "test":
        this.#scopes.finishTest(record);
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
      default:
        return null;
    }
  }

  #storeRow(record: RecordOf<"row">, known: boolean): string | null {
    if (!isLocalId(record.id) || !isLocalId(record.parent)) return "has an id that is too large";
    if (!this.#scopes.isOpen(record.scope)) return `names a scope (${record.scope}) that is not open`;
    const stack = this.#stacks.get(record.stack);
    const construction = this.#constructions.get(record.construction);
    const cause = this.#causes.get(record.cause);
    const statement = this.#statements.get(record.statement);
    if (statement === undefined) return `names a statement (${record.statement}) that is not there`;
    if (stack === undefined || construction === undefined || cause === undefined) {
      return "names a stack, construction or cause that is not there";
    }
    this.#close(stack ?? 0);
    if (record.sample) keepSample(statement, jsonOf(record.sample));
    if (!this.#rows.add(record.id)) return `is a second row ${record.id}`;
    if (known) return null;
    this.#writer.row(
      {
        id: storeId(this.#key.id, record.id),
        scope: storeId(this.#key.id, record.scope),
        stack: stack ?? 0,
        construction: construction ?? 0,
        query: this.#query(statement, cause ?? 0, record),
        application: statement.application,
      },
      record,
    );
    return null;
  }

  /** Most rows ask what the last row of their statement asked. */
  #query(statement: Statement, cause: number, record: RecordOf<"row">): number {
    const { db, path, single } = record;
    const { latest } = statement;
    if (latest?.cause === cause && latest.db === db && latest.path === path && latest.single === single)
      return latest.id;
    const key = JSON.stringify([cause, db, path, single]);
    let id = statement.queries.get(key);
    if (id === undefined) {
      id = this.#nextQuery;
      this.#nextQuery += 1;
      this.#writer.query({ id, cause, statement: statement.id }, record, statement.sample);
      statement.queries.set(key, id);
    }
    statement.latest = { id, cause, db, path, single };
    return id;
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

/** Written once a statement: the rows after it share it. */
function keepSample(statement: Statement, sample: string): void {
  if (statement.sample === sample) return;
  statement.sample = sample;
  statement.queries.clear();
  statement.latest = null;
}

/** No recorder writes a byte order mark, but what copied or converted the file may have. */
function firstRecord(line: string): SegmentRecord | null {
  const parsed = parseLine(line.replace(/^\uFEFF/, ""));
  return parsed.kind === "record" ? parsed.record : null;
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
