import { isTrivia, type SyntaxNode } from "./syntax.ts";

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

type Step = SyntaxNode | "leave";

/** Normalises the nodes that make up a header, in their order. */
export function normaliseHeader(nodes: readonly SyntaxNode[], source: string): NormalisedHeader {
  const parts: string[] = [];
  const tokens: HeaderToken[] = [];
  const waiting: Step[] = [...nodes].reverse();
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    if (step === "leave") {
      parts.push(">");
    } else if (isTrivia(step) || isStyle(step)) {
      // Says nothing.
    } else if (step.children.length === 0 || wholeTokens.has(step.type)) {
      const text = tokenText(step, source);
      parts.push(text);
      tokens.push({ text, start: step.start, end: step.end });
    } else {
      if (step.type !== "parenthesized_expression") {
        parts.push(`<${synonyms[step.type] ?? step.type}`);
        waiting.push("leave");
      }
      for (let index = step.children.length - 1; index >= 0; index--) waiting.push(step.children[index] as SyntaxNode);
    }
  }
  return { text: parts.join(" "), tokens };
}

/** A subscript's comma makes a tuple of its index; every other comma only separates what the tree separates anyway. */
function isStyle(node: SyntaxNode): boolean {
  const parent = node.parent?.type ?? "";
  if (node.type === ",") return parent !== "subscript";
  return (node.type === "(" || node.type === ")") && optionalParentheses.has(parent);
}

function tokenText(node: SyntaxNode, source: string): string {
  const text = source.slice(node.start, node.end);
  switch (node.type) {
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
      return node.named ? text.replace(/\s+/g, " ") : node.type;
  }
}
