/** Whether the statement's SELECT names the column of a table, or all columns; true where it cannot be read. */
export function selects(sql: string, column: string): boolean {
  const from = sql.search(/\sFROM\s/);
  if (from === -1) return true;
  const selected = sql.slice(0, from);
  if (selected.endsWith("*")) return true;
  return new RegExp(`["\`.]${escaped(column)}["\`]?(\\s|,|$)`).test(selected);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
