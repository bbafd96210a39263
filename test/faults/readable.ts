import type { Json } from "./demoSegment.ts";
import type { MutantLine } from "./mutants.ts";

/**
 * What must come out of a segment with broken lines, worked out without the reader's code.
 *
 * A broken line takes with it: its own record; what refers to that record, through any number of others; and, where it bears the id of a
 * record that comes after it, that record, as the first of an id is the one that is meant. A broken end closes its scope. Without its
 * header nothing is read. All else is *readable* and must be there as it was written.
 */
export interface Readable {
  /** Rows by their own id, of scopes whose end is readable too. */
  readonly rows: ReadonlyMap<number, ReadableRow>;
  /** By their own id. */
  readonly scopes: ReadonlyMap<number, { readonly scope: Json; readonly end: Json }>;
  /** Tests whose end is readable. */
  readonly tests: readonly string[];
}

export interface ReadableRow {
  readonly row: Json;
  readonly cause: Json;
  readonly sql: string;
  /** `path:line:column qualname`, outermost first. */
  readonly stack: readonly string[];
  /** The same of the queryset's expression; null for none. */
  readonly chain: string | null;
}

interface Entry {
  readonly record: Json;
  /** The line and all that it refers to are as the recorder wrote them. */
  readonly sound: boolean;
}

interface OpenScope extends Entry {
  readonly rows: number[];
}

const refersTo: Readonly<Record<string, readonly (readonly [member: string, type: string])[]>> = {
  file: [],
  site: [["file", "file"]],
  stack: [
    ["parent", "stack"],
    ["site", "site"],
  ],
  construction: [
    ["stack", "stack"],
    ["chain", "site"],
  ],
  statement: [],
  cause: [],
  scope: [],
  row: [
    ["stack", "stack"],
    ["construction", "construction"],
    ["cause", "cause"],
    ["statement", "statement"],
    ["scope", "scope"],
  ],
};

export function readableIn(lines: readonly MutantLine[]): Readable {
  const defined = new Map<string, Entry>();
  const open = new Map<number, OpenScope>();
  const rows = new Map<number, ReadableRow>();
  const scopes = new Map<number, { readonly scope: Json; readonly end: Json }>();
  const tests: string[] = [];
  if (lines[0]?.kept !== true || parsed(lines[0].text)?.["type"] !== "header") return { rows, scopes, tests };
  for (const { text, kept } of lines) {
    const record = parsed(text);
    const type = String(record?.["type"]);
    if (record === null) continue;
    if (type === "scopeEnd") {
      const scope = open.get(Number(record["scope"]));
      if (scope === undefined) continue;
      open.delete(Number(record["scope"]));
      if (kept && scope.sound) scopes.set(Number(record["scope"]), { scope: scope.record, end: record });
      else for (const row of scope.rows) rows.delete(row);
    } else if (type === "test" && kept) tests.push(String(record["id"]));
    const references = refersTo[type];
    const key = `${type} ${record["id"]}`;
    // 0 stands for none.
    if (references === undefined || record["id"] === 0 || defined.has(key)) continue;
    const sound =
      kept && references.every(([member, of]) => record[member] === 0 || defined.get(`${of} ${record[member]}`)?.sound);
    defined.set(key, { record, sound });
    if (type === "scope") open.set(Number(record["id"]), { record, sound, rows: [] });
    const scope = type === "row" ? open.get(Number(record["scope"])) : undefined;
    if (scope?.sound && sound) {
      scope.rows.push(Number(record["id"]));
      rows.set(Number(record["id"]), rowOf(record, defined));
    }
  }
  for (const { rows: unended } of open.values()) for (const row of unended) rows.delete(row);
  return { rows, scopes, tests };
}

function rowOf(row: Json, defined: ReadonlyMap<string, Entry>): ReadableRow {
  const get = (type: string, id: unknown): Json => defined.get(`${type} ${id}`)?.record ?? {};
  const site = (id: unknown): string => {
    const found = get("site", id);
    return placeOf(get("file", found["file"]), found);
  };
  const stack: string[] = [];
  for (let id = row["stack"]; id !== 0; id = get("stack", id)["parent"]) stack.unshift(site(get("stack", id)["site"]));
  const chain = get("construction", row["construction"])["chain"] ?? 0;
  const sql = String(get("statement", row["statement"])["sql"]);
  return { row, cause: get("cause", row["cause"]), sql, stack, chain: chain === 0 ? null : site(chain) };
}

export function placeOf(file: Json, site: Json): string {
  // Half a character is none in UTF-8, in which the store keeps its texts.
  return `${file["path"]}:${site["line"]}:${site["column"] ?? null} ${site["qualname"]}`.toWellFormed();
}

export function parsed(text: string): Json | null {
  try {
    // What is no character in UTF-8 is read as one that is.
    const value: unknown = JSON.parse(Buffer.from(text, "utf8").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}
