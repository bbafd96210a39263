import type { Schema } from "../insights/schema.ts";

/** What the SQL of a queryset says against one more join that brings several rows for each of its own. */
export interface JoinedSql {
  /** Tables that are joined so that each row may come several times. */
  readonly toMany: readonly string[];
  readonly isGrouped: boolean;
  readonly isDistinct: boolean;
  readonly isLocked: boolean;
}

/** `JOIN "blog_comment" T3 ON ("blog_post"."id" = T3."post_id")`, as Django's compiler writes it (`Join.as_sql`). */
const join = /\bJOIN\s+["`]?([\w$]+)["`]?(?:\s+["`]?(\w+)["`]?)?\s+ON\s+\(([^()]*)\)/g;

export function joinedSql(sql: string, schema: Schema): JoinedSql {
  const toMany: string[] = [];
  let read = 0;
  for (const [, table = "", alias, condition = ""] of sql.matchAll(join)) {
    read += 1;
    const name = alias === undefined || alias === "ON" ? table : alias;
    const column = new RegExp(`["\`]?\\b${name}\\b["\`]?\\.["\`]?(\\w+)["\`]?`).exec(condition)?.[1];
    if (column === undefined || !schema.isUniqueColumn(table, column)) toMany.push(table);
  }
  // A join that cannot be read may be of any kind.
  const joins = sql.match(/\bJOIN\b/g)?.length ?? 0;
  if (joins > read) toMany.push("");
  return {
    toMany,
    isGrouped: /\bGROUP BY\b/.test(sql),
    isDistinct: /^\s*SELECT DISTINCT\b(?! ON)/.test(sql),
    isLocked: /\bFOR (NO KEY )?UPDATE\b/.test(sql),
  };
}
