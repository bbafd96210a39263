import { Correlator } from "../correlate/correlator.ts";
import { analyse } from "../insights/analyse.ts";
import type { Finding } from "../insights/finding.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import type {
  CauseKind,
  EagerRelation,
  Model,
  ModelField,
  Outcome,
  Phase,
  Relation,
  TraceReader,
} from "../trace/model.ts";
import { createMemoryTrace, field, model, SegmentBuilder, type SiteOptions } from "../trace/testing.ts";
import type { FixResult } from "./fix.ts";
import { fixFor } from "./fixFor.ts";

let parser: Promise<PythonParser> | undefined;

/** A piece of a file's text, which of its occurrences (from 1), and what the site is where it is no call. */
export type Code = readonly [path: string, code: string, occurrence?: number, site?: Omit<SiteOptions, "line">];

export interface QuerySpec {
  readonly model: string;
  /** The call that made the queryset; none for a generic view's `model = …`. */
  readonly built?: Code;
  /** User frames further out when the queryset was made, outermost first. */
  readonly callers?: readonly Code[];
  /** User frames at the evaluation, outermost first. */
  readonly stack?: readonly Code[];
  readonly rows?: number | null;
  readonly count?: number;
  /** Distinct parameters. */
  readonly parameters?: number;
  readonly single?: boolean;
  readonly api?: string;
  readonly sql?: string;
  /** Those of a join; the model's own first. */
  readonly tables?: readonly string[];
  readonly kind?: CauseKind;
  readonly db?: string;
  readonly errors?: number;
  /** What was loaded along: `["customer", 5, false]` for five customers that nobody read. */
  readonly eager?: readonly Eager[];
}

export type Eager = readonly [path: string, loaded: number, read: boolean];

export interface LoadSpec {
  /** The row whose query loaded the instances. */
  readonly on: number;
  readonly kind: CauseKind;
  /** `shop.Order.customer` */
  readonly attribute: string;
  readonly target: string;
  readonly at?: Code;
  readonly stack?: readonly Code[];
  readonly count: number;
  readonly instances?: number;
  readonly rows?: number;
  /** Distinct parameter lists; as many as instances by default. */
  readonly parameters?: number;
  readonly path?: string;
  readonly refined?: boolean;
  readonly api?: string;
  readonly built?: Code;
  readonly single?: boolean;
  readonly db?: string;
  readonly prefetch?: string;
  readonly eager?: readonly Eager[];
}

/** Writes a recording of a few files, as the recorder would, for tests of rules and fixes. */
export class Recording {
  readonly #segment: SegmentBuilder;
  readonly #columns: boolean;
  readonly #scopes: number[] = [];
  readonly #tests = new Set<string>();
  readonly #statuses = new Map<number, number>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #files = new Map<string, { readonly id: number; readonly text: string }>();

  /**
   * @param columns false as Python 3.10 records: lines only
   * @param header members of the segment's header that matter
   */
  constructor(
    files: Readonly<Record<string, string>>,
    models: readonly Model[] = shopModels,
    columns = true,
    header: Readonly<Record<string, unknown>> = {},
  ) {
    this.#segment = new SegmentBuilder(undefined, undefined, header);
    this.#columns = columns;
    this.#segment.models(...models);
    for (const [path, text] of Object.entries(files)) {
      this.#files.set(path, {
        id: this.#segment.file(path, text, isTemplate(path) ? "django-template" : "python"),
        text,
      });
    }
  }

  /** A file is edited: what follows is recorded of the new text, which is today's. */
  edit(path: string, text: string): void {
    this.#files.set(path, {
      id: this.#segment.file(path, text, isTemplate(path) ? "django-template" : "python"),
      text,
    });
  }

  /** A request made by a test; its frames outside the request come first on every stack. */
  request(
    route: string,
    test: string | null = null,
    from: readonly Code[] = [],
    view: string | null = null,
  ): RecordedScope {
    const scope = this.#segment.scope({
      kind: "request",
      test,
      phase: test === null ? null : "call",
      method: "GET",
      route,
      view,
    });
    return this.#opened(scope, test, from);
  }

  /** How a test ends that does not pass. */
  ends(test: string, outcome: Outcome): void {
    this.#outcomes.set(test, outcome);
  }

  /** What a request is answered with, where that matters. */
  answers({ id }: RecordedScope, status: number): void {
    this.#statuses.set(id, status);
  }

  /** A management command, in which no test takes part. */
  command(label: string): RecordedScope {
    return this.#opened(this.#segment.scope({ kind: "command", label }), null, []);
  }

  /** Code that a test calls itself. */
  test(test: string, phase: Phase = "call", from: readonly Code[] = []): RecordedScope {
    const scope = this.#segment.scope({ test, phase });
    return this.#opened(scope, test, from);
  }

  /** Ends all scopes and tests; `today` are texts that changed since. */
  async open(today: Readonly<Record<string, string>> = {}): Promise<OpenRecording> {
    for (const scope of this.#scopes) this.#segment.endScope(scope, this.#statuses.get(scope) ?? null);
    for (const test of this.#tests) this.#segment.test(test, this.#outcomes.get(test));
    const texts = new Map(Array.from(this.#files, ([path, { text }]) => [path, text]));
    for (const [path, text] of Object.entries(today)) texts.set(path, text);
    const reader = createMemoryTrace(this.#segment);
    parser ??= createPythonParser();
    return new OpenRecording(reader, texts, await parser);
  }

  #opened(scope: number, test: string | null, from: readonly Code[]): RecordedScope {
    this.#scopes.push(scope);
    if (test !== null) this.#tests.add(test);
    return new RecordedScope(this.#segment, scope, (code) => this.#site(code), from);
  }

  #site([path, code, occurrence = 1, site = {}]: Code): number {
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`${path} is no file of this recording.`);
    if (!this.#columns || site.column === null) {
      const offset = file.text.split(code).slice(0, occurrence).join(code).length;
      return this.#segment.site(file.id, { ...site, line: file.text.slice(0, offset).split("\n").length });
    }
    return this.#segment.siteAt(file.id, code, { kind: isTemplate(path) ? "template" : "python", occurrence, ...site });
  }
}

export class RecordedScope {
  readonly #segment: SegmentBuilder;
  readonly id: number;
  readonly #site: (code: Code) => number;
  readonly #from: readonly Code[];

  constructor(segment: SegmentBuilder, scope: number, site: (code: Code) => number, from: readonly Code[]) {
    this.#segment = segment;
    this.id = scope;
    this.#site = site;
    this.#from = from;
  }

  query(spec: QuerySpec): number {
    const { rows = 1, count = 1, single = false, api = "iterate", kind = "queryset", db = "default" } = spec;
    const { built, stack = built === undefined ? [] : [built] } = spec;
    const cause = this.#segment.cause(kind, { model: spec.model, target: spec.model, api });
    const statement = this.#segment.statement(spec.sql ?? `SELECT * FROM ${spec.model}`, "select", spec.tables);
    return this.#segment.row(this.id, {
      stack: this.#stack(stack),
      construction: this.#construction(built, spec.callers),
      cause,
      statement,
      db,
      count,
      rows,
      single,
      ...(spec.parameters === undefined ? {} : { parameters: spec.parameters }),
      ...(spec.errors === undefined ? {} : { errors: spec.errors }),
      ...eagerMember(spec),
    });
  }

  /** A save of one row. */
  write(table: string, at: Code, column = "name"): number {
    return this.#segment.row(this.id, {
      stack: this.#stack([at]),
      cause: this.#segment.cause("save"),
      statement: this.#segment.statement(`UPDATE ${table} SET ${column} = %s`, "update", [table]),
    });
  }

  load(spec: LoadSpec): number {
    const {
      on,
      kind,
      attribute,
      count,
      instances = count,
      rows = count,
      path = "",
      refined = false,
      db = "default",
    } = spec;
    const {
      built,
      stack = spec.at === undefined ? [] : [spec.at],
      single = /one|foreign_key/.test(kind) && !kind.startsWith("reverse_f"),
    } = spec;
    const dot = attribute.lastIndexOf(".");
    const accessor = attribute.slice(dot + 1);
    const members = { model: attribute.slice(0, dot), field: accessor, lookup: accessor, target: spec.target, refined };
    const api = spec.api ?? (single ? undefined : "iterate");
    const cause = this.#segment.cause(kind, {
      ...members,
      ...(api === undefined ? {} : { api }),
      ...(spec.prefetch === undefined ? {} : { path: spec.prefetch }),
    });
    return this.#segment.row(this.id, {
      stack: this.#stack(stack),
      construction: kind === "prefetch" && built === undefined ? 0 : this.#construction(built),
      cause,
      statement: this.#segment.statement(`SELECT * FROM ${spec.target} WHERE ${accessor} = %s`, "select", [
        spec.target,
      ]),
      db,
      parent: on,
      path,
      count,
      rows,
      instances,
      ...(spec.parameters === undefined ? {} : { parameters: spec.parameters }),
      single,
      ...eagerMember(spec),
    });
  }

  #stack(codes: readonly Code[]): number {
    return this.#segment.stack(...[...this.#from, ...codes].map((code) => this.#site(code)));
  }

  /** Where the application builds none, the recorder's innermost user frame is the test's. */
  #construction(built: Code | undefined, callers: readonly Code[] = []): number {
    const chain = built ?? this.#from.at(-1);
    if (chain === undefined) return 0;
    return this.#segment.construction(this.#stack(built === undefined ? [] : [...callers, built]), this.#site(chain));
  }
}

/** The recording with today's texts. */
export class OpenRecording {
  readonly reader: TraceReader;
  readonly correlator: Correlator;
  readonly #texts: ReadonlyMap<string, string>;

  constructor(reader: TraceReader, texts: ReadonlyMap<string, string>, parser: PythonParser) {
    this.reader = reader;
    this.#texts = texts;
    this.correlator = new Correlator(reader, { read: (path) => texts.get(path) ?? null }, parser);
  }

  findings(): readonly Finding[] {
    return analyse(this.reader, this.correlator);
  }

  /** The only finding. @throws where there are more or none. */
  finding(): Finding {
    const [finding, ...others] = this.findings();
    if (finding === undefined || others.length > 0) throw new Error(`${others.length + (finding ? 1 : 0)} findings`);
    return finding;
  }

  fix(findings: readonly Finding[] = this.findings()): FixResult {
    return fixFor(findings, this);
  }

  /** A file after the fix of all findings; the reason where it is withheld. */
  fixed(path: string): string {
    const result = this.fix();
    if (!result.ok) return `withheld: ${result.withheld.reason}`;
    return applyEdits(
      this.#texts.get(path) ?? "",
      result.fix.edits.filter(({ file }) => file === path),
    );
  }
}

function eagerMember({ eager }: { readonly eager?: readonly Eager[] }): { readonly eager?: readonly EagerRelation[] } {
  return eager === undefined ? {} : { eager: eager.map(([path, loaded, read]) => ({ path, loaded, read })) };
}

function isTemplate(path: string): boolean {
  return path.endsWith(".html");
}

const single: ReadonlySet<Relation> = new Set(["foreign_key", "one_to_one", "reverse_one_to_one"]);

/** A relation's field with the names that Django's lookups take for it. */
export function relation(accessor: string, kind: Relation, to: string, members: Partial<ModelField> = {}): ModelField {
  const isForward = kind === "foreign_key" || kind === "one_to_one";
  return field(accessor, {
    relation: kind,
    to,
    accessor,
    attname: isForward ? `${accessor}_id` : accessor,
    column: isForward ? `${accessor}_id` : null,
    select: single.has(kind) ? accessor : null,
    prefetch: accessor,
    ...members,
  });
}

/** Orders with customers (who have an address or none), items of products, one shipment, and tags. */
export const shopModels: readonly Model[] = [
  model("shop.Order", [
    field("id", { primaryKey: true }),
    relation("customer", "foreign_key", "shop.Customer"),
    relation("items", "reverse_foreign_key", "shop.OrderItem"),
    relation("shipment", "reverse_one_to_one", "shop.Shipment"),
    relation("tags", "many_to_many", "shop.Tag", { column: "tags" }),
  ]),
  model("shop.Customer", [
    relation("address", "foreign_key", "shop.Address", { null: true }),
    relation("orders", "reverse_foreign_key", "shop.Order"),
  ]),
  model("shop.Address"),
  model("shop.OrderItem", [
    relation("order", "foreign_key", "shop.Order"),
    relation("product", "foreign_key", "shop.Product"),
  ]),
  model("shop.Product"),
  model("shop.Shipment", [relation("order", "one_to_one", "shop.Order")]),
  model("shop.Tag"),
];
