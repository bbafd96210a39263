import type { Edit } from "../text/edits.ts";
import type { Position, Range } from "../text/range.ts";
import type { Chain } from "./chains.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, operands, preorder, type SyntaxNode, smallestCovering, unparenthesized } from "./syntax.ts";

/** How to have, before a loop, the keys that each of its turns asks for. */
export interface LoopKeys {
  /** The key of one turn, as written. */
  readonly key: string;
  /** An expression for all of them: `quantities`, `[line.product_id for line in lines]`. */
  readonly text: string;
  /** Where a statement before the loop goes, and what it ends with. */
  readonly insertAt: Position;
  readonly indent: string;
  readonly lineEnd: string;
  /** The edits that put something before an expression in the loop, in parentheses where it needs them. */
  readonly around: (text: string, expression: Range) => readonly Edit[];
}

/**
 * The keys for an expression that stands in a `for` loop.
 *
 * What the loop goes through is read twice then, so it must surely be something that can be; and keys are read for turns that would not have
 * come to the expression, so that must be harmless.
 */
export function keysBefore(file: PythonFile, chain: Chain, keyRange: Range): LoopKeys | { readonly reason: string } {
  const turns = file.turnsAround(chain.range)[0];
  if (turns === undefined || (turns.loop.kind !== "for" && turns.loop.kind !== "async for")) {
    return { reason: "The query does not stand in a for loop of its own." };
  }
  const { node } = turns.loop.statement;
  const iterable = childByField(node, "right");
  const target = childByField(node, "left");
  if (iterable === null || target === null || turns.loop.kind === "async for") {
    return { reason: "What the loop goes through cannot be read twice." };
  }
  const written = (part: SyntaxNode) => file.text.slice(part.start, part.end);
  const key = smallestCovering(file.root, file.lines.offsetAt(keyRange.start), file.lines.offsetAt(keyRange.end));
  const targets = namesIn(target, file.text);
  if (!isHarmless(key, targets, file.text))
    return { reason: "Its key is not read from the loop's own variable alone." };
  if (isAssignedIn(node, targets, file.text)) return { reason: "The loop gives its variable another value." };
  if (!canBeReadTwice(file, iterable, node)) {
    return { reason: `Whether ${written(iterable)} can be gone through twice is not to be seen here.` };
  }
  const start = file.lines.positionAt(node.start);
  const indent = file.lines.lineText(start.line).slice(0, start.character);
  if (indent.trim() !== "") return { reason: "The loop does not begin a line." };
  return {
    key: written(key),
    text: keysText(written(key), target, iterable, file.text),
    insertAt: start,
    indent,
    lineEnd: file.lines.lineEnding(start.line) || "\n",
    around: (text, expression) => around(file, text, expression),
  };
}

function keysText(key: string, target: SyntaxNode, iterable: SyntaxNode, text: string): string {
  const source = text.slice(iterable.start, iterable.end);
  const dict = /^([\w.]+)\.(?:items|keys)\(\)$/.exec(source)?.[1];
  const first = target.type === "identifier" ? target : operands(target)[0];
  const isFirst = first !== undefined && text.slice(first.start, first.end) === key;
  if (dict !== undefined && isFirst) return dict;
  if (target.type === "identifier" && isFirst && /^\w+$/.test(source)) return source;
  return `[${key} for ${text.slice(target.start, target.end)} in ${source}]`;
}

/** A variable of the loop, or one attribute of it: neither fails for a turn that the loop leaves early. */
function isHarmless(key: SyntaxNode, targets: ReadonlySet<string>, text: string): boolean {
  const object = key.type === "attribute" ? childByField(key, "object") : key;
  return object !== null && object.type === "identifier" && targets.has(text.slice(object.start, object.end));
}

function namesIn(target: SyntaxNode, text: string): ReadonlySet<string> {
  const names = [...preorder(target)].filter(({ type }) => type === "identifier");
  return new Set(names.map(({ start, end }) => text.slice(start, end)));
}

function isAssignedIn(loop: SyntaxNode, names: ReadonlySet<string>, text: string): boolean {
  const body = childByField(loop, "body");
  if (body === null) return true;
  return [...preorder(body)].some((node) => {
    if (!/^(assignment|augmented_assignment|named_expression|for_statement)$/.test(node.type)) return false;
    const left = childByField(node, node.type === "named_expression" ? "name" : "left");
    return left !== null && [...namesIn(left, text)].some((name) => names.has(name));
  });
}

const collections: ReadonlySet<string> = new Set([
  ...["list", "tuple", "set", "dictionary"],
  ...["list_comprehension", "set_comprehension", "dictionary_comprehension"],
]);
const making: ReadonlySet<string> = new Set(["list", "tuple", "set", "dict", "sorted", "frozenset"]);

/** A dict's items or keys, or a local name for a collection that was made in the same function, of which nothing else comes to be. */
function canBeReadTwice(file: PythonFile, iterable: SyntaxNode, loop: SyntaxNode): boolean {
  const text = file.text.slice(iterable.start, iterable.end);
  if (/^[\w.]+\.(items|keys|values)\(\)$/.test(text)) return true;
  if (iterable.type !== "identifier") return false;
  const qualname = file.statementAt(file.lines.rangeAt(loop.start, iterable.end))?.qualname;
  const values = [...preorder(file.root)].flatMap((node) => {
    if (node.type !== "assignment") return [];
    const left = childByField(node, "left");
    const right = childByField(node, "right");
    if (left === null || right === null || file.text.slice(left.start, left.end) !== text) return [];
    return file.statementAt(file.lines.rangeAt(node.start, node.end))?.qualname === qualname ? [right] : [];
  });
  return values.length > 0 && values.every((value) => isCollection(unparenthesized(value), file.text));
}

function isCollection(node: SyntaxNode, text: string): boolean {
  if (collections.has(node.type)) return true;
  const called = node.type === "call" ? childByField(node, "function") : null;
  return called !== null && making.has(text.slice(called.start, called.end));
}

const takesWhole: ReadonlySet<string> = new Set([
  "assignment",
  "argument_list",
  "keyword_argument",
  "return_statement",
  "parenthesized_expression",
]);

function around(file: PythonFile, text: string, { start, end }: Range): readonly Edit[] {
  let node = smallestCovering(file.root, file.lines.offsetAt(start), file.lines.offsetAt(end));
  if (node.parent?.type === "await") node = node.parent;
  const first = file.lines.positionAt(node.start);
  const last = file.lines.positionAt(node.end);
  const isWhole = node.parent !== null && takesWhole.has(node.parent.type);
  if (isWhole) return [{ range: { start: first, end: first }, newText: text }];
  return [
    { range: { start: first, end: first }, newText: `(${text}` },
    { range: { start: last, end: last }, newText: ")" },
  ];
}
