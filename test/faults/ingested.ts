import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { QueryRow, Site, TraceReader } from "../../server/src/trace/model.ts";
import { isSafePath } from "../../server/src/trace/paths.ts";
import type { Json } from "./demoSegment.ts";
import type { Mutant } from "./mutants.ts";
import { parsed, placeOf, type Readable, readableIn } from "./readable.ts";

/** The own id of a scope or row: what stands in the segment. The store adds the segment's number far above it. */
const ownIds = 2 ** 28;

/** Nothing readable is lost, and nothing is there that the segment does not say. */
export function checkIngested(reader: TraceReader, run: string, mutant: Mutant): number {
  const readable = readableIn(mutant.lines);
  const rows = new Map<number, QueryRow>();
  const scopes = reader.scopesOfRun(run);
  for (const { id } of scopes) for (const row of reader.rowsOfScope(id)) rows.set(row.id % ownIds, row);
  const found = new Map(scopes.map((scope) => [scope.id % ownIds, scope]));
  const why = () => String(mutant);

  for (const [id, { scope, end }] of readable.scopes) {
    const { kind, test, phase, method, route, view, path } = scope;
    const { status, queries, sqlNs } = end;
    const wanted = { kind, test, phase, method, route, view, path, status, queries, sqlNs };
    expect(found.get(id), why()).toMatchObject(wanted);
  }
  for (const [id, { row, cause, sql, stack, chain }] of readable.rows) {
    const got = rows.get(id);
    if (got === undefined) throw new Error(`Row ${id} is lost. ${why()}`);
    const { sumNs, minNs, maxNs, db, path, count, first, last, instances, parameters, errors } = got;
    const own = [db, path, count, [sumNs, minNs, maxNs], first, last, instances, parameters, errors, got.rows];
    const { kind, model, field, lookup, api } = got.cause;
    const construction = got.constructionId === null ? null : reader.construction(got.constructionId);
    expect(
      [
        own,
        { kind, model, field, lookup, api },
        reader.statement(got.statementId).sql,
        shown(reader.stack(got.stackId)),
      ],
      why(),
    ).toEqual([
      [
        row["db"],
        row["path"],
        row["count"],
        row["ns"],
        row["first"],
        row["last"],
        row["instances"],
        row["parameters"],
        row["errors"],
        row["rows"],
      ],
      { kind: cause["kind"], model: cause["model"], field: cause["field"], lookup: cause["lookup"], api: cause["api"] },
      sql,
      stack,
    ]);
    expect(construction?.chain ? siteName(construction.chain) : null, why()).toBe(chain);
  }
  checkSaid(reader, [...rows.values()], mutant, readable);
  return readable.rows.size;
}

/** Of each row that the store has, the segment must have a record with its numbers, whose stack can be read as the store's. */
function checkSaid(reader: TraceReader, rows: readonly QueryRow[], mutant: Mutant, readable: Readable): void {
  if (rows.length === readable.rows.size) return;
  const records = mutant.lines.map(({ text }) => parsed(text)).filter((record) => record !== null);
  const defined = Map.groupBy(records, ({ type, id }) => `${type} ${id}`);
  const get = (type: string, id: unknown): readonly Json[] => defined.get(`${type} ${id}`) ?? [];
  /** Of an id that several lines define, any may be the one that could be read. */
  const stacks = (id: unknown, depth = 0): readonly string[] => {
    if (id === 0 || depth > 100) return [""];
    return get("stack", id).flatMap(({ parent, site }) =>
      stacks(parent, depth + 1).flatMap((outer) => sites(site).map((inner) => outer + inner)),
    );
  };
  const sites = (id: unknown): readonly string[] =>
    get("site", id).flatMap((site) =>
      get("file", site["file"]).flatMap((file) => {
        const place = isSafePath(String(file["path"])) ? [`${placeOf(file, site)}\n`] : [];
        return isWhole(file) ? place : [...place, ""];
      }),
    );
  for (const row of rows) {
    const { id, db, path, count, first, last } = row;
    const key = rowKey(id % ownIds, { db, path, count, first, last });
    const stack = reader.stack(row.stackId).map((site) => `${siteName(site)}\n`);
    const said = get("row", id % ownIds).filter((record) => rowKey(record["id"], record) === key);
    if (said.some((record) => stacks(record["stack"]).includes(stack.join("")))) continue;
    throw new Error(`Nothing says ${key} in\n${stack.join("")}${mutant}`);
  }
}

/** What stands in a file that lies elsewhere, or whose text is not what its hash says, is left out of its stacks. */
function isWhole({ path, text, hash }: Json): boolean {
  return isSafePath(String(path)) && createHash("sha256").update(String(text)).digest("hex") === hash;
}

function rowKey(id: unknown, { db, path, count, first, last }: Json | { readonly [member: string]: unknown }): string {
  return `row ${id}: ${db} ${path} ${count} ${first} ${last}`.toWellFormed();
}

function shown(stack: readonly Site[]): readonly string[] {
  return stack.map(siteName);
}

function siteName({ path, line, column, qualname }: Site): string {
  return `${path}:${line}:${column} ${qualname}`;
}
