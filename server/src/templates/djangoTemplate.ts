import { LineIndex } from "../text/columns.ts";
import type { Position, Range } from "../text/range.ts";
import { readTokens, type TemplateLanguage, type TemplateToken } from "./lexer.ts";

/** A tag or variable in its place. Lines count from 0. */
export interface TemplateNode {
  readonly kind: "tag" | "variable";
  /** The tag's name; "" for a variable. */
  readonly name: string;
  /** As written between the delimiters, trimmed. */
  readonly text: string;
  /** With its delimiters. */
  readonly range: Range;
  readonly line: number;
  /** The name of the innermost `{% block %}` around it, "" outside blocks. */
  readonly block: string;
}

export interface TemplateLoop {
  /** `{% for %}` to `{% endfor %}`; to the text's end where that is missing. */
  readonly range: Range;
  readonly openRange: Range;
  /** Between `{% for %}` and `{% empty %}`, `{% else %}` or `{% endfor %}`. */
  readonly body: Range;
  /** Its `{% endfor %}` is missing, so that what stands behind it may be none of its body. */
  readonly isOpen: boolean;
  /** From `{% empty %}` (Jinja: `{% else %}`) to `{% endfor %}`; null where there is none. */
  readonly empty: Range | null;
  readonly line: number;
  /** `["key", "value"]` */
  readonly variables: readonly string[];
  /** The text behind `in`, without `reversed`. */
  readonly iterable: string;
  readonly node: TemplateNode;
}

/** `{% include %}` or `{% extends %}`; `template` is null where its name is no literal. */
export interface TemplateReference {
  readonly kind: "include" | "extends";
  readonly template: string | null;
  readonly node: TemplateNode;
}

export interface TemplateFile {
  readonly text: string;
  readonly lines: LineIndex;
  readonly language: TemplateLanguage;
  /** All tags and variables, in document order. */
  readonly tags: readonly TemplateNode[];
  /** For each of `tags` the index of the innermost one around it that has an end of its own (`{% if %}`, `{% block %}`); -1 outside all. */
  readonly around: readonly number[];
  /** In the order of their `{% for %}`. */
  readonly loops: readonly TemplateLoop[];
  readonly references: readonly TemplateReference[];
  /**
   * The first node in the line (from 0) with that text, whitespace aside; where the text is null, the line's first node. A text of 200
   * characters may be cut off, as recorded ones are.
   */
  nodeAtLine(line: number, token: string | null): TemplateNode | null;
  /** The nodes that begin in the line; where none does, the one that goes over it. */
  nodesInLine(line: number): readonly TemplateNode[];
  /** The loops around a place, innermost first. */
  loopsAround(range: Range): readonly TemplateLoop[];
}

/** Any text reads; nothing in it is evaluated. */
export function parseTemplate(text: string, language: TemplateLanguage = "django-template"): TemplateFile {
  const lines = new LineIndex(text);
  const tags = readNodes(text, language, lines);
  const loops = readLoops(tags, language, lines);
  return {
    text,
    lines,
    language,
    tags,
    around: readAround(tags),
    loops,
    references: readReferences(tags),
    nodeAtLine: (line, token) =>
      tags.find((node) => node.line === line && (token === null || isSameTag(node.text, token))) ?? null,
    nodesInLine: (line) => {
      const begun = tags.filter((node) => node.line === line);
      return begun.length > 0 ? begun : tags.filter(({ range }) => range.start.line < line && line <= range.end.line);
    },
    loopsAround: ({ start, end }) =>
      loops.filter(({ range }) => !isBefore(start, range.start) && !isBefore(range.end, end)).reverse(),
  };
}

/** Recorded texts are cut at this length. */
const longestRecorded = 200;

/** Whether a tag in the text is the recorded one. */
export function isSameTag(written: string, recorded: string): boolean {
  const tag = oneSpaced(written);
  const wanted = oneSpaced(recorded);
  return tag === wanted || (recorded.length >= longestRecorded && written.startsWith(recorded));
}

export function oneSpaced(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function readNodes(text: string, language: TemplateLanguage, lines: LineIndex): readonly TemplateNode[] {
  const nodes: TemplateNode[] = [];
  const blocks: string[] = [];
  for (const token of readTokens(text, language)) {
    const name = tagName(token);
    if (name === "endblock") blocks.pop();
    const range = lines.rangeAt(token.start, token.end);
    const block = blocks.at(-1) ?? "";
    nodes.push({ kind: token.kind, name, text: token.contents, range, line: range.start.line, block });
    if (name === "block") blocks.push(token.contents.split(/\s+/)[1] ?? "");
  }
  return nodes;
}

function tagName(token: TemplateToken): string {
  return token.kind === "tag" ? (/^\S+/.exec(token.contents)?.[0] ?? "") : "";
}

/** Whatever a tag is called, one with an `end…` behind it holds what stands between. */
function readAround(tags: readonly TemplateNode[]): readonly number[] {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (const [index, { name }] of tags.entries()) {
    if (!name.startsWith("end")) {
      if (name !== "") open.push(index);
      continue;
    }
    const at = open.findLastIndex((opened) => name === `end${tags[opened]?.name}`);
    if (at >= 0) ends.set(open.splice(at)[0] as number, index);
  }
  const around: number[] = [];
  const holders: number[] = [];
  for (const index of tags.keys()) {
    while (holders.length > 0 && (ends.get(holders.at(-1) as number) ?? 0) < index) holders.pop();
    around.push(holders.at(-1) ?? -1);
    if (ends.has(index)) holders.push(index);
  }
  return around;
}

interface OpenLoop {
  readonly node: TemplateNode;
  readonly index: number;
  /** How many `{% if %}` were open where the loop began: an `{% else %}` within one is not the loop's. */
  readonly conditions: number;
  empty: TemplateNode | null;
}

function readLoops(
  tags: readonly TemplateNode[],
  language: TemplateLanguage,
  lines: LineIndex,
): readonly TemplateLoop[] {
  const found: { readonly index: number; readonly loop: TemplateLoop }[] = [];
  const open: OpenLoop[] = [];
  let conditions = 0;
  const close = (loop: OpenLoop, bodyEnd: Position, end: Position) =>
    found.push({ index: loop.index, loop: readLoop(loop, bodyEnd, end) });
  tags.forEach((node, index) => {
    const current = open.at(-1);
    if (node.name === "if") conditions++;
    else if (node.name === "endif") conditions = Math.max(0, conditions - 1);
    else if (node.name === "for") open.push({ node, index, conditions, empty: null });
    else if (current === undefined) return;
    else if (
      node.name === "empty" ||
      (language === "jinja" && node.name === "else" && conditions === current.conditions)
    ) {
      current.empty ??= node;
    } else if (node.name === "endfor") {
      open.pop();
      conditions = current.conditions;
      close(current, node.range.start, node.range.end);
    }
  });
  const textEnd = lines.positionAt(lines.text.length);
  for (const loop of open) close(loop, textEnd, textEnd);
  return found.sort((a, b) => a.index - b.index).map(({ loop }) => loop);
}

function readLoop({ node, empty }: OpenLoop, bodyEnd: Position, end: Position): TemplateLoop {
  const [, variables = "", iterable = ""] = /^for\s+(.*?)\s+in\s+(.*)$/s.exec(node.text) ?? [];
  return {
    range: { start: node.range.start, end },
    isOpen: bodyEnd === end,
    openRange: node.range,
    body: { start: node.range.end, end: empty?.range.start ?? bodyEnd },
    empty: empty === null ? null : { start: empty.range.start, end: bodyEnd },
    line: node.line,
    variables: variables.split(/\s*,\s*/).filter((name) => name !== ""),
    iterable: iterable.replace(/\s+reversed$/, ""),
    node,
  };
}

function readReferences(tags: readonly TemplateNode[]): readonly TemplateReference[] {
  return tags.flatMap((node) => {
    if (node.name !== "include" && node.name !== "extends") return [];
    const template = /^\w+\s+(["'])(.*?)\1/.exec(node.text)?.[2] ?? null;
    return [{ kind: node.name, template, node }];
  });
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
