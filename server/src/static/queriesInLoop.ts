import type { RuleCode } from "../insights/finding.ts";
import { findingId } from "../insights/identity.ts";
import type { Call, Chain } from "../python/chains.ts";
import { iterableOf, type Loop } from "../python/loops.ts";
import { childByField, type SyntaxNode, unparenthesized } from "../python/syntax.ts";
import { assignedValues, functionAround, textOf, variablesRead } from "../python/variables.ts";
import { loadedBehind, nothingLoaded } from "./loaded.ts";
import { managerNamed } from "./managers.ts";
import type { ModelRef } from "./models.ts";
import { argumentFacts } from "./moduleFacts.ts";
import { placeIn } from "./places.ts";
import type { RowReader } from "./rows.ts";
import { isEvaluated, loopNode, namesIn, targetsOf } from "./rowUses.ts";
import type { StaticFinding } from "./staticFinding.ts";
import { anyOf, manyOf, turnMessage } from "./words.ts";

/** Queries of a model's manager that a loop would ask anew in each turn, for what its own variable holds. */
export function queriesInLoops(reader: RowReader): readonly StaticFinding[] {
  return reader.file.chains.flatMap((chain) => queryInLoop(reader, chain) ?? []);
}

const single = /^a?(first|last|latest|earliest|count|exists|aggregate|in_bulk)$/;
const columns = /^(values|values_list)$/;

function queryInLoop(reader: RowReader, chain: Chain): StaticFinding | null {
  const { file, path } = reader;
  const [first] = chain.calls;
  if (first === undefined || chain.rootCall !== null || !/^\w[\w.]*\.\w+$/.test(chain.root)) return null;
  const [turns] = file.turnsAround(chain.range);
  if (turns === undefined || turns.isBounded) return null;
  const { loop } = turns;
  const node = loopNode(file, loop);
  if (node === null || !isThroughData(reader, loop) || isUnlikely(chain.node, node, file.text)) return null;
  const model = modelOf(reader, chain);
  const asked = model === null ? null : askedIn(reader, chain, node);
  if (model === null || asked === null) return null;
  // A row that is asked for again is looked at as it is now.
  const isOfRows = targetsOf(node).some((target) => namesTheRows(reader, target, node, model));
  if (isOfRows || writes(file.text.slice(node.start, node.end), model, asked)) return null;
  const at = placeIn(file, path, asked.expression);
  const what = asked.rule === "get-in-loop" ? `get ${anyOf(model)}` : `${asked.verb} ${manyOf(model)}`;
  const text =
    asked.verb === "count"
      ? `Count the ${manyOf(model)} of all turns before the loop: values(…).annotate(Count(…)).`
      : `Fetch the ${manyOf(model)} of all turns before the loop, with in_bulk() or filter(…__in=…).`;
  return {
    id: findingId([
      "static",
      asked.rule,
      path,
      loop.statement.identity,
      file.text.slice(chain.node.start, chain.node.end),
    ]),
    rule: asked.rule,
    message: turnMessage(`${what} with a query of its own`, text),
    at,
    fires: [at],
    queryset: null,
    loop: placeIn(file, path, loop.header),
    loops: [placeIn(file, path, loop.range)],
    remedy: { kind: "advice", text },
  };
}

/** What the loop changes itself has to be asked for anew; rows that it gets one by one to save them have not. */
function writes(loop: string, { name }: ModelRef, { rule }: Asked): boolean {
  const same = new RegExp(
    `\\b${name}\\.\\w+\\b[^\\n]*\\.a?(create|bulk_create|get_or_create|update_or_create|update|delete)\\(`,
  );
  return same.test(loop) || (rule === "query-in-loop" && /\.a?(delete|save)\(/.test(loop));
}

/** The loop goes through rows of that very model. */
function namesTheRows(reader: RowReader, target: SyntaxNode, loop: SyntaxNode, model: ModelRef): boolean {
  const iterable = target.parent === null ? null : (childByField(target.parent, "right") ?? iterableOf(loop));
  const rows = iterable === null ? null : reader.rows(iterable);
  return rows !== null && rows.model.name === model.name && rows.model.own?.path === model.own?.path;
}

function modelOf({ models, path }: RowReader, { root }: Chain): ModelRef | null {
  const [, owner = "", manager = ""] = /^(.*)\.(\w+)$/.exec(root) ?? [];
  const model = models.named(path, owner);
  return model === null || managerNamed(models, model, manager) === null ? null : model;
}

interface Asked {
  readonly rule: RuleCode;
  readonly verb: "query" | "count";
  readonly expression: Chain["range"];
}

/** The call that asks, for something that the loop's variable holds; null where none surely does. */
function askedIn({ file }: RowReader, chain: Chain, loop: SyntaxNode): Asked | null {
  const names = new Set(targetsOf(loop).flatMap((target) => namesIn(target, file.text)));
  const readsTurn = ({ node }: Call) => {
    const list = node.children.find(({ field }) => field === "arguments");
    return list !== undefined && [...variablesRead(list, file.text)].some((name) => names.has(name));
  };
  let isAsked = false;
  for (const [index, call] of chain.calls.entries()) {
    if (call.name === "select_for_update" || call.arguments.some(isBatch)) return null;
    const isKeyed = readsTurn(call) && !call.arguments.every(({ keyword }) => keyword !== null && isBound(keyword));
    if (/^a?get$/.test(call.name))
      return isAsked || isKeyed ? { rule: "get-in-loop", verb: "query", expression: call.expression } : null;
    if (/^(filter|exclude)$/.test(call.name)) isAsked ||= isKeyed;
    else if (single.test(call.name)) {
      const verb = /count$/.test(call.name) ? "count" : "query";
      return isAsked ? { rule: "query-in-loop", verb, expression: call.expression } : null;
    }
    const isNeutral = loadedBehind(nothingLoaded, { name: call.name, arguments: call.arguments.map(argumentFacts) });
    if (isNeutral === null && !columns.test(call.name)) return null;
    if (index === chain.calls.length - 1) {
      const isRead = isAsked && chain.links.at(-1)?.kind === "call" && isEvaluated(chain.node, file.text);
      return isRead ? { rule: "query-in-loop", verb: "query", expression: call.expression } : null;
    }
  }
  return null;
}

/** Many at once already. */
function isBatch({ keyword, text }: Call["arguments"][number]): boolean {
  return (keyword !== null && /__in$/.test(keyword)) || /^\*|\bQ\(/.test(text);
}

function isBound(keyword: string): boolean {
  return /__(gte?|lte?|range|date|year|month|day)$/.test(keyword);
}

/** Not over numbers, nor over what the same function lists. */
function isThroughData({ file }: RowReader, { iterable }: Loop): boolean {
  if (iterable === null) return false;
  const node = unparenthesized(file.nodeAround(file.lines.offsetAt(iterable.start), file.lines.offsetAt(iterable.end)));
  const text = textOf(node, file.text);
  if (/\brange\(/.test(text)) return false;
  const name = /^(?:\w+\()?(\w+)\b/.exec(text)?.[1] ?? "";
  const within = functionAround(node);
  const values = within.type === "function_definition" ? assignedValues(within, name, file.text) : null;
  return (
    !(values?.some(({ type }) => /^(list|tuple|set|dictionary)$/.test(type)) ?? false) ||
    isGrown(within, name, file.text)
  );
}

/** What begins as a list of the code's own is added to. */
function isGrown(within: SyntaxNode, name: string, text: string): boolean {
  return new RegExp(`\\b${name}(\\.(append|extend|add|update|setdefault)\\(|\\[[^\\]]+\\]\\s*=)`).test(
    textOf(within, text),
  );
}

/** In `except`, where something is wrong; behind a look into what was fetched before. */
function isUnlikely(chain: SyntaxNode, loop: SyntaxNode, text: string): boolean {
  let inner = chain;
  for (let outer = chain.parent; outer !== null && inner !== loop; outer = outer.parent) {
    if (/^(except|except_group|finally)_clause$|^raise_statement$|^lambda$/.test(outer.type)) return true;
    if (outer.type === "if_statement" || outer.type === "conditional_expression") {
      const condition = outer.children.find(({ field }) => field === "condition") ?? outer;
      if (/\bnot in\b|\bis None\b|\bnot \w+$/.test(textOf(condition, text))) return true;
    }
    inner = outer;
  }
  return false;
}
