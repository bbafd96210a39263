import type { Advice, EagerLoad, EagerLookup, RuleCode } from "../insights/finding.ts";
import { findingId } from "../insights/identity.ts";
import { placeWords } from "../insights/message.ts";
import { countName, existsName } from "../insights/relatedUse.ts";
import { type Call, type Link, outermostOfChain, readChain } from "../python/chains.ts";
import type { Loop } from "../python/loops.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { preorder, type SyntaxNode } from "../python/syntax.ts";
import { functionAround, isWritten, textOf } from "../python/variables.ts";
import { comparePositions } from "../text/range.ts";
import { loadedBehind, mayLoad, nothingLoaded } from "./loaded.ts";
import type { Relation } from "./models.ts";
import { argumentFacts } from "./moduleFacts.ts";
import { placeIn } from "./places.ts";
import type { RowReader, Rows } from "./rows.ts";
import { isEvaluated, type RowUse, rowUses } from "./rowUses.ts";
import type { StaticFinding } from "./staticFinding.ts";
import { eagerWords, manyOf, pathWords, rowMessage } from "./words.ts";

/** A relation that each row of a loop would ask for. */
interface PerRow {
  readonly rule: RuleCode;
  readonly rows: Rows;
  /** From the rows on. */
  readonly path: readonly Relation[];
  /** The expression that asks. */
  readonly node: SyntaxNode;
  /** `count`, `exists`, … where the related rows are not simply loaded. */
  readonly api: string | null;
  readonly isConditional: boolean;
}

/** The relations that the rows of a loop would load, count or filter one by one: one finding for each, at all its places in the loop. */
export function relationsPerRow(reader: RowReader, loop: Loop): readonly StaticFinding[] {
  const uses = rowUses(reader.file, loop).flatMap((use) => perRow(reader, loop, use) ?? []);
  const groups = [...Map.groupBy(uses, keyOf).values()];
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined || groups.some(([other]) => other !== undefined && implies(other, first))) return [];
    return [describe(reader, loop, first, group)];
  });
}

function keyOf({ rule, path, api }: PerRow): string {
  return [rule, lookupOf(path), api ?? ""].join(" ");
}

function lookupOf(path: readonly Relation[]): string {
  return path.map(({ prefetch }) => prefetch).join("__");
}

/** The lookup of one is the beginning of the other's. */
function implies(other: PerRow, one: PerRow): boolean {
  return other.api === null && one.api === null && lookupOf(other.path).startsWith(`${lookupOf(one.path)}__`);
}

function perRow(reader: RowReader, loop: Loop, use: RowUse): PerRow | null {
  const { file, models } = reader;
  const [first] = use.steps;
  if (first === undefined || !isTurn(file, loop, first.node) || isGivenElsewhere(file, use.row, first.name))
    return null;
  const rows = reader.rowsOfVariable(use.row);
  if (rows === null || first.name === rows.back) return null;
  const path: Relation[] = [];
  let at: SyntaxNode | null = null;
  let model = rows.model;
  for (const { name, node } of use.steps) {
    const relation = models.relation(model, name);
    if (relation === null) break;
    if (relation.toMany) return ofMany(file, rows, [...path, relation], node, use);
    path.push(relation);
    at = node;
    if (relation.target === null) break;
    model = relation.target;
  }
  if (at === null || mayLoad(rows.loaded, lookupOf(path), false)) return null;
  return { rule: "n-plus-one", rows, path, node: at, api: null, isConditional: use.isConditional };
}

/** The loop itself runs it again and again: it is not left behind it, and does not go through what the code lists. */
function isTurn(file: PythonFile, loop: Loop, node: SyntaxNode): boolean {
  const turns = file.turnsAround(file.lines.rangeAt(node.start, node.end));
  return turns.some((each) => each.loop === loop && !each.isBounded);
}

/** The code sets the attribute itself: then it is there. */
function isGivenElsewhere(file: PythonFile, row: SyntaxNode, name: string): boolean {
  const written = `${textOf(row, file.text)}.${name}`;
  return [...preorder(functionAround(row))].some(
    (node) => node.type === "attribute" && textOf(node, file.text) === written && isWritten(node),
  );
}

const aggregates = /^a?(count|exists|aggregate)$/;
const single = /^a?(first|last|get|latest|earliest)$/;
const columns = /^(values|values_list|iterator|aiterator)$/;

/** What is made of a related manager. */
function ofMany(file: PythonFile, rows: Rows, path: readonly Relation[], node: SyntaxNode, use: RowUse): PerRow | null {
  const whole = outermostOfChain(node);
  if (whole === null) return null;
  const links = readChain(whole, file.lines).links;
  const manager = links.findIndex((link) => link.node === node);
  const behind = links.slice(manager + 1);
  const many = behind.findIndex(({ kind }) => kind !== "call");
  const calls = behind
    .slice(0, many === -1 ? behind.length : many)
    .filter((link): link is Call => link.kind === "call");
  const lazy = calls.findIndex((call) => loadedBehind(nothingLoaded, ofCall(call)) === null || columns.test(call.name));
  const before = lazy === -1 ? calls : calls.slice(0, lazy);
  const end = lazy === -1 ? null : (calls[lazy] ?? null);
  const isRefined = before.some(({ name }) => name !== "all");
  const isLoaded = mayLoad(rows.loaded, lookupOf(path), true);
  const found = (rule: RuleCode, link: Link | undefined, api: string | null): PerRow | null =>
    link === undefined ? null : { rule, rows, path, node: link.node, api, isConditional: use.isConditional };
  if (end !== null && aggregates.test(end.name)) {
    const api = end.name.replace(/^a(?!gg)/, "");
    return isLoaded && !isRefined && api !== "aggregate" ? null : found("aggregate-per-row", end, api);
  }
  if (end !== null && single.test(end.name)) {
    return isLoaded && !isRefined ? null : found("filtered-prefetch", end, end.name);
  }
  if (end !== null && !columns.test(end.name)) return null;
  const last = calls.at(-1);
  const next = behind[calls.length];
  if (last === undefined || (end !== null && end !== last)) return null;
  // A slice or an index stands behind: that is what is read.
  const read = next?.kind === "subscript" ? next : last;
  if (next !== undefined && next.kind !== "subscript" && next.kind !== "await") return null;
  const isAsked = next?.kind === "subscript" && !next.isSlice;
  if (!isAsked && !isEvaluated(read.node, file.text)) return null;
  if (end === null && !isRefined) {
    if (isLoaded) return null;
    return next?.kind === "subscript" ? found("filtered-prefetch", read, "slice") : found("n-plus-one", last, null);
  }
  return found("filtered-prefetch", read, "filter");
}

function ofCall({ name, arguments: args }: Call) {
  return { name, arguments: args.map(argumentFacts) };
}

function describe(reader: RowReader, loop: Loop, one: PerRow, group: readonly PerRow[]): StaticFinding {
  const { file, path: filePath } = reader;
  const { rule, rows, path, api } = one;
  const places = group
    .map(({ node }) => placeIn(file, filePath, file.lines.rangeAt(node.start, node.end)))
    .toSorted((a, b) => comparePositions(startOf(a), startOf(b)));
  const [at = placeIn(file, filePath, loop.header)] = places;
  const chain = rows.origin.chain;
  const queryset = chain === null ? null : placeIn(file, filePath, chain.range);
  const remedy = remedyFor(one, queryset);
  const isConditional = group.every((each) => each.isConditional);
  return {
    id: findingId(["static", rule, filePath, loop.statement.identity, lookupOf(path), api ?? ""]),
    rule,
    message: rowMessage(rows.model, verbOf(one), isConditional, wordsOf(remedy)),
    at,
    fires: places.length === 0 ? [at] : places,
    queryset,
    loop: placeIn(file, filePath, loop.header),
    loops: [placeIn(file, filePath, loop.range)],
    remedy,
  };
}

function startOf({ placement, site }: StaticFinding["at"]) {
  return placement.state === "gone" ? { line: site.line, character: 0 } : placement.range.start;
}

function verbOf({ path, api }: PerRow): string {
  const what = `its ${pathWords(path.map(({ attribute }) => attribute))}`;
  switch (api) {
    case null:
      return `load ${what}`;
    case "count":
      return `count ${what}`;
    case "exists":
      return `ask whether there are any of ${what}`;
    case "aggregate":
      return `add up ${what}`;
    default:
      return `query ${what}`;
  }
}

/** One lookup from the origin's rows; null where no edit at the queryset would do. */
function lookup({ rows, path }: PerRow): EagerLookup {
  const all = [...rows.origin.path, ...path];
  const joins = all.every(({ toMany, select, target }) => !toMany && select !== null && !hasBaseManager(target));
  return joins
    ? { how: "select_related", path: all.map(({ select }) => select).join("__") }
    : { how: "prefetch_related", path: lookupOf(all) };
}

/** A join would return rows that such a manager hides from a lazy load. */
function hasBaseManager(target: Relation["target"]): boolean {
  return target?.own?.facts.meta.has("base_manager_name") ?? false;
}

function remedyFor(one: PerRow, queryset: StaticFinding["queryset"]): EagerLoad | Advice {
  const { api, rows, path } = one;
  const where = queryset === null ? `of the ${manyOf(rows.model)}` : `in ${placeWords(queryset)}`;
  if (api === null) {
    const { how, path: named } = lookup(one);
    if (how === "prefetch_related" && rows.origin.isStreamed)
      return advice(
        `iterator() takes a prefetch only with a chunk_size: with one, add prefetch_related("${named}") ${where}.`,
      );
    if (queryset !== null)
      return { kind: "eager-load", chain: queryset, builder: null, lookups: [{ how, path: named }] };
    return { kind: "advice", text: `Load them with the list: ${how}("${named}") at the queryset ${where}.` };
  }
  const accessor = path.at(-1)?.attribute ?? "";
  const text = lookupOf([...rows.origin.path, ...path]);
  switch (api) {
    case "count":
      return advice(`Count them with the list: annotate(${countName(accessor, [])}=Count("${text}")) ${where}.`);
    case "exists":
      return advice(`Ask with the list: annotate(${existsName(accessor, [])}=Exists(…)) ${where}.`);
    case "aggregate":
      return advice(`Add them up with the list: annotate(…) with the same aggregate ${where}.`);
    default:
      return advice(
        `A plain prefetch would not serve this: use prefetch_related(Prefetch("${text}", queryset=…, to_attr=…)) ${where} and read that attribute.`,
      );
  }
}

function advice(text: string): Advice {
  return { kind: "advice", text };
}

function wordsOf(remedy: EagerLoad | Advice): string {
  if (remedy.kind === "advice") return remedy.text;
  return remedy.lookups.map((each) => eagerWords(each, remedy.chain)).join(" ");
}
