import type { Cause, CauseKind, EagerRelation, QueryRow, RecordedFile, Run, Scope, Site } from "./model.ts";
import { isSiteKind } from "./records.ts";
import { siblingId } from "./schema.ts";

/** The store's rows, and what they become outside it. */

export interface FileColumns {
  readonly id: number;
  readonly path: string;
  readonly language: RecordedFile["language"];
  readonly hash: string;
  readonly changed: number;
}

export function toFile({ id, path, language, hash, changed }: FileColumns): RecordedFile {
  return { id, path, language, hash, changedWhileRecording: changed === 1 };
}

export const siteColumns =
  "site.id, file_id, file.path, kind, qualname, function_line, line, column, end_line, end_column, token";

export interface SiteColumns {
  readonly id: number;
  readonly file_id: number;
  readonly path: string;
  readonly kind: string;
  readonly qualname: string;
  readonly function_line: number;
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  readonly token: string;
}

export function toSite(row: SiteColumns): Site {
  return {
    id: row.id,
    fileId: row.file_id,
    path: row.path,
    kind: isSiteKind(row.kind) ? row.kind : "other",
    qualname: row.qualname,
    functionLine: row.function_line,
    line: row.line,
    column: known(row.column),
    endLine: known(row.end_line),
    endColumn: known(row.end_column),
    token: row.token === "" ? null : row.token,
  };
}

/** Columns of a unique key hold -1 for null: to SQLite no null equals another. */
function known(value: number): number | null {
  return value === -1 ? null : value;
}

/** What a row asks: many rows ask the same, and share it. */
export type Query = Pick<QueryRow, "cause" | "statementId" | "db" | "path" | "single" | "sample">;

export interface QueryColumns {
  readonly cause_id: number;
  readonly statement_id: number;
  readonly db: string;
  readonly path: string;
  readonly single: number;
  readonly sample: string | null;
}

export function toQuery(query: QueryColumns, cause: Cause): Query {
  return {
    cause,
    statementId: query.statement_id,
    db: query.db,
    path: query.path,
    single: query.single === 1,
    sample: query.sample === null ? null : (JSON.parse(query.sample) as readonly string[]),
  };
}

export const rowColumns = `query_row.id, scope_id, stack_id, construction_id, query_id, query_row.parent, count, rows, sum_ns, min_ns, max_ns, first, last,
  instances, instances_at_least, parameters, parameters_at_least, errors, eager`;

export interface RowColumns {
  readonly id: number;
  readonly scope_id: number;
  readonly stack_id: number;
  readonly construction_id: number;
  readonly query_id: number;
  readonly parent: number;
  readonly count: number;
  readonly rows: number | null;
  readonly sum_ns: number;
  readonly min_ns: number | null;
  readonly max_ns: number | null;
  readonly first: number;
  readonly last: number | null;
  readonly instances: number;
  readonly instances_at_least: number | null;
  readonly parameters: number;
  readonly parameters_at_least: number | null;
  readonly errors: number | null;
  readonly eager: string | null;
}

const nothingLoaded: readonly EagerRelation[] = [];

export function toQueryRow(row: RowColumns, query: Query): QueryRow {
  return {
    id: row.id,
    scopeId: row.scope_id,
    stackId: row.stack_id,
    constructionId: row.construction_id === 0 ? null : row.construction_id,
    cause: query.cause,
    statementId: query.statementId,
    db: query.db,
    parentId: row.parent === 0 ? null : siblingId(row.id, row.parent),
    path: query.path,
    count: row.count,
    rows: row.rows,
    single: query.single,
    sumNs: row.sum_ns,
    minNs: row.min_ns ?? row.sum_ns,
    maxNs: row.max_ns ?? row.sum_ns,
    first: row.first,
    last: row.last ?? row.first,
    instances: row.instances,
    instancesAtLeast: row.instances_at_least === 1,
    parameters: row.parameters,
    parametersAtLeast: row.parameters_at_least === 1,
    errors: row.errors ?? 0,
    sample: query.sample,
    eager: row.eager === null ? nothingLoaded : (JSON.parse(row.eager) as readonly EagerRelation[]),
  };
}

export interface CauseColumns {
  readonly kind: CauseKind;
  /** JSON, in the order in which Interning.cause writes them. */
  readonly members: string;
}

export function toCause({ kind, members }: CauseColumns): Cause {
  const [model, field, lookup, api, path, refined, target] = JSON.parse(members) as readonly (
    | string
    | boolean
    | null
  )[];
  const name = (value: string | boolean | null | undefined): string | null =>
    typeof value === "string" ? value : null;
  return {
    kind,
    model: name(model),
    field: name(field),
    lookup: name(lookup),
    api: name(api),
    path: name(path),
    refined: refined === true,
    target: name(target),
  };
}

export const scopeColumns = `scope.id, scope.kind, CASE WHEN subject.kind <> 'other' THEN subject.name END AS test, phase, ordinal, parent, method,
  path, route, view, label, status, queries, sql_ns, run.name AS run, run.started_at
  FROM scope JOIN recording ON recording.id = recording_id JOIN subject ON subject.id = subject_id JOIN run ON run.id = run_id`;

export interface ScopeColumns {
  readonly id: number;
  readonly kind: Scope["kind"];
  readonly test: string | null;
  readonly phase: Scope["phase"];
  readonly ordinal: number;
  readonly parent: number;
  readonly method: string | null;
  readonly path: string | null;
  readonly route: string | null;
  readonly view: string | null;
  readonly label: string | null;
  readonly status: number | null;
  readonly queries: number;
  readonly sql_ns: number;
  readonly run: string;
  readonly started_at: number;
}

export function toScope(row: ScopeColumns): Scope {
  return {
    id: row.id,
    kind: row.kind,
    test: row.test,
    phase: row.phase,
    ordinal: row.ordinal,
    parentId: row.parent === 0 ? null : siblingId(row.id, row.parent),
    method: row.method,
    path: row.path,
    route: row.route,
    view: row.view,
    label: row.label,
    status: row.status,
    queries: row.queries,
    sqlNs: row.sql_ns,
    run: row.run,
    recordedAt: row.started_at,
  };
}

export interface RunColumns {
  readonly name: string;
  readonly state: Run["state"];
  readonly command: string;
  readonly runner: string;
  readonly root: string | null;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly collected: number;
  readonly recorded: number;
}

export function toRun(row: RunColumns): Run {
  return {
    id: row.name,
    state: row.state,
    command: JSON.parse(row.command) as readonly string[],
    runner: row.runner,
    root: row.root,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    collected: row.collected,
    recorded: row.recorded,
  };
}
