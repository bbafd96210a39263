import { factsOf } from "../insights/traceFacts.ts";
import type { ClassBody } from "../python/classBody.ts";
import { memberNamed } from "../python/classBody.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { stringValue } from "../python/strings.ts";
import { operands } from "../python/syntax.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext } from "./change.ts";

/**
 * Relations that the change list joins by itself, as columns: Django then follows *all* foreign keys that are not null, until a
 * `list_select_related` names some (`ChangeList.apply_select_related`). Null where it joins more than the class tells.
 *
 * @param model `app_label.ModelName`
 */
export function joinedColumns(
  file: PythonFile,
  body: ClassBody,
  model: string,
  roots: readonly QueryRow[],
  { reader }: FixContext,
): readonly string[] | null {
  const { schema } = factsOf(reader);
  const columns = listedStrings(file, body, "list_display");
  const hops = columns.flatMap((column) => {
    const hop = schema.hop(model, column);
    return hop?.select == null || hop.column === null ? [] : { path: hop.select, target: hop.target };
  });
  const tableOf = (label: string | null) => (label === null ? null : (schema.model(label)?.table ?? null));
  const known = new Set([tableOf(model), ...hops.map(({ target }) => tableOf(target))]);
  const isTold = roots.every((root) =>
    factsOf(reader)
      .statement(root)
      .tables.every((table) => known.has(table)),
  );
  if (!isTold) return null;
  return joinsAlong(roots, { reader }) ? hops.map(({ path }) => path) : [];
}

/** Some of the queries read more tables than their own. */
export function joinsAlong(roots: readonly QueryRow[], { reader }: Pick<FixContext, "reader">): boolean {
  return roots.some((root) => new Set(factsOf(reader).statement(root).tables).size > 1);
}

function listedStrings(file: PythonFile, body: ClassBody, name: string): readonly string[] {
  const value = memberNamed(body, name)?.value ?? null;
  return value === null ? [] : operands(value).flatMap((item) => stringValue(item, file.text) ?? []);
}
