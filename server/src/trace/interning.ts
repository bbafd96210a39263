import { createHash } from "node:crypto";
import type { RecordOf } from "./records.ts";
import type { Database, SqlValue, Statement } from "./sqlite.ts";

interface IdRow {
  readonly id: number;
}

/** What segments have in common stands once in the store: each method answers the id of the equal record, new or known. */
export class Interning {
  readonly #findFile: Statement<{ id: number; text: string | null; last_run: string }>;
  readonly #addFile: Statement<unknown>;
  readonly #renewFile: Statement<unknown>;
  readonly #site: Interned;
  readonly #stack: Interned;
  readonly #closeStack: Statement<unknown>;
  readonly #stackSites: Statement<unknown>;
  readonly #construction: Interned;
  readonly #findStatement: Statement<{ id: number; tables: string }>;
  readonly #addStatement: Statement<unknown>;
  readonly #renewStatement: Statement<unknown>;
  readonly #cause: Interned;
  readonly #subject: Interned;

  constructor(database: Database) {
    this.#findFile = database.prepare(
      "SELECT id, text, last_run FROM file WHERE path = ? AND hash = ? AND language = ? AND changed = ?",
    );
    this.#addFile = database.prepare(
      "INSERT INTO file (path, hash, language, changed, text, last_run) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#renewFile = database.prepare("UPDATE file SET last_run = ? WHERE id = ?");
    this.#site = new Interned(database, "site", [
      "file_id",
      "line",
      "column",
      "end_line",
      "end_column",
      "kind",
      "qualname",
      "function_line",
      "token",
    ]);
    this.#stack = new Interned(database, "stack", ["parent", "site_id"], ["depth"]);
    this.#closeStack = database.prepare("UPDATE stack SET closed = 1 WHERE id = ? AND closed = 0");
    this.#stackSites = database.prepare(`
      WITH RECURSIVE outward (id, parent, site_id) AS (
        SELECT id, parent, site_id FROM stack WHERE id = ?
        UNION ALL
        SELECT stack.id, stack.parent, stack.site_id FROM stack JOIN outward ON stack.id = outward.parent
      )
      INSERT OR IGNORE INTO stack_site (site_id, stack_id) SELECT site_id, ? FROM outward`);
    this.#construction = new Interned(database, "construction", ["chain_id", "stack_id"]);
    this.#findStatement = database.prepare("SELECT id, tables FROM statement WHERE hash = ?");
    this.#addStatement = database.prepare("INSERT INTO statement (hash, sql, verb, tables) VALUES (?, ?, ?, ?)");
    this.#renewStatement = database.prepare("UPDATE statement SET tables = ? WHERE id = ?");
    this.#cause = new Interned(database, "cause", ["kind", "members"]);
    this.#subject = new Interned(database, "subject", ["kind", "name"]);
  }

  /** Null where the text is not what its hash says: one segment must not put words into another's file. */
  file(record: RecordOf<"file">, path: string, run: string): number | null {
    const text = record.text ?? null;
    const key = [path, record.hash, record.language, record.changed === true ? 1 : 0] as const;
    const known = this.#findFile.get(...key);
    if (known !== undefined) {
      if (known.last_run < run) this.#renewFile.run(run, known.id);
      return known.id;
    }
    if (text === null ? record.hash !== "" : sha256(text, "hex") !== record.hash) return null;
    return this.#addFile.run(...key, text, run).id;
  }

  site(record: RecordOf<"site">, fileId: number): number {
    return this.#site.id(
      fileId,
      record.line,
      record.column ?? -1,
      record.endLine ?? -1,
      record.endColumn ?? -1,
      record.kind,
      record.qualname,
      record.functionLine,
      record.token ?? "",
    );
  }

  /** @param depth of the stack, from 1 */
  stack(parent: number, site: number, depth: number): number {
    return this.#stack.id(parent, site, depth);
  }

  /** Makes the rows of this stack findable through each of its sites. Only stacks that rows name need it, not all of their prefixes. */
  closeStack(stack: number): void {
    if (this.#closeStack.run(stack).changes > 0) this.#stackSites.run(stack, stack);
  }

  construction(stack: number, chain: number): number {
    return this.#construction.id(chain, stack);
  }

  statement(record: RecordOf<"statement">, verb: string): number {
    const hash = sha256(record.sql, "base64url");
    const known = this.#findStatement.get(hash);
    if (known === undefined) return this.#addStatement.run(hash, record.sql, verb, JSON.stringify(record.tables)).id;
    // The same SQL through a cursor names no tables; through the ORM it does.
    if (known.tables === "[]" && record.tables.length > 0) {
      this.#renewStatement.run(JSON.stringify(record.tables), known.id);
    }
    return known.id;
  }

  cause(kind: string, record: RecordOf<"cause">): number {
    const { model, field, lookup, api, path, target } = record;
    const members = [model, field, lookup, api, path, record.refined === true, target];
    return this.#cause.id(kind, JSON.stringify(members.map((member) => member ?? null)));
  }

  subject(kind: string, name: string): { readonly id: number; readonly isNew: boolean } {
    const id = this.#subject.id(kind, name);
    return { id, isNew: this.#subject.wasNew };
  }
}

/** A table whose rows are found by `key`; `rest` is only written. */
class Interned {
  readonly #find: Statement<IdRow>;
  readonly #add: Statement<unknown>;
  readonly #keyLength: number;
  /** Of the last one. In a first recording nearly all is new, in a later one nearly all is known: what was the case last is tried first. */
  #wasNew = true;

  constructor(database: Database, table: string, key: readonly string[], rest: readonly string[] = []) {
    const columns = [...key, ...rest];
    this.#keyLength = key.length;
    this.#find = database.prepare(
      `SELECT id FROM ${table} WHERE ${key.map((column) => `${column} = ?`).join(" AND ")}`,
    );
    this.#add = database.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
  }

  get wasNew(): boolean {
    return this.#wasNew;
  }

  id(...values: readonly SqlValue[]): number {
    const known = this.#wasNew ? null : this.known(...values.slice(0, this.#keyLength));
    if (known !== null) return known;
    const { changes, id } = this.#add.run(...values);
    this.#wasNew = changes > 0;
    if (this.#wasNew) return id;
    return this.known(...values.slice(0, this.#keyLength)) ?? 0;
  }

  known(...key: readonly SqlValue[]): number | null {
    return this.#find.get(...key)?.id ?? null;
  }
}

export function sha256(text: string, encoding: "hex" | "base64url"): string {
  return createHash("sha256").update(text, "utf8").digest(encoding);
}
