import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangeOf, textAt } from "../text/testing.ts";
import { parseTemplate } from "./djangoTemplate.ts";

describe("tags and variables", () => {
  it("are read with their places, blocks and texts", () => {
    const text = `{% extends "base.html" %}
{% block list %}é😀{{ a.b|default:"x" }}{% include 'row.html' with o=o only %}
{% block inner %}{{ c }}{% endblock inner %}{{ d }}{% endblock %}{% include name %}
`;
    const file = parseTemplate(text);
    expect(file.tags.map((node) => [node.kind, node.text, node.block, textAt(text, node.range)])).toEqual([
      ["tag", 'extends "base.html"', "", '{% extends "base.html" %}'],
      ["tag", "block list", "", "{% block list %}"],
      ["variable", 'a.b|default:"x"', "list", '{{ a.b|default:"x" }}'],
      ["tag", "include 'row.html' with o=o only", "list", "{% include 'row.html' with o=o only %}"],
      ["tag", "block inner", "list", "{% block inner %}"],
      ["variable", "c", "inner", "{{ c }}"],
      ["tag", "endblock inner", "list", "{% endblock inner %}"],
      ["variable", "d", "list", "{{ d }}"],
      ["tag", "endblock", "", "{% endblock %}"],
      ["tag", "include name", "", "{% include name %}"],
    ]);
    expect(file.references.map(({ kind, template }) => [kind, template])).toEqual([
      ["extends", "base.html"],
      ["include", "row.html"],
      ["include", null],
    ]);
  });

  it("are not seen in comments and verbatim parts, nor over a line's end", () => {
    const text = `{# {{ a }} #}{% comment "why" %}{{ b }}{% endcomment %}
{% verbatim own %}{{ c }}{% endverbatim %}{% endverbatim own %}{{ d }}
{{ e
}}{# {{ f }}
#}`;
    const texts = parseTemplate(text).tags.map((node) => node.text);
    expect(texts).toEqual(['comment "why"', "verbatim own", "d", "f"]);
  });

  it("go over line ends in Jinja, with its whitespace signs", () => {
    const text = "{%- for a in\n  b -%}{{- a.c\n}}{# {{ d }}\n#}{% raw %}{{ e }}{% endraw %}{%+ endfor %}";
    const file = parseTemplate(text, "jinja");
    expect(file.tags.map((node) => node.text)).toEqual(["for a in\n  b", "a.c", "raw", "endfor"]);
    expect(file.loops.map(({ variables, iterable }) => [variables, iterable])).toEqual([[["a"], "b"]]);
  });

  it("are told apart in one line by their text", () => {
    const text = "\n{{ a }} {{ b.c }}{{b.c}} {% url  'x'  b.d %}";
    const file = parseTemplate(text);
    expect(file.nodeAtLine(1, "b.c")?.range).toEqual(rangeOf(text, "{{ b.c }}"));
    expect(file.nodeAtLine(1, "url 'x' b.d")?.name).toBe("url");
    expect(file.nodeAtLine(1, null)?.text).toBe("a");
    expect(file.nodeAtLine(0, "a")).toBeNull();
    expect(file.nodeAtLine(1, "b")).toBeNull();
  });

  it("are known by a recorded text that was cut off", () => {
    const long = `include "x" with ${"a=b ".repeat(60)}`;
    expect(parseTemplate(`{% ${long}%}`).nodeAtLine(0, long.slice(0, 200))?.name).toBe("include");
    expect(parseTemplate(`{% ${long}%}`).nodeAtLine(0, long.slice(0, 199))).toBeNull();
  });
});

describe("loops", () => {
  it("have their ranges, bodies and empty parts", () => {
    const text = `{% for key, value in d.items reversed %}<b>{% for o in value %}{% if o %}x{% else %}y{% endif %}{% endfor %}
</b>{% empty %}none{% endfor %} {% for open in list %}rest`;
    const file = parseTemplate(text);
    const found = file.loops.map((loop) => [
      loop.variables,
      loop.iterable,
      textAt(text, loop.openRange),
      textAt(text, loop.body),
      loop.empty && textAt(text, loop.empty),
      textAt(text, loop.range).slice(-12),
    ]);
    expect(found).toEqual([
      [
        ["key", "value"],
        "d.items",
        "{% for key, value in d.items reversed %}",
        "<b>{% for o in value %}{% if o %}x{% else %}y{% endif %}{% endfor %}\n</b>",
        "{% empty %}none",
        "{% endfor %}",
      ],
      [["o"], "value", "{% for o in value %}", "{% if o %}x{% else %}y{% endif %}", null, "{% endfor %}"],
      [["open"], "list", "{% for open in list %}", "rest", null, " list %}rest"],
    ]);
    expect(file.loopsAround(rangeOf(text, "x{% else")).map((loop) => loop.iterable)).toEqual(["value", "d.items"]);
    expect(file.loopsAround(rangeOf(text, "rest")).map((loop) => loop.iterable)).toEqual(["list"]);
  });

  it("end their body at Jinja's own else", () => {
    const text = "{% for a in b %}{% if a %}1{% else %}2{% endif %}{% else %}3{% endfor %}";
    const [loop] = parseTemplate(text, "jinja").loops;
    expect(loop && textAt(text, loop.body)).toBe("{% if a %}1{% else %}2{% endif %}");
    expect(loop?.empty && textAt(text, loop.empty)).toBe("{% else %}3");
  });
});

it("reads any text, with loops that nest or follow one another", () => {
  const piece = fc.constantFrom(
    "{% for a in b %}",
    "{% endfor %}",
    "{% empty %}",
    "{% else %}",
    "{% if c %}",
    "{% endif %}",
    "{% block d %}",
    "{% endblock %}",
    "{{ a.e }}",
    "{%",
    "%}",
    "{{",
    "\r\n",
    "😀",
    "{% verbatim %}",
    "{% endverbatim %}",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), fc.constantFrom("django-template", "jinja"), (pieces, language) => {
      const file = parseTemplate(pieces.join(""), language);
      const spans = file.loops.map(
        ({ range }) => [file.lines.offsetAt(range.start), file.lines.offsetAt(range.end)] as const,
      );
      for (const [start, end] of spans) {
        for (const [otherStart, otherEnd] of spans) {
          const isApart = otherEnd <= start || end <= otherStart;
          const isNested = (start <= otherStart && otherEnd <= end) || (otherStart <= start && end <= otherEnd);
          expect(isApart || isNested).toBe(true);
        }
      }
      for (const node of file.tags) expect(textAt(file.text, node.range)).toContain(node.text);
    }),
  );
});
