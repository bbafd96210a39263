import type { Call } from "../python/chains.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { childByField, preorder, type SyntaxNode } from "../python/syntax.ts";
import { functionAround, isWritten, textOf, variablesIn, variablesRead } from "../python/variables.ts";
import type { Refusal } from "./change.ts";
import type { QuerysetTarget } from "./querysetTarget.ts";
import type { RowUse } from "./rowUse.ts";

/**
 * Whether what the loop gives these calls means the same at the queryset, where it is evaluated once for all rows; the reason where it does
 * not, or may not.
 */
export function movable(calls: readonly Call[], use: RowUse, target: QuerysetTarget): Refusal | null {
  for (const call of calls) {
    const list = childByField(call.node, "arguments");
    if (list === null) continue;
    const problem = depends(list, use) ?? outOfSight(list, use, target) ?? computed(list, use.file);
    if (problem !== null) return { reason: `${call.name}() ${problem}` };
  }
  return null;
}

/** A method call as it is written, on one line; null where a comment or a text of several lines stands in it. */
export function callText(_file: PythonFile, call: Call): string | null {
  const args = call.arguments.map(({ text }) => text);
  if (call.isGeneratorCall || args.some((arg) => /[\r\n]/.test(arg) && /#|"""|'''/.test(arg))) return null;
  return `.${call.name}(${args.map((arg) => arg.replace(/\s*[\r\n]\s*/g, " ")).join(", ")})`;
}

function depends(list: SyntaxNode, { file, row, source }: RowUse): string | null {
  const name = textOf(row, file.text);
  const read = variablesRead(list, file.text);
  if (read.has(name)) return `asks each ${name} for something else: move what depends on ${name} out of it first.`;
  const inner = [...read].find((each) => variablesIn(source.loop, each, file.text).some(isWritten));
  const changed =
    inner ??
    [...read].find((each) => variablesIn(source.loop, each, file.text).some((node) => isMutated(node, file.text)));
  return changed === undefined ? null : `depends on ${changed}, which the loop changes.`;
}

const mutators = /^(append|add|extend|insert|update|remove|discard|pop|popitem|clear|setdefault|sort|reverse)$/;

/** `seen.append(…)`, `seen[key] = …` */
function isMutated(variable: SyntaxNode, text: string): boolean {
  const outer = variable.parent;
  if (outer === null) return false;
  if (outer.type === "subscript") return outer.field === "left" || outer.parent?.type === "delete_statement";
  const name = outer.type === "attribute" && variable.field === "object" ? childByField(outer, "attribute") : null;
  return name !== null && outer.parent?.type === "call" && mutators.test(textOf(name, text));
}

/** The loop's own names must have their value where the queryset is written, and the same one. */
function outOfSight(list: SyntaxNode, { file, chain, source }: RowUse, target: QuerysetTarget): string | null {
  const within = functionAround(source.loop);
  const queryset = target.chain.node;
  const isNear = target.file === file && functionAround(queryset) === within;
  for (const name of variablesRead(list, file.text)) {
    const written = variablesIn(within, name, file.text).filter(isWritten);
    if (isNear) {
      const later = written.find(({ start }) => start > queryset.start && start < chain.node.end);
      if (later !== undefined) return `uses ${name}, which gets its value behind the queryset.`;
      continue;
    }
    const isGlobal = target.file === file && within.type === "function_definition" && written.length === 0;
    const isShadowed = variablesIn(functionAround(queryset), name, target.file.text).some(isWritten);
    const isBuiltin = /^(True|False|None)$/.test(name);
    if (!isBuiltin && (!isGlobal || isShadowed || isClosure(within)))
      return `uses ${name}, which is not known where the queryset is written.`;
  }
  return null;
}

function isClosure(within: SyntaxNode): boolean {
  return within.parent !== null && functionAround(within.parent).type === "function_definition";
}

/** Calls whose value is the same each time, but for the moment at which it is asked. */
const steady = /^(\w+\.)*([A-Z]\w*|now|today|timedelta|date|datetime)$/;

function computed(list: SyntaxNode, file: PythonFile): string | null {
  for (const node of preorder(list)) {
    if (/^(await|yield|named_expression|lambda)$/.test(node.type)) return "computes its arguments anew for each row.";
    if (node.type !== "call") continue;
    const callee = childByField(node, "function");
    const name = callee === null ? "" : textOf(callee, file.text);
    if (!steady.test(name)) return `asks ${name}() anew for each row.`;
  }
  return null;
}
