import { oneLine } from "./untrusted.ts";

/**
 * What a hover says, before it is Markdown or plain text. Untrusted text may stand in any of these: the renderers let none of it
 * become a link, an image, HTML or a command.
 */
export type Inline = string | { readonly code: string } | { readonly strong: string };

export type Block =
  | { readonly kind: "paragraph"; readonly content: readonly Inline[] }
  | { readonly kind: "list"; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string };

export function renderMarkdown(blocks: readonly Block[]): string {
  return blocks.map(markdownBlock).join("\n\n");
}

export function renderPlainText(blocks: readonly Block[]): string {
  return blocks.map(plainBlock).join("\n\n");
}

function markdownBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return markdownLine(block.content);
    case "list":
      return block.items.map((item) => `- ${markdownLine(item)}`).join("\n");
    case "code": {
      const fence = "`".repeat(Math.max(3, longestBacktickRun(block.text) + 1));
      return `${fence}${block.language}\n${block.text}\n${fence}`;
    }
  }
}

function markdownLine(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (typeof inline === "string") return escapeMarkdown(inline);
      return "code" in inline ? codeSpan(inline.code) : `**${escapeMarkdown(inline.strong.trim())}**`;
    })
    .join("");
}

/**
 * Any ASCII punctuation may be escaped by a backslash (CommonMark 2.4), but HTML and what extensions link by themselves
 * (`www.`, `http://`, mail addresses) need entities.
 */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, " ")
    .replace(/[\\`*_{}[\]#!|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/@/g, "&#64;")
    .replace(/:(?=\/\/)/g, "&#58;")
    .replace(/(www)\./gi, "$1&#46;")
    .replace(/^(\s*)([-+=])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/, "$1\\$2");
}

/** Longer than any run of backticks inside, as CommonMark 6.1 wants it. */
function codeSpan(text: string): string {
  const content = oneLine(text);
  if (content === "") return "";
  const fence = "`".repeat(longestBacktickRun(content) + 1);
  const padding = content.startsWith("`") || content.endsWith("`") ? " " : "";
  return fence + padding + content + padding + fence;
}

function longestBacktickRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
}

function plainBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return plainLine(block.content);
    case "list":
      return block.items.map((item) => `- ${plainLine(item)}`).join("\n");
    case "code":
      return block.text;
  }
}

function plainLine(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (typeof inline === "string") return inline;
      return "code" in inline ? oneLine(inline.code) : inline.strong;
    })
    .join("");
}
