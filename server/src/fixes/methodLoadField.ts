import { loadedRows } from "../insights/evidence.ts";
import type { MethodLoadField } from "../insights/finding.ts";
import { fieldPath, leavingOutIn } from "../insights/leftOut.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, FixKind } from "./change.ts";
import { named, spared } from "./leftOutEdits.ts";
import { callersOf, callerWords, writtenMethod } from "./managerMethods.ts";
import { endsTogether } from "./querysetCalls.ts";

/** `only()` and `defer()` in the method of a manager or queryset, which all have a column more from who call it: they are named. */
export const methodLoadField: FixKind<MethodLoadField> = {
  isSafe: true,
  standsAlone: true,

  change([{ model, methods, field }], context) {
    const facts = factsOf(context.reader);
    for (const method of methods) {
      const written = writtenMethod(facts, context.correlator, model, method);
      const found = "reason" in written ? null : leavingOutIn(written.chain, written.chain.calls, field);
      if ("reason" in written || found === null) continue;
      const { path, file, chain, qualname } = written;
      const names = found.by === "only" ? [field.path] : field.names;
      const changed = chain.calls
        .filter(({ expression }) => found.calls.some((other) => endsTogether(other.expression, expression)))
        .map((call) => ({ call, names }));
      const rewritten = found.by === "only" ? named(file, changed) : spared(file, chain, changed);
      if ("reason" in rewritten) return rewritten;
      const callers = callersOf(context, model, method);
      const roots = callers.flatMap(({ rows }) => rows);
      if (roots.some((row) => /\b(UNION|INTERSECT|EXCEPT)\b/.test(facts.statement(row).sql)))
        return { reason: "The queryset ends up in a union: let each part of it load the same columns, by hand." };
      const rows = deferredOf(roots, field.path, context);
      return {
        title: `${rewritten.title} in ${qualname}() for all that call it: ${callerWords(callers)}`,
        safety: "safe",
        edits: rewritten.edits.map((edit) => ({ file: path, ...edit })),
        effect: { rows, change: new Map(rows.map((row) => [row.id, -row.count])) },
      };
    }
    return { reason: `What ${methods.join("() and ")}() leave out cannot be told.` };
  },

  wish: (remedies) => `Load ${remedies.map(({ field }) => field.path).join(", ")} with the rows`,
};

function deferredOf(roots: readonly QueryRow[], path: string, { reader }: FixContext): readonly QueryRow[] {
  const { schema } = factsOf(reader);
  const models = new Map(roots.map((root) => [root.id, loadedRows(root).model]));
  return reader.rowsCausedBy(["deferred_field"], "hanging").filter((row) => {
    const model = row.parentId === null ? null : (models.get(row.parentId) ?? null);
    const names = [...(row.path === "" ? [] : row.path.split("__")), row.cause.field ?? ""];
    return model !== null && fieldPath(schema, model, names)?.path === path;
  });
}
