/**
 * Whether the statement's SELECT names the column of a table, or all columns; true where it cannot be read.
 *
 * @param asItself not under another name, as `values("pk")` gives it one
 */
export function selects(sql: string, column: string, asItself = false): boolean {
  const from = sql.search(/\sFROM\s/);
  if (from === -1) return true;
  const selected = sql.slice(0, from);
  if (selected.endsWith("*")) return true;
  return new RegExp(`["\`.]${escaped(column)}["\`]?(${asItself ? "" : "\\s|"},|$)`).test(selected);
}

/** Whether the statement's SELECT names the column of that very table; false where all columns are asked for unnamed, or the table goes by another name. */
export function selectsOf(sql: string, table: string, column: string): boolean {
  const from = sql.search(/\sFROM\s/);
  const selected = from === -1 ? sql : sql.slice(0, from);
  return new RegExp(`["\`]?${escaped(table)}["\`]?\\.["\`]?${escaped(column)}["\`]?(,|\\s|$)`).test(selected);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
