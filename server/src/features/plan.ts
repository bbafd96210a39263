import type { Plan, PlanNode } from "../trace/model.ts";
import { oneLine } from "./untrusted.ts";

const shownNodes = 60;
const deepest = 20;

/**
 * A plan as indented text, one node a line; what a node says in its database's words is followed by ours where it is costly in kind.
 * Never a cost or a time: test tables are too small for those to mean anything.
 */
export function planText(plan: Plan): string {
  const ids = new Set(plan.nodes.map(({ id }) => id));
  // A parent that is not there (or is the node itself) makes a node a root: nothing of a plan is left out for being odd.
  const children = Map.groupBy(plan.nodes, ({ id, parent }) => (parent !== id && ids.has(parent) ? parent : null));
  const lines: string[] = [];
  const seen = new Set<PlanNode>();
  const write = (node: PlanNode, depth: number): void => {
    if (seen.has(node) || lines.length >= shownNodes) return;
    seen.add(node);
    const said = remark(node.detail, plan.vendor);
    lines.push("  ".repeat(Math.min(depth, deepest)) + oneLine(node.detail) + (said === null ? "" : `   <- ${said}`));
    for (const child of children.get(node.id) ?? []) write(child, depth + 1);
  };
  for (const root of children.get(null) ?? []) write(root, 0);
  for (const node of plan.nodes) write(node, 0);
  if (plan.nodes.length > seen.size) lines.push(`… ${plan.nodes.length - seen.size} more`);
  return lines.join("\n");
}

/** In words what SQLite's EXPLAIN QUERY PLAN says shortly (https://www.sqlite.org/eqp.html); null for a node that is served. */
function remark(detail: string, vendor: string): string | null {
  if (vendor !== "sqlite") return null;
  if (/\bAUTOMATIC\b.*\bINDEX\b/.test(detail)) return "builds an index for this one query: the join has none";
  if (detail.startsWith("USE TEMP B-TREE FOR")) return "sorts or groups in a temporary table: no index serves it";
  if (/^SCAN (?:CONSTANT ROW|\d+ CONSTANT)/.test(detail)) return null;
  if (/^SCAN .*\bUSING\b.*\bINDEX\b/.test(detail)) return "walks the whole index";
  return detail.startsWith("SCAN ") ? "reads every row" : null;
}
