import type { CompactTree } from "./compactTree.ts";
import { isTrivia } from "./syntax.ts";

/** One token of a normalised header, with the span it covers in its own text (UTF-16 offsets). */
export interface HeaderToken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The syntax of a header without its style: two headers have equal `text` exactly when they mean the same code up to quote style,
 * redundant parentheses, trailing commas, comments and whitespace. Equal texts have equally many `tokens`, so that a place in
 * one can be found in the other.
 */
export interface NormalisedHeader {
  readonly text: string;
  readonly tokens: readonly HeaderToken[];
}

/** Nodes that only some styles write, or whose brackets are optional: their type says the same as another's. */
const synonyms: Readonly<Record<string, string>> = {
  expression_list: "tuple",
  pattern_list: "tuple",
  tuple_pattern: "tuple",
  list_pattern: "list",
};

/** Nodes whose parentheses carry no meaning of their own. */
const optionalParentheses = new Set([
  "parenthesized_expression",
  "with_clause",
  "import_from_statement",
  "tuple",
  "tuple_pattern",
]);

/** Nodes that are one token though they have parts: text between the parts counts, or the parts mean nothing alone. */
const wholeTokens = new Set(["string_content", "string_start", "string_end", "format_specifier", "ERROR"]);

/** Neighbouring nodes of a tree, and the one that they are children of. */
export interface Siblings {
  readonly parent: number;
  readonly from: number;
  /** The first node behind them. */
  readonly to: number;
}

/** Normalises the nodes that make up a header, in their order. No node of the tree is made an object for it: it is done for all statements of a text. */
export function normaliseHeader(tree: CompactTree, nodes: readonly Siblings[], source: string): NormalisedHeader {
  const parts: string[] = [];
  const tokens: HeaderToken[] = [];
  for (const { parent, from, to } of nodes) {
    /** The nodes around this one, the outermost first: their types, and where they end. */
    const types = [tree.type(parent)];
    const ends = [-1];
    for (let node = from; ; ) {
      while (ends.at(-1) === node) {
        ends.pop();
        if (types.pop() !== "parenthesized_expression") parts.push(">");
      }
      if (node >= to) break;
      const type = tree.type(node);
      const outer = types.at(-1) ?? "";
      if (isTrivia({ type }) || isStyle(type, outer)) {
        // Says nothing.
        node = tree.behind(node);
      } else if (tree.isLeaf(node) || wholeTokens.has(type)) {
        const start = tree.start(node);
        const end = tree.end(node);
        const text = tokenText(type, tree.isNamed(node), source.slice(start, end));
        parts.push(text);
        tokens.push({ text, start, end });
        node = tree.behind(node);
      } else {
        if (type !== "parenthesized_expression") parts.push(`<${synonyms[type] ?? type}`);
        types.push(type);
        ends.push(tree.behind(node));
        node += 1;
      }
    }
  }
  return { text: parts.join(" "), tokens };
}

/** A subscript's comma makes a tuple of its index; every other comma only separates what the tree separates anyway. */
function isStyle(type: string, outer: string): boolean {
  if (type === ",") return outer !== "subscript";
  return (type === "(" || type === ")") && optionalParentheses.has(outer);
}

function tokenText(type: string, isNamed: boolean, text: string): string {
  switch (type) {
    case "string_start":
      return `${text
        .replace(/["']+$/, "")
        .toLowerCase()
        .replace("u", "")}"`;
    case "string_end":
      return '"';
    case "string_content":
      // Python reads every line end in a string as a line feed.
      return text.replace(/\\(["'])/g, "$1").replace(/\r\n?/g, "\n");
    case "integer":
    case "float":
      return text.toLowerCase();
    case "identifier":
      return text;
    default:
      return isNamed ? text.replace(/\s+/g, " ") : type;
  }
}
