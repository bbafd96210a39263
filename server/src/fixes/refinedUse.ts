import type { Load } from "../insights/evidence.ts";
import { plainApi } from "../insights/message.ts";
import type { RelatedRows } from "../insights/relatedRows.ts";
import { singular } from "../insights/relatedUse.ts";
import type { Schema } from "../insights/schema.ts";
import { factsOf, type TraceFacts } from "../insights/traceFacts.ts";
import type { Call } from "../python/chains.ts";
import { isReadAsList } from "../python/consumers.ts";
import { functionAround, variablesIn } from "../python/variables.ts";
import type { Range } from "../text/range.ts";
import { isOwnLookup } from "./annotation.ts";
import type { FixContext, Refusal } from "./change.ts";
import { callText } from "./movedCode.ts";
import { isDjangos } from "./querysetCalls.ts";
import type { RowUse } from "./rowUse.ts";

/** What a loop asks of a related manager, parted into what the list's own prefetch can do and what stays in the loop. */
export interface Refined {
  /** Calls that move to the prefetch. */
  readonly moved: readonly Call[];
  /** Their text, behind the manager: `.filter(is_approved=True).order_by("-written_at")`. */
  readonly queryset: string;
  /** What is replaced in the loop; a slice or index behind it stays. */
  readonly range: Range;
  /** @param list the expression of the prefetched rows: `post.approved_comments` */
  write(list: string): string;
}

const refines = /^(all|filter|exclude|order_by|reverse|select_related|prefetch_related|annotate|alias|distinct)$/;
const own = /^(first|values_list|iterator)$/;

export function refinedUse(
  use: RowUse,
  related: RelatedRows,
  loads: readonly Load[],
  context: FixContext,
): Refined | Refusal {
  const facts = factsOf(context.reader);
  const last = use.calls.at(-1);
  if (last === undefined) return { reason: "What is asked of the related rows cannot be read." };
  const terminal = own.test(last.name) ? last : null;
  const moved = (terminal === null ? use.calls : use.calls.slice(0, -1)).filter(({ name }) => name !== "all");
  const strange = moved.filter(({ name }) => !refines.test(name));
  const [first] = strange;
  if (
    first !== undefined &&
    (strange.some(({ name }) => isDjangos(name)) || !isHandedBack(use, loads, context, facts))
  ) {
    return {
      reason: `What ${first.name}() does with the related rows has no form in a Prefetch that is sure to be the same.`,
    };
  }
  if (moved.length === 0) {
    return {
      reason: `All the ${related.accessor} are loaded: prefetch_related("${related.prefetch}") would serve this, where nothing but a slice follows.`,
    };
  }
  const crossing = crossingLookup(moved, related, facts.schema);
  if (crossing !== null)
    return {
      reason: `${crossing} may look at the joins of ${related.accessor} themselves: write the prefetch by hand.`,
    };
  const texts = moved.map((call) => callText(use.file, call));
  if (texts.includes(null)) return { reason: "A comment or a text of several lines stands in what would move." };
  const ending = endingOf(terminal, moved, use, related, facts.schema);
  if ("reason" in ending) return ending;
  const end = use.calls.at(-1)?.expression.end ?? use.chain.range.end;
  return {
    moved,
    queryset: texts.join("") + ending.ordered,
    range: { start: use.chain.range.start, end },
    write: ending.write,
  };
}

interface Ending {
  /** What the prefetch's queryset needs more, so that its order is the same. */
  readonly ordered: string;
  write(list: string): string;
}

function endingOf(
  terminal: Call | null,
  moved: readonly Call[],
  use: RowUse,
  related: RelatedRows,
  schema: Schema,
): Ending | Refusal {
  const isListed = isReadAsList(use.chain.node, use.file.text);
  const handedOn = { reason: "What is read there is handed on as a queryset, which a list would not serve." };
  switch (terminal?.name) {
    case "first": {
      const ordered = orderFor(moved, related, schema);
      if (ordered === null)
        return { reason: "Which row comes first is up to the manager's own order: write it by hand." };
      return { ordered, write: (list) => `next(iter(${list}), None)` };
    }
    case "values_list": {
      const fields = terminal.arguments.filter(({ keyword }) => keyword === null);
      const isFlat = terminal.arguments.some(({ text }) => /^flat\s*=\s*True$/.test(text));
      const names = fields.flatMap(({ stringValue }) => stringValue ?? []);
      const isRead =
        names.length === fields.length && names.length > 0 && names.every((name) => isColumn(schema, related, name));
      const others = terminal.arguments.length - fields.length - (isFlat ? 1 : 0);
      if (!isRead || others > 0) return { reason: "values_list() asks for more than the related rows' own columns." };
      if (use.rest.length > 0 || !isListed) return handedOn;
      const each = freeVariable(use, singular(related.accessor));
      const value = isFlat
        ? `${each}.${names[0]}`
        : `(${names.map((name) => `${each}.${name}`).join(", ")}${names.length === 1 ? "," : ""})`;
      return { ordered: "", write: (list) => `[${value} for ${each} in ${list}]` };
    }
    default: {
      const [first] = use.rest;
      const isIndexed = first?.kind === "subscript" && !first.isSlice;
      const isSliced = first?.kind === "subscript" && first.isSlice && use.rest.length === 1;
      const isFit = isIndexed || ((use.rest.length === 0 || isSliced) && isListed);
      return isFit ? { ordered: "", write: (list) => list } : handedOn;
    }
  }
}

/** `first()` orders by the key what has no order (`QuerySet.first`). Null where that cannot be told. */
function orderFor(moved: readonly Call[], { target }: RelatedRows, schema: Schema): string | null {
  if (moved.some(({ name, arguments: args }) => name === "order_by" && args.length > 0)) return "";
  const model = schema.model(target);
  if (model === null || model.defaultManagerFilters || moved.some(({ name }) => name === "order_by")) return null;
  return model.ordering.length > 0 ? "" : '.order_by("pk")';
}

function isColumn(schema: Schema, { target }: RelatedRows, name: string): boolean {
  if (name === "pk") return true;
  const field = schema.field(target, name);
  return field !== null && field.relation === null && field.column !== null;
}

/** Django ties the filters of a many-to-many manager to its own join; a prefetch's queryset has them before that is there. */
function crossingLookup(moved: readonly Call[], related: RelatedRows, schema: Schema): string | null {
  const kind = schema.relation(related.model, related.accessor)?.relation;
  if (kind === "reverse_foreign_key") return null;
  const filters = moved.filter(({ name }) => name === "filter" || name === "exclude");
  for (const { arguments: args } of filters) {
    for (const { keyword, text } of args) {
      if (keyword === null || !isOwnLookup(keyword, related, schema)) return text;
    }
  }
  return null;
}

/** A method of the project's own gave a queryset each time: the loop's own function read the rows, not the method. */
function isHandedBack(
  { path, file, chain }: RowUse,
  loads: readonly Load[],
  { correlator }: FixContext,
  facts: TraceFacts,
) {
  const qualname = file.statementAt(chain.range)?.qualname;
  return (
    loads.length > 0 &&
    loads.every(({ row }) => {
      const site = facts.stack(row).at(-1);
      const placement = site?.path === path ? correlator.place(site).placement : null;
      if (plainApi(row.cause.api) !== "iterate" || placement === null || placement.state === "gone") return false;
      return file.statementAt(placement.range)?.qualname === qualname;
    })
  );
}

function freeVariable({ chain, file }: RowUse, wanted: string): string {
  const isFree = variablesIn(functionAround(chain.node), wanted, file.text).length === 0;
  return isFree ? wanted : "each";
}
