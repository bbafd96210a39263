import { createHash } from "node:crypto";
import type {
  CauseKind,
  EagerRelation,
  Model,
  ModelField,
  Outcome,
  Phase,
  PlanNode,
  Probe,
  RecordedFile,
  ScopeKind,
  SiteKind,
  Verb,
} from "./model.ts";
import { SEGMENT_FORMAT } from "./records.ts";

/** Writes segments for tests as the recorder does: each method appends one record, and answers its id in this segment. */

export interface SiteOptions {
  readonly kind?: SiteKind;
  readonly qualname?: string;
  readonly functionLine?: number;
  readonly line: number;
  readonly column?: number | null;
  readonly endLine?: number | null;
  readonly endColumn?: number | null;
  readonly token?: string | null;
}

export interface CauseOptions {
  readonly model?: string;
  readonly field?: string;
  readonly lookup?: string | null;
  readonly api?: string;
  readonly path?: string;
  readonly refined?: boolean;
  readonly target?: string;
}

export interface ScopeOptions {
  readonly kind?: ScopeKind;
  readonly test?: string | null;
  readonly phase?: Phase | null;
  readonly ordinal?: number;
  readonly parent?: number;
  readonly method?: string | null;
  readonly path?: string | null;
  readonly route?: string | null;
  readonly view?: string | null;
  readonly label?: string | null;
  readonly status?: number | null;
}

export interface RowOptions {
  readonly stack?: number;
  readonly construction?: number;
  readonly cause: number;
  readonly statement: number;
  readonly db?: string;
  readonly parent?: number;
  readonly path?: string;
  readonly count?: number;
  readonly rows?: number | null;
  readonly single?: boolean;
  /** Ns of one execution. */
  readonly ns?: number;
  readonly instances?: number;
  readonly parameters?: number;
  readonly errors?: number;
  readonly sample?: readonly string[] | null;
  readonly eager?: readonly EagerRelation[];
}

type Line = Readonly<Record<string, unknown>>;

export class SegmentBuilder {
  readonly run: string;
  readonly process: string;
  readonly #lines: string[] = [];
  readonly #texts = new Map<number, string>();
  readonly #scopes = new Map<number, { queries: number; sqlNs: number; readonly order: number[][] }>();
  readonly #applicationStatements = new Set<number>();
  #lastId = 0;

  constructor(run = "20260101T000000Z-1-aaaa", process = "main", header: Line = {}) {
    this.run = run;
    this.process = process;
    this.add("header", {
      format: SEGMENT_FORMAT,
      recorder: "0.1.0",
      run,
      process,
      pid: 1,
      startedAt: 1_767_225_600_000,
      root: "/project",
      python: "3.11.2",
      django: "5.2.8",
      runner: "pytest",
      ...header,
    });
  }

  /** Any record, also a broken one. */
  add(type: string, members: Line): this {
    return this.raw(`${JSON.stringify({ type, ...members })}\n`);
  }

  /** Anything, also what is no record. */
  raw(text: string): this {
    this.#lines.push(text);
    return this;
  }

  /** The segment so far. */
  toString(): string {
    return this.#lines.join("");
  }

  file(path: string, text: string, language: RecordedFile["language"] = "python"): number {
    const id = this.#id();
    this.#texts.set(id, text);
    const hash = createHash("sha256").update(text, "utf8").digest("hex");
    this.add("file", { id, path, language, hash, text, changed: false });
    return id;
  }

  site(file: number, options: SiteOptions): number {
    const id = this.#id();
    const { kind = "python", qualname = "", functionLine = kind === "python" ? 1 : 0, line } = options;
    const { column = null, endLine = null, endColumn = null, token = null } = options;
    this.add("site", { id, file, kind, qualname, functionLine, line, column, endLine, endColumn, token });
    return id;
  }

  /**
   * The site of a piece of a file's text, as CPython would give it: the `occurrence`th (from 1) place where `code` stands.
   *
   * @throws where the text does not hold it, as the test is wrong then
   */
  siteAt(
    file: number,
    code: string,
    options: Omit<SiteOptions, "line"> & { readonly occurrence?: number } = {},
  ): number {
    const text = this.#texts.get(file) ?? "";
    let start = -1;
    for (let left = options.occurrence ?? 1; left > 0; left -= 1) start = text.indexOf(code, start + 1);
    if (start === -1) throw new Error(`${JSON.stringify(code)} does not stand in this file.`);
    const from = place(text, start);
    const to = place(text, start + code.length);
    const token = options.kind === "template" ? code : null;
    return this.site(file, {
      token,
      ...options,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    });
  }

  /** Outermost site first; 0 for none. */
  stack(...sites: readonly number[]): number {
    let parent = 0;
    for (const site of sites) {
      const id = this.#id();
      this.add("stack", { id, parent, site });
      parent = id;
    }
    return parent;
  }

  construction(stack: number, chain: number): number {
    const id = this.#id();
    this.add("construction", { id, stack, chain });
    return id;
  }

  statement(sql: string, verb: Verb = "select", tables: readonly string[] = []): number {
    const id = this.#id();
    if (verb !== "savepoint" && verb !== "transaction") this.#applicationStatements.add(id);
    this.add("statement", { id, sql, verb, tables });
    return id;
  }

  cause(kind: CauseKind, options: CauseOptions = {}): number {
    const id = this.#id();
    const {
      model = null,
      field = null,
      lookup = null,
      api = null,
      path = null,
      refined = false,
      target = null,
    } = options;
    this.add("cause", { id, kind, model, field, lookup, api, path, refined, target });
    return id;
  }

  /** Opens a scope; `endScope` closes it. A test's scope in the call phase, unless told otherwise. */
  scope(options: ScopeOptions = {}): number {
    const id = this.#id();
    const { kind = options.test === undefined ? "request" : "test", test = null, ordinal = 1, parent = 0 } = options;
    const { phase = test === null ? null : "call" } = options;
    const { method = null, path = null, route = null, view = null, label = null } = options;
    this.#scopes.set(id, { queries: 0, sqlNs: 0, order: [] });
    this.add("scope", { id, kind, test, phase, ordinal, parent, method, path, route, view, label });
    return id;
  }

  row(scope: number, options: RowOptions): number {
    const id = this.#id();
    const {
      count = 1,
      ns = 1_000,
      rows = null,
      single = false,
      parent = 0,
      instances = parent === 0 ? 0 : count,
    } = options;
    const { stack = 0, construction = 0, cause, statement, db = "default", path = "" } = options;
    const { parameters = Math.max(1, instances), errors = 0, sample = null, eager } = options;
    const open = this.#scopes.get(scope) ?? { queries: 0, sqlNs: 0, order: [] };
    const first = open.order.reduce((sum, [times = 0]) => sum + times, 1);
    this.add("row", {
      id,
      scope,
      stack,
      construction,
      cause,
      statement,
      db,
      parent,
      path,
      count,
      rows,
      single,
      ns: [ns * count, ns, ns],
      first,
      last: first + count - 1,
      instances,
      parameters,
      errors,
      sample,
      ...(eager === undefined ? {} : { eager }),
    });
    open.order.push([count, id]);
    if (this.#applicationStatements.has(statement)) {
      open.queries += count;
      open.sqlNs += ns * count;
    }
    return id;
  }

  /** A relation that the row loaded along was read behind its scope. */
  eagerRead(row: number, path: string): this {
    return this.add("eagerRead", { row, path });
  }

  endScope(scope: number, status: number | null = null): this {
    const { queries = 0, sqlNs = 0, order = [] } = this.#scopes.get(scope) ?? {};
    return this.add("scopeEnd", { scope, queries, sqlNs, status, order, orderRest: 0 });
  }

  test(id: string, outcome: Outcome = "passed"): this {
    return this.add("test", { id, outcome, durationNs: 1_000_000 });
  }

  collected(tests: readonly string[], all = true, deselected = 0): this {
    return this.add("collected", { tests, all, deselected });
  }

  plan(statement: number, nodes: readonly PlanNode[], db = "default", vendor = "sqlite"): this {
    return this.add("plan", { statement, db, vendor, nodes });
  }

  probe(statement: number, probe: Omit<Probe, "statementId" | "db">, db = "default"): this {
    return this.add("probe", { statement, db, ...probe });
  }

  models(...models: readonly Model[]): this {
    return this.add("models", { models });
  }

  end(errors = 0): this {
    return this.add("end", { queries: 0, finishedAt: 1_767_225_601_000, errors });
  }

  #id(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

/** A model with sensible members, for tests that care about a few of them. */
export function model(label: string, fields: readonly ModelField[] = [], members: Partial<Model> = {}): Model {
  const [app = "", name = ""] = label.split(".");
  return {
    label,
    module: `${app}.models`,
    qualname: name,
    file: `${app}/models.py`,
    line: 1,
    table: `${app}_${name.toLowerCase()}`,
    proxyFor: null,
    abstractBases: [],
    parents: [],
    managed: true,
    vendor: "sqlite",
    baseManagerFilters: false,
    defaultManager: "objects",
    defaultManagerFilters: false,
    ordering: [],
    fields,
    indexes: [],
    uniqueTogether: [],
    ...members,
  };
}

/** A plain column, or a relation by the members that make it one. */
export function field(name: string, members: Partial<ModelField> = {}): ModelField {
  return {
    name,
    attname: name,
    column: name,
    type: "CharField",
    null: false,
    unique: false,
    index: false,
    primaryKey: false,
    relation: null,
    to: null,
    accessor: name,
    select: null,
    prefetch: null,
    remote: null,
    toField: null,
    ...members,
  };
}

function place(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: Buffer.byteLength(before.at(-1) ?? "", "utf8") };
}
