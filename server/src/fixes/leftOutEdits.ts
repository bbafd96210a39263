import { addArguments, quoted } from "../python/chainEdits.ts";
import { removeArguments } from "../python/chainRemovals.ts";
import type { Call, Chain } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Edit } from "../text/edits.ts";
import type { Refusal } from "./change.ts";
import { withoutCalls } from "./withoutCalls.ts";

export interface Rewritten {
  readonly edits: readonly Edit[];
  /** `Add "summary" to only()` */
  readonly title: string;
}

/** Calls of `only()` or `defer()` with the fields that the one is to name, or the other no more. */
export type Changed = readonly { readonly call: Call; readonly names: readonly string[] }[];

export function named(file: PythonFile, changed: Changed): Rewritten | Refusal {
  const edits: Edit[] = [];
  for (const { call, names } of changed) {
    const paths = [...new Set(names)];
    const added = addArguments(
      file,
      call,
      paths.map((path) => quoted(file, path, call.expression.end)),
    );
    if (added === null) return { reason: "What only() is given there cannot be added to." };
    edits.push(...added);
  }
  const paths = changed.flatMap(({ names }) => names);
  return { edits, title: `Add ${listOf(paths)} to only()` };
}

export function spared(file: PythonFile, chain: Chain, changed: Changed): Rewritten | Refusal {
  const edits: Edit[] = [];
  const spent: string[] = [];
  const whole: Call[] = [];
  let title = "";
  for (const { call, names } of changed) {
    const isNamed = (value: string | null) => value !== null && names.includes(value);
    const removed = call.arguments.flatMap(({ stringValue }, index) => (isNamed(stringValue) ? [index] : []));
    const values = removed.flatMap((index) => call.arguments[index]?.stringValue ?? []);
    const isWhole = removed.length === call.arguments.length;
    if (isWhole) whole.push(call);
    const cut = isWhole ? [] : removeArguments(file, call, new Set(removed));
    if (cut === null) return { reason: "A comment stands among the arguments of defer(): take the field out by hand." };
    edits.push(...cut);
    spent.push(...values);
    title = isWhole ? `Remove defer(${listOf(spent)})` : `Take ${listOf(spent)} out of defer()`;
  }
  return { edits: [...edits, ...withoutCalls(file, chain, whole)], title };
}

function listOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `"${name}"`).join(", ");
}
