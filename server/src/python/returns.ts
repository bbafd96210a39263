import { comparePositions, type Range } from "../text/range.ts";
import type { Chain } from "./chains.ts";
import type { PythonFile } from "./pythonFile.ts";
import { operands, type SyntaxNode, unparenthesized } from "./syntax.ts";

/**
 * The chains that a function's value is made of, followed through its local names: those that it returns, and those assigned to a name that it
 * returns or that such a chain starts with.
 *
 * @param qualname the function's own, as CPython's `co_qualname`
 * @param some those that there are, where it can return other things as well; also what is handed to a function or a method of its own object
 *   that makes the value: `return self.annotated(orders)`
 * @returns null where it can return anything else, or nothing
 */
export function returnedChains(file: PythonFile, qualname: string, some = false): readonly Chain[] | null {
  const returns = file.statements.filter((statement) => statement.kind === "return" && statement.qualname === qualname);
  const found = new Set<Chain>();
  const names: string[] = [];
  for (const { node } of returns) {
    const [value] = operands(node);
    if ((value === undefined || !takeValue(file, value, found, names, some)) && !some) return null;
  }
  const followed = new Set<string>();
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (followed.has(name)) continue;
    followed.add(name);
    for (const value of assignedTo(file, name, qualname))
      if (!takeValue(file, value, found, names, some) && !some) return null;
  }
  return found.size === 0 ? null : [...found];
}

/** Notes the chain or name that a value is; false where it is neither. */
function takeValue(file: PythonFile, value: SyntaxNode, found: Set<Chain>, names: string[], some: boolean): boolean {
  const node = unparenthesized(value);
  if (node.type === "identifier") {
    names.push(file.text.slice(node.start, node.end));
    return true;
  }
  const chain = file.chains.find((each) => each.node === node);
  if (chain === undefined) return false;
  if (some) takeHandedOn(file, chain, found, names);
  found.add(chain);
  if (
    /^\w+$/.test(chain.root) &&
    chain.rootCall === null &&
    assignedTo(file, chain.root, qualnameOf(file, chain)).length > 0
  )
    names.push(chain.root);
  return true;
}

/** Notes the chain or name that is the first argument of the call that a chain begins with, unless that is one of another object. */
function takeHandedOn(file: PythonFile, chain: Chain, found: Set<Chain>, names: string[]): void {
  const isOwn = chain.root === "self" || chain.root === "cls";
  const first = chain.rootCall ?? (isOwn ? chain.calls[0] : undefined);
  const argument = first?.arguments[0];
  if (argument === undefined || argument.keyword !== null) return;
  if (/^\w+$/.test(argument.text)) names.push(argument.text);
  const handed = file.chains.find(({ range }) => isSameRange(range, argument.valueRange));
  if (handed !== undefined && !found.has(handed)) takeValue(file, handed.node, found, names, true);
}

function isSameRange(a: Range, b: Range): boolean {
  return comparePositions(a.start, b.start) === 0 && comparePositions(a.end, b.end) === 0;
}

function qualnameOf(file: PythonFile, chain: Chain): string {
  return file.statementAt(chain.range)?.qualname ?? "";
}

/** The values of all assignments to the name in that code. */
function assignedTo(file: PythonFile, name: string, qualname: string): readonly SyntaxNode[] {
  return file.statements.flatMap(({ kind, node, qualname: own }) => {
    if (kind !== "expression" || own !== qualname) return [];
    return node.children.flatMap((child) => {
      const left = child.children.find(({ field }) => field === "left");
      const right = child.children.find(({ field }) => field === "right");
      const isName = left !== undefined && file.text.slice(left.start, left.end) === name;
      if (!isName || (child.type !== "assignment" && child.type !== "augmented_assignment")) return [];
      // What `q |= …` gives is no chain: the whole of it stands for it.
      return child.type === "assignment" ? (right ?? []) : child;
    });
  });
}
