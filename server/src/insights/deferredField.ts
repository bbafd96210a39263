import type { Place } from "../correlate/correlation.ts";
import { type Load, loadedRows } from "./evidence.ts";
import { changingPlaces } from "./expressionCalls.ts";
import type { Advice, LoadField } from "./finding.ts";
import { fieldPath, leavingOut } from "./leftOut.ts";
import { placeWords } from "./message.ts";
import { findPerRow } from "./perRow.ts";
import type { Rule } from "./rule.ts";
import { selectsOf } from "./selected.ts";
import type { TraceEvidence } from "./traceEvidence.ts";
import type { TraceFacts } from "./traceFacts.ts";
import { modelWords, plural } from "./words.ts";

/** A column that `only()` or `defer()` left out, and that is then loaded with a query for every row. */
export const deferredField: Rule = {
  code: "deferred-field",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "deferred-field",
      loads: ({ deferredLoads }) => deferredLoads,
      concerns: (load) => isLeftOut(evidence.facts, load) && !isWrittenBetween(evidence.facts, load),
      remedy,
    }),
};

/** Raw SQL names its columns itself; and what a query did load is loaded again only where somebody threw it away. */
function isLeftOut(facts: TraceFacts, { row, root }: Load): boolean {
  const { schema } = facts;
  if (root.cause.kind === "raw") return false;
  const model = row.cause.model === null ? null : schema.model(row.cause.model);
  const column = model === null ? null : schema.columnField(model.label, row.cause.field ?? "")?.column;
  // Of a table that is joined with itself one cannot tell by its name.
  if (model === null || column == null || row.path !== "") return true;
  return !selectsOf(facts.statement(root).sql, model.table, column);
}

/** The value may have changed since the rows were loaded: it is rightly asked for anew. */
function isWrittenBetween(facts: TraceFacts, { row, root }: Load): boolean {
  const model = row.cause.model;
  const column = model === null ? null : (facts.schema.columnField(model, row.cause.field ?? "")?.column ?? null);
  if (column === null) return false;
  const named = new RegExp(`\\b${column.replace(/\W/g, "\\$&")}\\b`);
  return [...new Set([row.scopeId, root.scopeId])]
    .flatMap((scope) => facts.writesIn(scope))
    .some((write) => {
      const { sql, tables, verb } = facts.statement(write);
      const isBehind = write.scopeId !== root.scopeId || write.last > root.first;
      const isBefore = write.scopeId !== row.scopeId || write.first < row.last;
      const isSame = tables.some((table) => facts.statement(row).tables.includes(table));
      return verb === "update" && isBehind && isBefore && isSame && named.test(sql);
    });
}

/** Named in the expression that leaves it out: where the queryset is made, or where the function that makes it is called. */
function remedy({ facts, correlator }: TraceEvidence, load: Load): LoadField | Advice {
  const { queryset, model, names, root } = load;
  const field = model === null ? null : fieldPath(facts.schema, model, names);
  if (queryset === null || model === null || field === null) return { kind: "advice", text: hiddenAdvice(load, null) };
  const rows = loadedRows(root);
  const places = load.evaluatedInside ? [queryset] : changingPlaces(facts, correlator, root, queryset);
  for (const chain of places) {
    const found = leavingOut(correlator, facts.schema, chain, rows, field);
    if (found !== null)
      return { kind: "load-field", chain, queryset, model, field, by: found.by, written: found.chain.range };
  }
  return { kind: "advice", text: hiddenAdvice(load, queryset) };
}

function hiddenAdvice({ model }: Load, queryset: Place | null): string {
  const where = queryset === null ? "" : ` in ${placeWords(queryset)}`;
  return `Some only() or defer() that is not written there leaves it out: let the queryset of the ${plural(modelWords(model))}${where} load it.`;
}
