import type { EagerLookup } from "../insights/finding.ts";
import { addArguments, insertCall, quoted } from "../python/chainEdits.ts";
import type { Call, Chain, Link } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import type { QuerysetPart } from "./querysetCalls.ts";

const methods = ["select_related", "prefetch_related"] as const;

/**
 * The edits that make the queryset load the lookups along: into a `select_related` or `prefetch_related` that is there, else a call of its own
 * behind the queryset's last one. Empty where the chain names them all already.
 */
export function addEagerLoading(
  file: PythonFile,
  chain: Chain,
  part: QuerysetPart,
  lookups: readonly EagerLookup[],
): readonly Edit[] {
  const added: { readonly name: string; readonly args: readonly string[] }[] = [];
  const edits: Edit[] = [];
  for (const name of methods) {
    const existing = lastEffective(part.calls, name);
    const named = existing.flatMap((call) => call.arguments.flatMap(({ stringValue }) => stringValue ?? []));
    const missing = lookups.filter(({ how, path }) => how === name && !named.some((other) => covers(other, path)));
    if (missing.length === 0) continue;
    const at = positionBehind(chain, part.last);
    const args = missing.map(({ path }) => quoted(file, path, at));
    const merged = existing.length === 0 ? null : addArguments(file, existing.at(-1) as Call, args);
    if (merged !== null) edits.push(...merged);
    else added.push({ name, args });
  }
  return [...edits, ...newCalls(file, chain, part.last, added)];
}

/** Whether loading `path` loads `other` along. */
export function covers(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}__`);
}

/** Calls of the method that still count: `select_related(None)` takes back all before it. */
export function lastEffective(calls: readonly Call[], name: string): readonly Call[] {
  const named = calls.filter((call) => call.name === name);
  const reset = named.findLastIndex(({ arguments: args }) => args.length === 1 && args[0]?.text === "None");
  return named.slice(reset + 1);
}

function positionBehind(chain: Chain, last: Link | "root") {
  return last === "root" ? chain.rootRange.end : last.expression.end;
}

/** Several insertions at one position keep their order. */
function newCalls(
  file: PythonFile,
  chain: Chain,
  last: Link | "root",
  calls: readonly { readonly name: string; readonly args: readonly string[] }[],
): readonly Edit[] {
  return calls.flatMap(({ name, args }) => insertCall(file, chain, last, name, args));
}
