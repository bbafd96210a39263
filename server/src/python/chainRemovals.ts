import type { Edit } from "../text/edits.ts";
import type { Call, Chain } from "./chains.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, isTrivia, operands, type SyntaxNode } from "./syntax.ts";

/**
 * Takes a method call out of a chain: its line with all of it, where it has lines of its own; a comment behind it goes too.
 *
 * @param stead a call to stand there instead, `.all()`; else nothing
 */
export function removeCall(file: PythonFile, chain: Chain, call: Call, stead = ""): readonly Edit[] {
  const { lines, text } = file;
  if (call.dot === null) return [];
  const dot = lines.offsetAt(call.dot);
  const end = lines.offsetAt(call.expression.end);
  if (stead !== "") return [replacement(file, dot, end, stead)];
  const start = endBefore(file, chain, call);
  const between = text.slice(start, dot);
  if (!between.includes("\n") && !between.includes("\r")) return [replacement(file, start, end, "")];
  const rest = lines.lineText(call.expression.end.line).slice(call.expression.end.character);
  const isContinued = /\\\s*$/.test(between.trimEnd());
  if (isContinued ? /^\s*\\$/.test(rest) : /^\s*(#.*)?$/.test(rest))
    return [wholeLines(call.dot.line, call.expression.end.line)];
  // A comment must not swallow what stands behind the call.
  return [replacement(file, between.includes("#") ? dot : start, end, "")];
}

/**
 * Takes arguments out of a call, in its layout: an argument's lines where it has lines of its own, with the comments on them. Null where a comment that
 * may be about something else would go.
 *
 * @param removed some of the call's own; at least one argument stays
 */
export function removeArguments(file: PythonFile, call: Call, removed: ReadonlySet<number>): readonly Edit[] | null {
  const list = childByField(call.node, "arguments");
  if (list?.type !== "argument_list") return null;
  const members = operands(list);
  const edits: Edit[] = [];
  for (const [first, last] of runsOf(removed)) {
    const run = removeRun(file, list, members, first, last);
    if (run === null) return null;
    edits.push(...run);
  }
  return edits;
}

function removeRun(
  file: PythonFile,
  list: SyntaxNode,
  members: readonly SyntaxNode[],
  first: number,
  last: number,
): readonly Edit[] | null {
  const { lines, text } = file;
  const [start, end] = [members[first]?.start ?? 0, members[last]?.end ?? 0];
  const before = members[first - 1];
  const after = members[last + 1];
  const comma = commaBehind(list, end);
  const from = lines.positionAt(start);
  const to = lines.positionAt(comma?.end ?? end);
  const isAlone =
    /^\s*$/.test(lines.lineText(from.line).slice(0, from.character)) &&
    /^\s*(#.*)?$/.test(lines.lineText(to.line).slice(to.character));
  if (isAlone) {
    const edit = wholeLines(from.line, to.line);
    // Where the last one has no comma behind it, the one that is last now needs none.
    const needless = comma === null && before !== undefined ? commaBehind(list, before.end) : null;
    return needless === null ? [edit] : [replacement(file, needless.start, needless.end, ""), edit];
  }
  const [cutStart, cutEnd] =
    before !== undefined ? [before.end, end] : after !== undefined ? [start, after.start] : [start, comma?.end ?? end];
  const isCommented = list.children.some(
    (child) => isTrivia(child) && child.start < cutEnd && child.end > cutStart && text[child.start] === "#",
  );
  return isCommented ? null : [replacement(file, cutStart, cutEnd, "")];
}

/** Neighbours together: `[first, last]`. */
function runsOf(removed: ReadonlySet<number>): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const index of [...removed].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

function commaBehind(list: SyntaxNode, offset: number): SyntaxNode | null {
  const next = list.children.find((child) => child.start >= offset && !isTrivia(child));
  return next?.type === "," ? next : null;
}

/** Where what stands to the left of the call ends. */
function endBefore(file: PythonFile, { rootRange, links }: Chain, call: Call): number {
  const before = links[links.findIndex(({ node }) => node === call.node) - 1];
  const callee = childByField(call.node, "function");
  const object = callee === null ? null : childByField(callee, "object");
  return object?.end ?? file.lines.offsetAt(before?.expression.end ?? rootRange.end);
}

function wholeLines(first: number, last: number): Edit {
  return { range: { start: { line: first, character: 0 }, end: { line: last + 1, character: 0 } }, newText: "" };
}

function replacement(file: PythonFile, start: number, end: number, newText: string): Edit {
  return { range: file.lines.rangeAt(start, end), newText };
}
