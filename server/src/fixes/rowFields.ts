import type { Schema } from "../insights/schema.ts";
import { childByField } from "../python/syntax.ts";
import { functionAround, textOf, variablesIn } from "../python/variables.ts";
import type { RowUse } from "./rowUse.ts";

/** Whether the loop reads nothing of its rows but columns, beside this use: no other relation, method or function sees the row. */
export function readsOnlyFields({ row, source, file, chain }: RowUse, model: string, schema: Schema): boolean {
  const { text } = file;
  const name = textOf(row, text);
  const isIn = ({ start, end }: { readonly start: number; readonly end: number }) =>
    source.loop.start <= start && end <= source.loop.end;
  // The rows may live on in a variable of their own.
  if (source.iterable.type === "identifier") return false;
  return variablesIn(functionAround(source.loop), name, text)
    .filter((node) => isIn(node) && node.start !== row.start)
    .every((node) => {
      if (node.parent?.type !== "attribute" || node.field !== "object")
        return node.start < chain.node.start && isTarget(node);
      const attribute = childByField(node.parent, "attribute");
      const field = attribute === null ? null : schema.field(model, textOf(attribute, text));
      return field !== null && field.relation === null;
    });
}

/** The loop's own target. */
function isTarget(node: { readonly field: string | null; readonly parent: { readonly type: string } | null }): boolean {
  return node.field === "left" || /^(pattern_list|tuple_pattern)$/.test(node.parent?.type ?? "");
}
