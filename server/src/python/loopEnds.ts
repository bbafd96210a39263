import type { Range } from "../text/range.ts";
import { isLoop } from "./loops.ts";
import type { PythonFile } from "./pythonFile.ts";
import type { SyntaxNode } from "./syntax.ts";

const leaving: ReadonlySet<string> = new Set(["return_statement", "break_statement", "raise_statement"]);
const definitions: ReadonlySet<string> = new Set(["function_definition", "class_definition", "lambda"]);

/** Whether what runs there runs once in each run of the loop around it: behind it the loop is always left, by return, break or raise. */
export function leavesLoop(file: PythonFile, range: Range): boolean {
  let node = file.statementAt(range)?.node ?? null;
  for (; node !== null && !definitions.has(node.type); node = node.parent) {
    if (isLoop(node)) return false;
    if ((isLeaving(node) || isFollowedByLeaving(node)) && isInLoop(node)) return true;
  }
  return false;
}

/** `return`, `break` or `raise`. */
export function isLeaving({ type }: SyntaxNode): boolean {
  return leaving.has(type);
}

/** Whether one of them stands behind it, in the same block. */
export function isFollowedByLeaving(node: SyntaxNode): boolean {
  if (node.parent?.type !== "block") return false;
  const { children } = node.parent;
  return children.slice(children.indexOf(node) + 1).some(({ type }) => leaving.has(type));
}

function isInLoop(node: SyntaxNode): boolean {
  for (let outer = node.parent; outer !== null && !definitions.has(outer.type); outer = outer.parent) {
    if (isLoop(outer)) return true;
  }
  return false;
}
