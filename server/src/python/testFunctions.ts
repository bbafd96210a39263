import type { Edit } from "../text/edits.ts";
import { addBehind } from "./chainEdits.ts";
import type { PythonFile } from "./pythonFile.ts";
import type { Statement } from "./statements.ts";
import { childByField, childOfType, operands, preorder, type SyntaxNode, smallestCovering } from "./syntax.ts";

/** The function around a statement of a test, as a runner sees it. */
export interface TestFunction {
  readonly node: SyntaxNode;
  readonly isAsync: boolean;
  /** A method of a class that derives, as far as this file tells, from one of unittest's. */
  readonly isTestCase: boolean;
}

/** The innermost function around a statement; null for one that stands in none. */
export function functionAround(file: PythonFile, { node }: Statement): TestFunction | null {
  let inner = node.parent;
  while (inner !== null && inner.type !== "function_definition") inner = inner.parent;
  if (inner === null) return null;
  const owner = classOf(inner);
  return {
    node: inner,
    isAsync: childOfType(inner, "async") !== null,
    isTestCase: owner !== null && isTestCase(file, owner),
  };
}

function classOf(method: SyntaxNode): SyntaxNode | null {
  const outer = method.parent?.type === "decorated_definition" ? method.parent.parent : (method.parent ?? null);
  return outer?.type === "block" && outer.parent?.type === "class_definition" ? outer.parent : null;
}

/** By the name of a base (here, or of a base that is written here), or by what its methods ask of `self`. */
function isTestCase(file: PythonFile, owner: SyntaxNode, seen: ReadonlySet<SyntaxNode> = new Set()): boolean {
  const list = childByField(owner, "superclasses");
  const bases = list === null ? [] : operands(list).filter(({ type }) => type === "identifier" || type === "attribute");
  const names = bases.map((base) => textOf(file, base).split(".").at(-1) ?? "");
  if (names.some((name) => /TestCase$/.test(name)) || assertsBySelf(file, owner)) return true;
  const written = [...preorder(file.root)]
    .filter(({ type }) => type === "class_definition")
    .filter((node) => !seen.has(node) && names.includes(textOf(file, childByField(node, "name"))));
  return written.some((base) => isTestCase(file, base, new Set([...seen, owner])));
}

/** `self.assertEqual(…)`, `self.client.get(…)`: nothing but a TestCase has them. */
function assertsBySelf(file: PythonFile, owner: SyntaxNode): boolean {
  return [...preorder(owner)].some(
    (node) => node.type === "attribute" && /^self\s*\.\s*(assert[A-Z]\w*|client)$/.test(textOf(file, node)),
  );
}

/** Puts a simple statement that has its lines for itself into a `with` block; null for any other. Lines within strings stay as they are. */
export function wrapInWith(file: PythonFile, { node }: Statement, manager: string): readonly Edit[] | null {
  if (!["expression_statement", "return_statement", "assert_statement"].includes(node.type)) return null;
  const { lines, text } = file;
  const [start, end] = [lines.positionAt(node.start), lines.positionAt(node.end)];
  const indent = lines.lineText(start.line).slice(0, start.character);
  const behind = text.slice(node.end, lines.contentEnd(end.line));
  if (indent.trim() !== "" || !/^\s*(#.*)?$/.test(behind)) return null;
  const unit = unitOf(file, node, indent);
  const ending = lines.lineEnding(start.line) || "\n";
  const edits: Edit[] = [{ range: { start, end: start }, newText: `with ${manager}:${ending}${indent}${unit}` }];
  for (let line = start.line + 1; line <= end.line; line++) {
    const at = { line, character: 0 };
    if (lines.lineText(line).trim() === "" || isInString(file, lines.lineStart(line))) continue;
    edits.push({ range: { start: at, end: at }, newText: unit });
  }
  return edits;
}

/** By how much the statement is indented against what holds it. */
function unitOf({ lines }: PythonFile, node: SyntaxNode, indent: string): string {
  const holder = node.parent?.parent;
  const outer = holder ? /^\s*/.exec(lines.lineText(lines.positionAt(holder.start).line))?.[0] : undefined;
  const unit = outer !== undefined && indent.startsWith(outer) ? indent.slice(outer.length) : "";
  return unit === "" ? "    " : unit;
}

function isInString({ root }: PythonFile, offset: number): boolean {
  for (let node: SyntaxNode | null = smallestCovering(root, offset, offset); node !== null; node = node.parent) {
    if (node.type === "string" && node.start < offset && offset < node.end) return true;
  }
  return false;
}

/** Has pytest hand a fixture to a test: none to add where it is a parameter already, null where the parameters take no more plain ones. */
export function addFixture(file: PythonFile, { node }: TestFunction, name: string): readonly Edit[] | null {
  const list = childByField(node, "parameters");
  if (list === null) return null;
  const parameters = operands(list);
  if (parameters.some((parameter) => nameOf(file, parameter) === name)) return [];
  if (parameters.some(({ type }) => !plain.has(type))) return null;
  const last = parameters.findLast(({ type }) => !defaulted.has(type));
  if (last !== undefined) return addBehind(file, list, last, [name]);
  const [first] = parameters;
  const at = file.lines.positionAt(first?.start ?? list.start + 1);
  return [{ range: { start: at, end: at }, newText: first === undefined ? name : `${name}, ` }];
}

const defaulted: ReadonlySet<string> = new Set(["default_parameter", "typed_default_parameter"]);
const plain: ReadonlySet<string> = new Set(["identifier", "typed_parameter", ...defaulted]);

function nameOf(file: PythonFile, parameter: SyntaxNode): string {
  return parameter.type === "identifier" ? textOf(file, parameter) : textOf(file, childOfType(parameter, "identifier"));
}

function textOf({ text }: PythonFile, node: SyntaxNode | null): string {
  return node === null ? "" : text.slice(node.start, node.end);
}
