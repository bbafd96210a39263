/** A template that is rendered with four `orders` of three items each, in a real recording. */
export interface TemplateCase {
  /** Below the folder of its language's templates: its ending says nothing of the language. */
  readonly name: string;
  readonly text: string;
  /** `line: title` of each lens, lines from 1, titles without times. */
  readonly lenses: readonly string[];
  /** `line: label` of each inlay hint. */
  readonly hints: readonly string[];
}

export interface TemplateLanguageCases {
  readonly language: "django" | "jinja2";
  /** In the project. */
  readonly folder: string;
  /** Only rendered by others. */
  readonly parts: readonly (readonly [name: string, text: string])[];
  readonly cases: readonly TemplateCase[];
}

const load = "4x order.customer (N+1)";
const five = `executes 5 queries · ${load}`;
const nested = [
  "1: executes 17 queries · 12x order_item.product (N+1)",
  "2: executes 16 queries · 4 per run, 4 runs · 12x order_item.product (N+1)",
];

export const languages: readonly TemplateLanguageCases[] = [
  {
    language: "django",
    folder: "templates/loops",
    parts: [
      ["base.html", "<html>{% block content %}{% endblock %}</html>\n"],
      ["row.html", "<td>{{ order.customer.name }}</td>\n"],
    ],
    cases: [
      {
        name: "plain.html",
        text: "{% for order in orders %}\n  {{ order.customer.name }}\n{% endfor %}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
      {
        name: "otherwise.html",
        text: "{% for order in orders %}\n  {% if order.pk %}{{ order.customer.name }}{% else %}no{% endif %}\n{% empty %}none\n{% endfor %}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
      {
        name: "nested.txt",
        text: "{% for order in orders %}\n{% for item in order.items.all %}\n{{ item.product.name }}\n{% endfor %}{% endfor %}",
        lenses: nested,
        hints: ["2: 4 queries", "3: 12 queries"],
      },
      {
        name: "parts.html",
        text: '{% extends "loops/base.html" %}\n{# {% for a in b %} #}\n{% block content %}\n{% for order in orders %}\n{% include "loops/row.html" %}\n{% endfor %}\n{% endblock %}\n',
        lenses: [`4: ${five}`],
        hints: [],
      },
      {
        name: "verbatim.html",
        text: "{% verbatim %}{% for a in b %}{% endverbatim %}\n{% for order in orders %}{{ order.customer.name }}{% endfor %}\n",
        lenses: [`2: ${five}`],
        hints: ["2: 4 queries"],
      },
    ],
  },
  {
    language: "jinja2",
    folder: "jinja2/loops",
    parts: [
      ["base.html", "<html>{% block content %}{% endblock %}</html>\n"],
      ["row.j2", "<td>{{ order.customer.name }}</td>\n"],
      ["macros.jinja", "{% macro name(order) -%}\n  {{ order.customer.name }}\n{%- endmacro %}\n"],
    ],
    cases: [
      {
        name: "plain.html",
        text: "{% for order in orders %}\n  {{ order.customer.name }}\n{% endfor %}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
      {
        name: "signs.jinja",
        text: "{%- for order in orders -%}\n  {{- order.customer.name -}}\n{%+ endfor -%}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
      {
        name: "condition.j2",
        text: "{% for order in orders if order.pk %}\n  {{ loop.index }} {{ order.customer.name }}\n{% else %}\n  none\n{% endfor %}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
      {
        name: "nested.jinja",
        text: "{% for order in orders %}\n{% for item in order.items.all() %}\n{{ item.product.name }}\n{% endfor %}{% endfor %}",
        lenses: nested,
        hints: ["2: 4 queries", "3: 12 queries"],
      },
      {
        name: "parts.html",
        text: '{% extends "loops/base.html" %}\n{# {% for a in b %} #}\n{% block content %}\n{% for order in orders %}\n{% include "loops/row.j2" %}\n{% endfor %}\n{% endblock %}\n',
        lenses: [`4: ${five}`],
        hints: [],
      },
      {
        name: "macro.html",
        text: '{% import "loops/macros.jinja" as macros %}\n{% raw %}{% for a in b %}{{ c }}{% endraw %}\n{% for order in orders %}\n{{ macros.name(order) }}\n{% endfor %}\n',
        lenses: [`3: ${five}`],
        hints: [],
      },
      {
        name: "over_lines.j2",
        text: "# for a in b\n{% for number, order in\n   orders.in_bulk().items() %}\n  <b>{{ number }}</b> {{\n    order.customer.name\n  }}\n{% endfor %}\n",
        lenses: [`2: ${five}`],
        hints: ["6: 4 queries"],
      },
      {
        name: "recursive.html",
        text: "{% for order in orders recursive %}\n  {% set who = order.customer %}{{ who.name }}\n{% endfor %}\n",
        lenses: [`1: ${five}`],
        hints: ["2: 4 queries"],
      },
    ],
  },
];
