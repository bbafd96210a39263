import { isFactory } from "../text/factories.ts";
import type { Construction, QueryRow, Scope, Site, Statement, TraceReader } from "../trace/model.ts";
import { Schema } from "./schema.ts";
import { selects } from "./selected.ts";
import { isSetup, TestFiles } from "./testFiles.ts";

/**
 * What the rules ask of one state of the trace again and again, kept until the next ingest: findings are worked out anew with each
 * change of a text, and must not stand in the way of typing.
 */
export class TraceFacts {
  readonly schema: Schema;
  readonly tests: TestFiles;
  readonly #reader: TraceReader;
  readonly #scopes: ReadonlyMap<number, Scope>;
  readonly #rows = new Map<number, QueryRow | null>();
  readonly #parents = new Map<number, readonly QueryRow[]>();
  readonly #constructions = new Map<number, Construction | null>();
  readonly #versions = new Map<string, boolean>();
  readonly #built = new Map<number, readonly QueryRow[]>();
  readonly #statements = new Map<number, Statement>();
  readonly #writes = new Map<number, readonly QueryRow[]>();

  constructor(reader: TraceReader) {
    const scopes = reader.scopes();
    this.#reader = reader;
    this.#scopes = new Map(scopes.map((scope) => [scope.id, scope]));
    this.schema = new Schema(reader.models());
    this.tests = new TestFiles(scopes);
  }

  scope(id: number): Scope {
    return this.#scopes.get(id) ?? this.#reader.scope(id);
  }

  stack({ stackId }: QueryRow | Construction): readonly Site[] {
    return this.#reader.stack(stackId);
  }

  construction({ constructionId }: QueryRow): Construction | null {
    return constructionId === null
      ? null
      : remembered(this.#constructions, constructionId, (id) => this.#reader.construction(id));
  }

  isSelect(row: QueryRow): boolean {
    return this.statement(row).verb === "select";
  }

  statement({ statementId }: QueryRow): Statement {
    return remembered(this.#statements, statementId, (id) => this.#reader.statement(id));
  }

  /** Model instances that the query loaded, over all executions; null where it loaded none: what `values()` gives lacks the key as a rule. */
  instances(row: QueryRow): number | null {
    const model = row.cause.target ?? row.cause.model;
    const key = model === null || row.rows === null ? null : this.schema.keyColumn(model);
    return key === null || selects(this.statement(row).sql, key, true) ? row.rows : null;
  }

  writesIn(scopeId: number): readonly QueryRow[] {
    return remembered(this.#writes, scopeId, (id) => this.#reader.writesOfScope(id));
  }

  /** The test's own code, its factories or its set-up asked for it, not the application's. */
  isTestsOwn(row: QueryRow): boolean {
    const scope = this.scope(row.scopeId);
    if (isSetup(scope)) return true;
    if (scope.kind !== "test") return false;
    const stack = this.stack(row);
    const at = stack.at(-1);
    return (at !== undefined && this.tests.has(at.path)) || stack.some(isFactory);
  }

  /** The file was recorded with several texts: each has sites of its own for what stands at one place today. */
  hasVersions(path: string): boolean {
    return remembered(this.#versions, path, () => this.#reader.filesAt(path).length > 1);
  }

  /** The rows whose queryset was built at the site. */
  builtAt({ id }: Site): readonly QueryRow[] {
    return remembered(this.#built, id, (site) => this.#reader.rowsBuiltAt([site]));
  }

  /**
   * The query can bring one row only. That of a page cannot be told from its LIMIT: a paginator counts the rows first, and cuts its last page
   * to as many as there are.
   */
  isSingle(row: QueryRow): boolean {
    const chain = row.single && row.cause.kind === "queryset" ? (this.construction(row)?.chain ?? null) : null;
    if (chain === null || row.cause.api !== "iterate") return row.single;
    return !this.builtAt(chain).some(
      ({ scopeId, cause }) => scopeId === row.scopeId && /^a?count$/.test(cause.api ?? ""),
    );
  }

  /** The rows further out, nearest first, up to one that hangs on none. */
  parents(row: QueryRow): readonly QueryRow[] {
    return remembered(this.#parents, row.id, () => this.#walk(row));
  }

  #walk(row: QueryRow): readonly QueryRow[] {
    const parents: QueryRow[] = [];
    const seen = new Set([row.id]);
    let current = row;
    while (current.parentId !== null && parents.length < maxHops) {
      const parent = remembered(this.#rows, current.parentId, (id) => this.#reader.row(id));
      if (parent === null || seen.has(parent.id)) break;
      seen.add(parent.id);
      parents.push(parent);
      current = parent;
    }
    return parents;
  }
}

/** Deeper than any path that people write; broken records could form a ring. */
const maxHops = 20;

const known = new WeakMap<TraceReader, { readonly generation: number; readonly facts: TraceFacts }>();

export function factsOf(reader: TraceReader): TraceFacts {
  const { generation } = reader;
  let entry = known.get(reader);
  if (entry?.generation !== generation) {
    entry = { generation, facts: new TraceFacts(reader) };
    known.set(reader, entry);
  }
  return entry.facts;
}

function remembered<K, V>(map: Map<K, V>, key: K, find: (key: K) => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = find(key);
    map.set(key, value);
  }
  return value;
}
