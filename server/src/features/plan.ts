import type { Plan, PlanNode, Probe } from "../trace/model.ts";
import { oneLine } from "./untrusted.ts";

const shownNodes = 60;
const deepest = 20;

/**
 * A plan as indented text, one node a line; what a node says in its database's words is followed by ours where it is costly in kind.
 * Never a cost or a time: test tables are too small for those to mean anything.
 */
export function planText(plan: Plan, probes: readonly Probe[] = []): string {
  const ids = new Set(plan.nodes.map(({ id }) => id));
  // A parent that is not there (or is the node itself) makes a node a root: nothing of a plan is left out for being odd.
  const children = Map.groupBy(plan.nodes, ({ id, parent }) => (parent !== id && ids.has(parent) ? parent : null));
  const lines: string[] = [];
  const seen = new Set<PlanNode>();
  const write = (node: PlanNode, depth: number): void => {
    if (seen.has(node) || lines.length >= shownNodes) return;
    seen.add(node);
    const said = remarks[plan.vendor]?.(node.detail, probes) ?? null;
    lines.push("  ".repeat(Math.min(depth, deepest)) + oneLine(node.detail) + (said === null ? "" : `   <- ${said}`));
    for (const child of children.get(node.id) ?? []) write(child, depth + 1);
  };
  for (const root of children.get(null) ?? []) write(root, 0);
  for (const node of plan.nodes) write(node, 0);
  if (plan.nodes.length > seen.size) lines.push(`… ${plan.nodes.length - seen.size} more`);
  return lines.join("\n");
}

type Remark = (detail: string, probes: readonly Probe[]) => string | null;

const remarks: Readonly<Record<string, Remark>> = { sqlite: inSqlite, postgresql: inPostgresql, mysql: inMysql };

/** In words what SQLite's EXPLAIN QUERY PLAN says shortly (https://www.sqlite.org/eqp.html); null for a node that is served. */
function inSqlite(detail: string): string | null {
  if (/\bAUTOMATIC\b.*\bINDEX\b/.test(detail)) return "builds an index for this one query: the join has none";
  if (detail.startsWith("USE TEMP B-TREE FOR")) return "sorts or groups in a temporary table: no index serves it";
  if (/^SCAN (?:CONSTANT ROW|\d+ CONSTANT)/.test(detail)) return null;
  if (/^SCAN .*\bUSING\b.*\bINDEX\b/.test(detail)) return "walks the whole index";
  return detail.startsWith("SCAN ") ? "reads every row" : null;
}

/** PostgreSQL reads a test's few rows all, indexed or not: only the probes tell whether it would have to. */
function inPostgresql(detail: string, probes: readonly Probe[]): string | null {
  const table = /^Seq Scan on (\S+)/.exec(detail)?.[1];
  const probe = probes.find((one) => one.table === table && one.served === false);
  if (probe === undefined) return null;
  const columns = probe.columns.filter(({ served }) => served === false).map(({ column }) => column);
  return `reads every row: no index serves ${[...new Set(columns)].join(", ")}`;
}

/** `type` and `possible_keys` are right however few rows there are (https://dev.mysql.com/doc/refman/8.4/en/explain-output.html). */
function inMysql(detail: string): string | null {
  if (/: type=ALL possible_keys=NULL /.test(detail)) return "reads every row";
  return /: type=index possible_keys=NULL /.test(detail) ? "walks the whole index" : null;
}
