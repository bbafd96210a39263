import { describe, expect, test } from "vitest";
import { type Block, renderMarkdown, renderPlainText } from "./document.ts";

const hostile = [
  "[click](command:workbench.action.terminal.new)",
  "![img](https://example.org/x.png)",
  "<a href='command:evil'>x</a><img src=x onerror=alert(1)>",
  "&lt;b&gt; &#91;x](y)",
  "https://example.org www.example.org someone@example.org",
  "```\n[out](command:evil)\n```",
  "a `b` ``c`` [d](e)",
  "# heading\n\n- item\n---\n1. one",
  "| a | b |\n|---|---|",
  "$(trash) ~~x~~ __y__ *z*",
  "line\r\nend\u2028other\u0000nul\u202eturned",
  "x".repeat(100_000),
];

/** What is left of Markdown once code, which renders nothing, and backslash escapes are taken away. */
function live(markdown: string): string {
  return markdown
    .replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "")
    .replace(/\\[!-/:-@[-`{-~]/g, "");
}

describe.each(hostile)("untrusted text %#", (text) => {
  const inlines: readonly Block[] = [
    { kind: "paragraph", content: ["Loads ", { code: text }, text, { strong: text }] },
    { kind: "list", items: [[{ code: text }], [text]] },
    { kind: "code", language: "sql", text },
  ];

  test("becomes no link, image, HTML, heading or table", () => {
    const markdown = live(renderMarkdown(inlines));
    expect(markdown).not.toMatch(/[<>`[\]!|]/);
    expect(markdown).not.toMatch(/:\/\/|www\.|@/i);
    expect(markdown).not.toMatch(/^\s*(#|---|\d+\. )/m);
    expect(markdown).not.toMatch(/\$\(/);
  });

  test("stays itself in plain text", () => {
    expect(renderPlainText([{ kind: "code", language: "sql", text }])).toBe(text);
  });
});

test("a fence is longer than any run of backticks inside", () => {
  const markdown = renderMarkdown([{ kind: "code", language: "sql", text: "````\nx\n````" }]);
  expect(markdown).toBe("`````sql\n````\nx\n````\n`````");
});

test("a code span keeps backticks apart from its own", () => {
  expect(renderMarkdown([{ kind: "paragraph", content: [{ code: "`a``b" }] }])).toBe("``` `a``b ```");
});

test("an answer reads the same in both renderings", () => {
  const blocks: readonly Block[] = [
    { kind: "paragraph", content: [{ strong: "101 queries" }, ", of them ", { code: "order.customer" }] },
    { kind: "list", items: [["one"], [{ code: "two" }]] },
  ];
  expect(renderMarkdown(blocks)).toBe("**101 queries**, of them `order.customer`\n\n- one\n- `two`");
  expect(renderPlainText(blocks)).toBe("101 queries, of them order.customer\n\n- one\n- two");
});
