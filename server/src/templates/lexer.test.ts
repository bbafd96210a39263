import fc from "fast-check";
import { expect, test } from "vitest";
import { readTokens, type TemplateLanguage } from "./lexer.ts";

/** As Django and Jinja have it, in one expression: it goes over the rest of a line again for each beginning without an end. */
const expressions: Readonly<Record<TemplateLanguage, RegExp>> = {
  "django-template": /\{%[^\r\n]*?%\}|\{\{[^\r\n]*?\}\}|\{#[^\r\n]*?#\}/g,
  jinja: /\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}|\{#[\s\S]*?#\}/g,
};

const piece = fc.constantFrom(
  ..."{}%# \n\ra-",
  "{%",
  "%}",
  "{{",
  "}}",
  "{#",
  "#}",
  "{% if a %}",
  "{{ b }}",
  "😀",
  "\u2028",
);

test.each<TemplateLanguage>(["django-template", "jinja"])("finds in any %s what the expression finds", (language) => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const expected = [...text.matchAll(expressions[language])]
        .filter(([whole]) => !whole.startsWith("{#"))
        .map(({ 0: whole, index }) => [index, index + whole.length]);
      expect([...readTokens(text, language)].map(({ start, end }) => [start, end])).toEqual(expected);
    }),
    { numRuns: 3_000 },
  );
});

test("a line of beginnings that never end is gone over once", () => {
  const text = `${"{{ {% {# ".repeat(200_000)}\n{{ a }}`;
  const tokens = [...readTokens(text, "django-template")];
  expect(tokens.map(({ contents }) => contents)).toEqual(["a"]);
});
