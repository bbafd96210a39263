import type { Edit } from "../text/edits.ts";
import type { Position } from "../text/range.ts";
import type { Call, Chain, Link } from "./chains.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, isTrivia, operands, type SyntaxNode, smallestCovering } from "./syntax.ts";

/** Where a call goes: behind a link of the chain, behind its root (before the first method call), or at its end. */
export type ChainPlace = Link | "root" | "end";

/**
 * Adds a method call to a chain, in the chain's own layout: on the same line; or on a line of its own, where the chain has its methods
 * on lines of their own (in parentheses or with backslashes). A comment stays with the call that it stands behind. Nothing is replaced.
 *
 * @param args as source text; strings by {@link quoted}.
 */
export function insertCall(
  file: PythonFile,
  chain: Chain,
  place: ChainPlace,
  name: string,
  args: readonly string[],
): readonly Edit[] {
  const call = `.${name}(${args.join(", ")})`;
  const position = place === "root" ? chain.rootRange.end : place === "end" ? chain.range.end : place.expression.end;
  const offset = file.lines.offsetAt(position);
  const model = lineOfItsOwn(file, chain, offset);
  if (model === null || isInFormatString(file, offset)) return [insertion(position, call)];
  const isBracketed = standsInBrackets(file, offset);
  if (isBracketed && !model.isBackslashed) {
    return [insertion(afterComment(file, position), `${lineEnding(file, position)}${model.indent}${call}`)];
  }
  return [insertion(position, ` \\${lineEnding(file, position)}${model.indent}${call}`)];
}

/**
 * Adds positional arguments to a call, behind the positional ones that it has, in their layout (one a line, trailing comma, comments).
 * Nothing is replaced. Null where none can be added: `f(x for x in y)`.
 */
export function addArguments(file: PythonFile, call: Call, args: readonly string[]): readonly Edit[] | null {
  const list = childByField(call.node, "arguments");
  if (list?.type !== "argument_list") return null;
  if (args.length === 0) return [];
  const written = list.children.filter((child) => child.named && !isTrivia(child));
  const positional = written.filter((child) => child.type !== "keyword_argument" && child.type !== "dictionary_splat");
  const last = positional.at(-1);
  if (last !== undefined) return addBehind(file, list, last, args);
  const [keyword] = written;
  if (keyword === undefined) return [insertion(file.lines.positionAt(list.start + 1), args.join(", "))];
  const start = file.lines.positionAt(keyword.start);
  const indent = indentBefore(file, keyword.start);
  const separator = indent === null ? ", " : `,${lineEnding(file, start)}${indent}`;
  return [insertion(start, args.map((arg) => arg + separator).join(""))];
}

/**
 * Adds elements to a list or tuple in brackets, in its layout. Nothing is replaced. Null for everything else.
 *
 * @param elements as source text; one at least
 */
export function addElements(file: PythonFile, node: SyntaxNode, elements: readonly string[]): readonly Edit[] | null {
  if (node.type !== "list" && node.type !== "tuple") return null;
  const last = operands(node).at(-1);
  if (last === undefined) {
    const comma = node.type === "tuple" && elements.length === 1 ? "," : "";
    return [insertion(file.lines.positionAt(node.start + 1), elements.join(", ") + comma)];
  }
  const end = node.children.at(-2);
  // The comma that makes a tuple of one element is none that asks for a line each.
  if (node.type === "tuple" && operands(node).length === 1 && end?.type === "," && isOneLine(file, node)) {
    return [insertion(file.lines.positionAt(end.end), ` ${elements.join(", ")}`)];
  }
  return addBehind(file, node, last, elements);
}

function isOneLine(file: PythonFile, { start, end }: SyntaxNode): boolean {
  return file.lines.positionAt(start).line === file.lines.positionAt(end).line;
}

/**
 * A string literal with the quote that the file prefers, or, within a format string (where Python before 3.12 does not allow its own quote), the
 * other one.
 */
export function quoted(file: PythonFile, value: string, at?: Position): string {
  const outer = at === undefined ? null : formatStringAround(file, file.lines.offsetAt(at));
  const outerQuote = outer === null ? null : file.text.slice(outer.start, outer.end).match(/["']/)?.[0];
  const quote = outerQuote === undefined || outerQuote === null ? file.quote : outerQuote === '"' ? "'" : '"';
  return quote + value.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`).replace(/\n/g, "\\n") + quote;
}

/** Adds to a bracketed list behind one of its members, in its layout. Nothing is replaced. */
export function addBehind(
  file: PythonFile,
  list: SyntaxNode,
  last: SyntaxNode,
  args: readonly string[],
): readonly Edit[] {
  const inline = [insertion(file.lines.positionAt(last.end), args.map((arg) => `, ${arg}`).join(""))];
  const indent = indentBefore(file, last.start);
  if (indent === null) return inline;
  const next = list.children.slice(list.children.indexOf(last) + 1).find((child) => !isTrivia(child));
  const comma = next?.type === "," ? next : null;
  const position = file.lines.positionAt(comma?.end ?? last.end);
  if (!/^\s*(#.*)?$/.test(restOfLine(file, position))) return inline;
  const lineStart = lineEnding(file, position) + indent;
  const lineEnd = afterComment(file, position);
  if (comma !== null) return [insertion(lineEnd, args.map((arg) => `${lineStart}${arg},`).join(""))];
  const lines = args.map((arg) => lineStart + arg).join(",");
  if (lineEnd === position) return [insertion(position, `,${lines}`)];
  return [insertion(position, ","), insertion(lineEnd, lines)];
}

interface LineModel {
  readonly indent: string;
  readonly isBackslashed: boolean;
}

/** The layout of the nearest link that begins its line, before the offset if there is one; null where none does. */
function lineOfItsOwn(file: PythonFile, chain: Chain, offset: number): LineModel | null {
  const models = chain.links.flatMap((link) => {
    if ((link.kind !== "attribute" && link.kind !== "call") || link.dot === null) return [];
    const dot = file.lines.offsetAt(link.dot);
    const indent = indentBefore(file, dot);
    if (indent === null) return [];
    const isBackslashed = link.dot.line > 0 && /\\$/.test(file.lines.lineText(link.dot.line - 1));
    return [{ dot, indent, isBackslashed }];
  });
  return models.findLast(({ dot }) => dot < offset) ?? models[0] ?? null;
}

/** The whitespace between a line's start and the offset; null where anything else stands there. */
function indentBefore(file: PythonFile, offset: number): string | null {
  const { line, character } = file.lines.positionAt(offset);
  const before = file.lines.lineText(line).slice(0, character);
  return /^\s*$/.test(before) ? before : null;
}

function restOfLine(file: PythonFile, { line, character }: Position): string {
  return file.lines.lineText(line).slice(character);
}

/** The end of the line where only a comment follows, else the position itself. */
function afterComment(file: PythonFile, position: Position): Position {
  const rest = restOfLine(file, position);
  if (!/^\s*#/.test(rest)) return position;
  return { line: position.line, character: position.character + rest.length };
}

function lineEnding(file: PythonFile, { line }: Position): string {
  return file.lines.lineEnding(line) || file.lines.lineEnding(line - 1) || "\n";
}

/** Whether a line may end at the offset without a backslash. */
function standsInBrackets(file: PythonFile, offset: number): boolean {
  for (
    let node: SyntaxNode | null = smallestCovering(file.root, offset - 1, offset);
    node !== null;
    node = node.parent
  ) {
    const opened = node.children.some((child) => /^[([{]$/.test(child.type) && child.end <= offset);
    const closes = node.children.some((child) => /^[)\]}]$/.test(child.type) && child.start >= offset);
    if (opened && closes) return true;
  }
  return false;
}

function isInFormatString(file: PythonFile, offset: number): boolean {
  return formatStringAround(file, offset) !== null;
}

/** The opening of the innermost format string whose replacement field holds the offset. */
function formatStringAround(file: PythonFile, offset: number): SyntaxNode | null {
  let node: SyntaxNode | null = smallestCovering(file.root, Math.max(0, offset - 1), offset);
  while (node !== null && node.type !== "interpolation") node = node.parent;
  return node?.parent?.children.find((child) => child.type === "string_start") ?? null;
}

function insertion(position: Position, newText: string): Edit {
  return { range: { start: position, end: position }, newText };
}
