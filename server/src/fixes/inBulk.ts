import type { InBulk } from "../insights/finding.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf, type TraceFacts } from "../insights/traceFacts.ts";
import { quoted } from "../python/chainEdits.ts";
import type { Call, Chain } from "../python/chains.ts";
import { keysBefore } from "../python/loopKeys.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { functionAround } from "../python/variables.ts";
import { comparePositions, type Range, type TextEdit } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixKind, Refusal } from "./change.ts";

/**
 * `in_bulk()` before the loop, and in it what that gave. The `get()` stays behind an `or`: it answers for what is not there (and raises
 * DoesNotExist as before), and for keys that are equal to the database alone, as the text "1" is to 1.
 */
export const inBulk: FixKind<InBulk> = {
  // Several turns share one instance, and rows are those of before the loop.
  isSafe: false,

  change([{ chain: place, shownBy }], context) {
    const { reader, correlator } = context;
    const rows = shownBy.flatMap((id) => reader.row(id) ?? []);
    const [row] = rows;
    const file = correlator.pythonFile(place.path);
    if (row === undefined || file === null || place.placement.state === "gone") {
      return { reason: `The query in ${place.path} was edited after the recording: record the tests again.` };
    }
    const facts = factsOf(reader);
    const chain = file.chainAt(place.placement.range);
    const call = chain === null ? undefined : getCall(chain, place.placement.range);
    if (chain === null || call === undefined)
      return { reason: "What is called there is not written as get() of a queryset." };
    const model = row.cause.target ?? row.cause.model;
    const written =
      model === null ? { reason: "Its model is not known." } : editsFor(file, chain, call, model, facts.schema);
    if ("reason" in written) return written;
    if (isWrittenMeanwhile(facts, rows)) {
      return {
        reason:
          "Rows of the same table are written while the loop runs: what is fetched before it would be out of date.",
      };
    }
    return {
      title: `Fetch all with in_bulk() before the loop in ${place.path}`,
      safety: "changes-behaviour",
      edits: written.edits.map((edit) => ({ file: place.path, ...edit })),
      effect: { rows, change: new Map(rows.map(({ id }) => [id, null])) },
    };
  },

  wish: () => "Fetch all with in_bulk() before the loop",
};

function getCall({ calls }: Chain, range: Range): Call | undefined {
  return calls.find(
    ({ name, expression }) => /^a?get$/.test(name) && comparePositions(expression.end, range.end) === 0,
  );
}

type Edits = { readonly edits: readonly Omit<TextEdit, "file">[] };

function editsFor(file: PythonFile, chain: Chain, call: Call, model: string, schema: Schema): Edits | Refusal {
  const [argument, ...others] = call.arguments;
  if (argument === undefined || argument.keyword === null || argument.isStarred || others.length > 0) {
    return { reason: "in_bulk() looks rows up by one key, and get() is not given just one." };
  }
  const field = schema.keyFor(model, argument.keyword);
  if (field === null)
    return { reason: `${argument.keyword} is not unique: in_bulk() looks rows up by a key or a unique field.` };
  const before = chain.calls.slice(0, chain.calls.indexOf(call));
  const odd = before.find(({ name }) => !chainable.has(name));
  if (odd !== undefined || chain.rootCall !== null)
    return { reason: `in_bulk() may not follow ${odd?.name ?? chain.root}() here.` };
  const keys = keysBefore(file, chain, argument.valueRange);
  if ("reason" in keys) return keys;
  if (isChanged(file, chain)) {
    return { reason: "The loop sets something on the row: where a key comes twice, both turns would share it." };
  }
  const start = file.lines.offsetAt(chain.range.start);
  const queryset = file.text.slice(start, file.lines.offsetAt(call.dot ?? call.range.start));
  if (queryset.includes("#")) return { reason: "A comment stands within the queryset." };
  const isAsync = call.name === "aget";
  const name = file.freeName(`${plural(model)}`, chain.range);
  const byField = field === "pk" ? "" : `, field_name=${quoted(file, field)}`;
  const fetch = `${isAsync ? "await " : ""}${oneLine(queryset)}.${isAsync ? "ain_bulk" : "in_bulk"}(${keys.text}${byField})`;
  return {
    edits: [
      { range: empty(keys.insertAt), newText: `${name} = ${fetch}${keys.lineEnd}${keys.indent}` },
      ...keys.around(`${name}.get(${keys.key}) or `, call.expression),
    ],
  };
}

/** `author.seen = …`, `setattr(author, …)` in the same function. */
function isChanged({ text }: PythonFile, { target, node }: Chain): boolean {
  if (target === null || !/^\w+$/.test(target.text)) return false;
  const around = functionAround(node);
  const written = new RegExp(
    `(?<![\\w.])(?:${target.text}(?:\\.\\w+|\\[[^\\]\\n]*\\])+\\s*(?:[-+*/%&|^@]|//|\\*\\*|<<|>>)?=(?!=)|(?:setattr|delattr)\\(\\s*${target.text}\\b)`,
  );
  return written.test(text.slice(around.start, around.end));
}

/** Behind which `in_bulk()` may stand (`QuerySet.in_bulk` of Django 4.2 to 6.1 refuses slices, `values()` and `distinct(fields)`). */
const chainable: ReadonlySet<string> = new Set([
  ...["all", "filter", "exclude", "select_related", "prefetch_related", "only", "defer", "annotate", "using"],
]);

function isWrittenMeanwhile(facts: TraceFacts, rows: readonly QueryRow[]): boolean {
  return [...Map.groupBy(rows, ({ scopeId }) => scopeId)].some(([scopeId, inScope]) => {
    const first = Math.min(...inScope.map((row) => row.first));
    const last = Math.max(...inScope.map((row) => row.last));
    const tables = new Set(inScope.flatMap((row) => facts.statement(row).tables));
    return facts
      .writesIn(scopeId)
      .some(
        (write) =>
          write.first < last && write.last > first && facts.statement(write).tables.some((table) => tables.has(table)),
      );
  });
}

/** `order_items` for `shop.OrderItem`. */
function plural(label: string): string {
  const name = label
    .slice(label.lastIndexOf(".") + 1)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, "");
}

function empty(position: Range["start"]): Range {
  return { start: position, end: position };
}
