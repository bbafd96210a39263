import type { Place } from "../correlate/correlation.ts";
import { handsBack } from "../insights/callers.ts";
import { placeKey } from "../insights/identity.ts";
import { placeWords } from "../insights/message.ts";
import { lazyMethods } from "../insights/querysetExpression.ts";
import type { RelatedRows } from "../insights/relatedRows.ts";
import { relatedUse } from "../insights/relatedUse.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { Call, Chain, Link } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { type SyntaxNode, smallestCovering } from "../python/syntax.ts";
import { assignedValues, functionAround, type RowSource, rowSource, textOf } from "../python/variables.ts";
import { containsRange } from "../text/range.ts";
import type { QueryRow } from "../trace/model.ts";
import type { FixContext, Refusal } from "./change.ts";
import type { QuerysetTarget } from "./querysetTarget.ts";

/** A related manager that is asked for every row of a loop, in Python: `post.comments.filter(…)[:3]`. */
export interface RowUse {
  readonly file: PythonFile;
  readonly path: string;
  readonly chain: Chain;
  /** The loop's variable, as it stands in the chain. */
  readonly row: SyntaxNode;
  readonly calls: readonly Call[];
  readonly rest: readonly Link[];
  readonly source: RowSource;
}

/**
 * The use as it stands today, where its rows are surely those of the target and of no other queryset: an attribute that only this queryset's
 * rows have is missed by all others.
 */
export function rowUse(
  use: Place,
  { accessor }: RelatedRows,
  target: QuerysetTarget,
  queryset: Place,
  builder: Place | null,
  roots: readonly QueryRow[],
  context: FixContext,
): RowUse | Refusal {
  const file = context.correlator.pythonFile(use.path);
  if (use.placement.state === "gone" || file === null) {
    return { reason: `${placeWords(use)} was edited after the recording: record the tests again.` };
  }
  const chain = file.chainAt(use.placement.range);
  const parts = chain === null ? null : relatedUse(chain, accessor);
  const start = chain === null ? 0 : file.lines.offsetAt(chain.range.start);
  const row = smallestCovering(file.root, start, start);
  const source = parts === null ? null : rowSource(row, file.text);
  if (chain === null || parts === null || source === null) {
    const qualname = file.statementAt(use.placement.range)?.qualname ?? use.path;
    return {
      reason: `What ${placeWords(use)} asks for is not asked of the variable of a loop there: other rows may pass through ${qualname}, which would miss the new attribute.`,
    };
  }
  if (!runsOver(source, file, use.path, target, queryset, builder, roots, context)) {
    return {
      reason: `The loop around ${placeWords(use)} does not surely run over the queryset in ${placeWords(queryset)} alone: other rows would miss the new attribute.`,
    };
  }
  // The chain's own links are richer than those that insights know.
  const calls = chain.links.slice(1, 1 + parts.calls.length) as readonly Call[];
  return { file, path: use.path, chain, row, calls, rest: chain.links.slice(1 + calls.length), source };
}

function runsOver(
  { iterable, loop }: RowSource,
  file: PythonFile,
  path: string,
  target: QuerysetTarget,
  queryset: Place,
  builder: Place | null,
  roots: readonly QueryRow[],
  context: FixContext,
): boolean {
  const isIt = (node: SyntaxNode) =>
    isTarget(node, file, target) || isCallOf(node, file, path, queryset, builder, roots, context);
  if (iterable.type !== "identifier") return isIt(iterable);
  const values = assignedValues(functionAround(loop), textOf(iterable, file.text), file.text);
  return values !== null && values.length === 1 && values.every(isIt);
}

function isTarget(node: SyntaxNode, file: PythonFile, { file: written, chain }: QuerysetTarget): boolean {
  return file === written && node.start === chain.node.start && node.end === chain.node.end;
}

/** A call in which the queryset was built, each time that it was recorded, and whose value it is. */
function isCallOf(
  node: SyntaxNode,
  file: PythonFile,
  path: string,
  queryset: Place,
  builder: Place | null,
  roots: readonly QueryRow[],
  { reader, correlator }: FixContext,
): boolean {
  if (builder !== null || node.type !== "call" || !handsBack(correlator, queryset)) return false;
  const range = file.lines.rangeAt(node.start, node.end);
  const chain = file.chainAt(range);
  if (chain === null) return false;
  const called = chain.calls.at(0) ?? chain.rootCall;
  const others = chain.calls.filter((call) => call !== called);
  if (!others.every(({ name }) => lazyMethods.has(name) || name === "iterator")) return false;
  const facts = factsOf(reader);
  const key = placeKey(queryset);
  return roots.every((root) => {
    const construction = facts.construction(root);
    return (construction === null ? [] : facts.stack(construction)).some((site) => {
      const place = correlator.place(site);
      const { placement } = place;
      return (
        path === site.path &&
        placement.state !== "gone" &&
        placeKey(place) !== key &&
        containsRange(range, placement.range)
      );
    });
  });
}
