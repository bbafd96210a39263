import type { Edit } from "../text/edits.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, isTrivia, preorder, type SyntaxNode } from "./syntax.ts";

/**
 * The edits that take names out of the file's imports which nothing but what the other edits remove still uses. Left alone: names that the file lists in
 * `__all__`, a package's `__init__.py`, imports with a comment, and names that anything else in the file has.
 *
 * @param removals of code; what they put in its place uses no name
 */
export function withoutUnusedImports(file: PythonFile, path: string, removals: readonly Edit[]): readonly Edit[] {
  if (/(^|\/)__init__\.py$/.test(path)) return [];
  const gone = removals.map(({ range }) => [file.lines.offsetAt(range.start), file.lines.offsetAt(range.end)] as const);
  const isGone = (node: SyntaxNode) => gone.some(([start, end]) => start <= node.start && node.end <= end);
  const used = new Map<string, { isGone: boolean; stays: boolean }>();
  for (const node of preorder(file.root)) {
    if (node.type === "string" && !isGone(node)) noteString(node);
    if (node.type !== "identifier" || node.field === "attribute" || isWithinImport(node)) continue;
    note(file.text.slice(node.start, node.end), isGone(node));
  }
  return file.root.children.flatMap((statement) => {
    if (statement.type !== "import_from_statement") return [];
    return withoutNames(file, statement, ({ isGone, stays }) => isGone && !stays, used);
  });

  function note(name: string, wasGone: boolean): void {
    const known = used.get(name) ?? { isGone: false, stays: false };
    used.set(name, { isGone: known.isGone || wasGone, stays: known.stays || !wasGone });
  }

  /** A word in quotes may be a name in `__all__` or a type. */
  function noteString({ start, end }: SyntaxNode): void {
    for (const name of file.text.slice(start, end).match(/\w+/g) ?? []) note(name, false);
  }
}

type Use = { readonly isGone: boolean; readonly stays: boolean };

function withoutNames(
  file: PythonFile,
  statement: SyntaxNode,
  isUnused: (use: Use) => boolean,
  used: ReadonlyMap<string, Use>,
): readonly Edit[] {
  const names = statement.children.filter(({ field }) => field === "name");
  const unused = names.filter((node) => {
    const local = childByField(node, "alias") ?? childByField(node, "name") ?? node;
    const use = used.get(file.text.slice(local.start, local.end));
    return use !== undefined && isUnused(use);
  });
  if (unused.length === 0 || statement.children.some(isTrivia)) return [];
  const { line } = file.lines.positionAt(statement.start);
  const last = file.lines.positionAt(statement.end);
  const rest = file.lines.lineText(last.line).slice(last.character);
  if (rest.trim() !== "") return [];
  if (unused.length === names.length) {
    return [{ range: { start: { line, character: 0 }, end: { line: last.line + 1, character: 0 } }, newText: "" }];
  }
  const isUnusedName = new Set(unused);
  return names.flatMap((node, at) => {
    const before = names[at - 1];
    if (!isUnusedName.has(node) || (before !== undefined && isUnusedName.has(before))) return [];
    const next = names.slice(at).find((each) => !isUnusedName.has(each));
    const end = next?.start ?? names.at(-1)?.end ?? node.end;
    const start = next === undefined ? (before?.end ?? node.start) : node.start;
    return [{ range: file.lines.rangeAt(start, end), newText: "" }];
  });
}

function isWithinImport(node: SyntaxNode): boolean {
  for (let outer = node.parent; outer !== null; outer = outer.parent) {
    if (/^(import_from|import)_statement$/.test(outer.type)) return true;
  }
  return false;
}
