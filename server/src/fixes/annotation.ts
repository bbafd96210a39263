import type { RelatedRows } from "../insights/relatedRows.ts";
import { aggregateName, countName, existsName } from "../insights/relatedUse.ts";
import type { Schema } from "../insights/schema.ts";
import { quoted } from "../python/chainEdits.ts";
import type { Call, Link } from "../python/chains.ts";
import type { Importable } from "../python/imports.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Range } from "../text/range.ts";
import type { Refusal } from "./change.ts";
import type { LongArgument } from "./longCall.ts";
import { callText } from "./movedCode.ts";

/** What is asked of each row, as an expression that the list's own query can answer. */
export interface Annotation {
  readonly name: string;
  /** The method that is replaced. */
  readonly api: "count" | "exists" | "aggregate";
  /** What its text uses, in the order in which `write` takes their written forms. */
  readonly imports: readonly Importable[];
  /** @param isShared another join of several rows stands beside this one's */
  write(written: readonly string[], isShared: boolean): LongArgument | Refusal;
  /** A join that brings several rows for each row of the list. */
  readonly joins: boolean;
  /** What the name stands for in place of, up to where: the method's call, or `["total"]` behind it. */
  readonly end: Range;
}

const models = "django.db.models";

/** What the calls behind a related manager ask: `filter(…)…count()`. Their arguments must mean the same at the queryset: see movedCode.ts. */
export function annotationOf(
  calls: readonly Call[],
  rest: readonly Link[],
  related: RelatedRows,
  schema: Schema,
  used: PythonFile,
  file: PythonFile,
): Annotation | Refusal {
  const last = calls.at(-1);
  const refining = calls.slice(0, -1).filter(({ name }) => name !== "all");
  const api = last?.name.replace(/^a(?=count|exists|aggregate)/, "");
  const behind = rest.filter(({ kind }) => kind !== "await");
  const end = rest.length > behind.length ? rest.find(({ kind }) => kind === "await") : last;
  if (last === undefined || end === undefined) return { reason: "What is asked of the related rows cannot be read." };
  switch (api) {
    case "count":
      return countOf(refining, end.expression, related, schema, file);
    case "exists":
      return existsOf(refining, end.expression, related, schema, used, file);
    case "aggregate":
      return aggregateOf(last, behind, refining, related, schema, used, file);
    default:
      return { reason: `${last.name}() is not asked for by a name that Django has.` };
  }
}

/** All the related rows counted, or asked for: what a template can ask. */
export function plainAnnotation(
  api: "count" | "exists",
  related: RelatedRows,
  schema: Schema,
  file: PythonFile,
): Annotation | Refusal {
  const nowhere = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return api === "count"
    ? countOf([], nowhere, related, schema, file)
    : existsOf([], nowhere, related, schema, file, file);
}

function countOf(
  refining: readonly Call[],
  end: Range,
  related: RelatedRows,
  schema: Schema,
  file: PythonFile,
): Annotation | Refusal {
  const filter = filterOf(refining, related, schema);
  if (filter !== null && "reason" in filter) return filter;
  return {
    name: countName(related.accessor, refining),
    api: "count",
    imports: [{ module: models, name: "Count" }, ...(filter === null ? [] : [{ module: models, name: "Q" }])],
    write: ([count = "", q = ""], isShared) => ({
      open: `${count}(`,
      parts: [
        quoted(file, related.query),
        ...(filter === null ? [] : [`filter=${q}(${filter.lookups.join(", ")})`]),
        ...(isShared ? ["distinct=True"] : []),
      ],
      close: ")",
    }),
    joins: true,
    end,
  };
}

function existsOf(
  refining: readonly Call[],
  end: Range,
  related: RelatedRows,
  schema: Schema,
  used: PythonFile,
  file: PythonFile,
): Annotation | Refusal {
  const target = schema.model(related.target);
  const { back } = related;
  if (target === null || target.defaultManager === null || back === null) {
    return { reason: "The models do not tell how to ask for the related rows from outside." };
  }
  const texts = refining.map((call) => callText(used, call));
  if (texts.includes(null)) return { reason: "A comment or a text of several lines stands in what would move." };
  const [first, ...others] = texts as readonly string[];
  const isFilter =
    refining[0]?.name === "filter" && (refining[0]?.arguments ?? []).every(({ keyword }) => keyword !== null);
  const manager = target.defaultManager;
  return {
    name: existsName(related.accessor, refining),
    api: "exists",
    imports: [
      { module: models, name: "Exists" },
      { module: models, name: "OuterRef" },
      { module: target.module, name: target.qualname },
    ],
    write: ([exists = "", outer = "", model = ""]) => {
      const own = `${back}=${outer}(${quoted(file, "pk")})`;
      const filtered = isFilter
        ? `.filter(${own}, ${first?.slice(".filter(".length) ?? ")"}`
        : `.filter(${own})${first ?? ""}`;
      return { open: `${exists}(`, parts: [`${model}.${manager}${filtered}${others.join("")}`], close: ")" };
    },
    joins: false,
    end,
  };
}

const aggregates = /^(?:\w+\.)*(Sum|Avg|Min|Max|Count|StdDev|Variance)$/;

/** `aggregate(total=Sum("quantity"))["total"]`: one value, that is taken out at once. */
function aggregateOf(
  call: Call,
  behind: readonly Link[],
  refining: readonly Call[],
  related: RelatedRows,
  schema: Schema,
  used: PythonFile,
  file: PythonFile,
): Annotation | Refusal {
  const [argument] = call.arguments;
  const [taken] = behind;
  const written = argument?.text.slice(argument.keyword === null ? 0 : argument.text.indexOf("=") + 1).trim() ?? "";
  const parsed = /^((?:\w+\.)*\w+)\(\s*["'](\w+)["']\s*((?:,\s*(?:distinct|default)\s*=\s*[\w.]+\s*)*),?\s*\)$/.exec(
    written,
  );
  const [, callee = "", lookup = "", options = ""] = parsed ?? [];
  const name = aggregates.exec(callee)?.[1];
  const alias = argument?.keyword ?? `${lookup}__${(name ?? "").toLowerCase()}`;
  const isTaken = taken?.kind === "subscript" && subscriptOf(taken, used) === alias;
  if (call.arguments.length !== 1 || name === undefined || taken === undefined || !isTaken) {
    return { reason: "aggregate() asks for more than one value whose name stands behind it: annotate them by hand." };
  }
  if (!isOwnLookup(lookup, related, schema)) return { reason: `aggregate() goes on from ${lookup} to further rows.` };
  const filter = filterOf(refining, related, schema);
  if (filter !== null && "reason" in filter) return filter;
  return {
    name: aggregateName(related.accessor, alias, refining),
    api: "aggregate",
    imports: [{ module: models, name }, ...(filter === null ? [] : [{ module: models, name: "Q" }])],
    write: ([aggregate = "", q = ""], isShared) => {
      const isSteady = name === "Min" || name === "Max" || /distinct\s*=\s*True/.test(options);
      if (isShared && !isSteady)
        return { reason: `Another join would make ${name} count rows several times: use a Subquery.` };
      return {
        open: `${aggregate}(`,
        parts: [
          quoted(file, `${related.query}__${lookup}`),
          ...options
            .split(",")
            .map((option) => option.trim())
            .filter((option) => option !== ""),
          ...(filter === null ? [] : [`filter=${q}(${filter.lookups.join(", ")})`]),
        ],
        close: ")",
      };
    },
    joins: true,
    end: taken.expression,
  };
}

/** `total` in `["total"]`. */
function subscriptOf({ range }: Link, { lines, text }: PythonFile): string | null {
  const written = text.slice(lines.offsetAt(range.start), lines.offsetAt(range.end));
  return /^\[\s*["'](\w+)["']\s*\]$/.exec(written)?.[1] ?? null;
}

/** The filters as lookups from the list's own model; null where there are none. */
function filterOf(
  refining: readonly Call[],
  related: RelatedRows,
  schema: Schema,
): { readonly lookups: readonly string[] } | Refusal | null {
  if (refining.length === 0) return null;
  const other = refining.find(({ name }) => name !== "filter");
  if (other !== undefined)
    return { reason: `${other.name}() has no form within an aggregate: annotate with a Subquery by hand.` };
  const lookups: string[] = [];
  for (const { keyword, text } of refining.flatMap((call) => call.arguments)) {
    if (keyword === null) return { reason: "A filter without a keyword has to be rewritten by hand." };
    if (!isOwnLookup(keyword, related, schema)) {
      return { reason: `filter() goes on from ${keyword} to further rows: annotate with a Subquery by hand.` };
    }
    lookups.push(`${related.query}__${text.replace(/\s*[\r\n]\s*/g, " ")}`);
  }
  return { lookups };
}

/** Whether a lookup stays with columns of the related row, or leads to one row at most. */
export function isOwnLookup(lookup: string, { target }: RelatedRows, schema: Schema): boolean {
  let model: string | null = target;
  for (const part of lookup.split("__")) {
    if (model === null) return true;
    if (part === "pk") {
      model = null;
      continue;
    }
    const hop = schema.hop(model, part);
    if (hop === null) {
      if (schema.field(model, part) === null && !schema.isTaken(model, part)) return false;
      model = null;
    } else if (hop.toMany || hop.target === null) {
      return false;
    } else {
      model = hop.target;
    }
  }
  return true;
}
