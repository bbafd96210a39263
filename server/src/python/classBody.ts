import type { Range } from "../text/range.ts";
import { isDefinition } from "./definitions.ts";
import type { PythonFile } from "./pythonFile.ts";
import { childByField, operands, type SyntaxNode } from "./syntax.ts";

/** A statement right in a class's body. */
export interface Member {
  /** `text`: a docstring; `nothing`: `pass` or `...`; `other`: what binds no single name, as an `if`. */
  readonly kind: "attribute" | "method" | "class" | "text" | "nothing" | "other";
  /** What it binds; "" where it binds no single name. */
  readonly name: string;
  /** With its decorators. */
  readonly range: Range;
  /** An attribute's value; null for everything else, and where it is only annotated. */
  readonly value: SyntaxNode | null;
}

/** A class and what its body says. */
export interface ClassBody {
  readonly name: string;
  /** With its decorators. */
  readonly range: Range;
  /** The base classes as written, without keywords. */
  readonly bases: readonly string[];
  readonly members: readonly Member[];
  /** What each line of the body starts with; null where the body stands in the line of `class …:`. */
  readonly indent: string | null;
  /** What a body within this one is indented by, beyond it. */
  readonly step: string;
}

/** The innermost class whose header or body holds the range; null where a function stands between them, or where there is none. */
export function classAt(file: PythonFile, range: Range): ClassBody | null {
  const definition = file.definitionAt(range);
  const node = definition?.kind === "class" ? definition.statement.node : null;
  const block = node === null ? null : childByField(node, "body");
  if (definition === null || node === null || block === null) return null;
  const members = operands(block).map((statement) => readMember(file, statement));
  const outer = indentOf(file, node);
  const [first] = members;
  const indent = first === undefined ? null : indentBefore(file, first.range);
  const list = childByField(node, "superclasses");
  return {
    name: definition.name,
    range: definition.range,
    bases: list === null ? [] : operands(list).flatMap((base) => (isBase(base) ? textOf(file, base) : [])),
    members,
    indent,
    step: indent?.startsWith(outer) && indent.length > outer.length ? indent.slice(outer.length) : "    ",
  };
}

/** The last of these names that the body binds; null where it binds none. */
export function memberNamed({ members }: ClassBody, ...names: readonly string[]): Member | null {
  return members.findLast(({ name }) => names.includes(name)) ?? null;
}

/** The statements of the members with these names, each by what it says and where it stands among its equals. */
export function statementsOf(file: PythonFile, { members }: ClassBody, names: ReadonlySet<string>): readonly string[] {
  const own = members.filter(({ name }) => names.has(name));
  return own.flatMap(({ range }) => file.statementsWithin(range).map(({ identity }) => identity));
}

function readMember(file: PythonFile, node: SyntaxNode): Member {
  const range = file.lines.rangeAt(node.start, node.end);
  const definition = node.type === "decorated_definition" ? childByField(node, "definition") : node;
  if (definition !== null && isDefinition(definition)) {
    const name = childByField(definition, "name");
    const kind = definition.type === "class_definition" ? "class" : "method";
    return { kind, name: name === null ? "" : textOf(file, name), range, value: null };
  }
  if (node.type === "pass_statement") return { kind: "nothing", name: "", range, value: null };
  const [content, ...others] = operands(node);
  if (node.type !== "expression_statement" || content === undefined || others.length > 0) {
    return { kind: "other", name: "", range, value: null };
  }
  if (content.type === "ellipsis") return { kind: "nothing", name: "", range, value: null };
  if (content.type === "string" || content.type === "concatenated_string") {
    return { kind: "text", name: "", range, value: null };
  }
  const left = content.type === "assignment" ? childByField(content, "left") : null;
  if (left?.type !== "identifier") return { kind: "other", name: "", range, value: null };
  return { kind: "attribute", name: textOf(file, left), range, value: childByField(content, "right") };
}

function isBase({ type }: SyntaxNode): boolean {
  return type !== "keyword_argument" && type !== "list_splat" && type !== "dictionary_splat";
}

function indentOf(file: PythonFile, { start }: SyntaxNode): string {
  return /^\s*/.exec(file.lines.lineText(file.lines.positionAt(start).line))?.[0] ?? "";
}

function indentBefore(file: PythonFile, { start }: Range): string | null {
  const before = file.lines.lineText(start.line).slice(0, start.character);
  return /^\s*$/.test(before) ? before : null;
}

function textOf(file: PythonFile, { start, end }: SyntaxNode): string {
  return file.text.slice(start, end);
}
