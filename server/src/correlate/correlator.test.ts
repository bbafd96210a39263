import { beforeAll, describe, expect, it } from "vitest";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import { contentHash } from "../text/hash.ts";
import type { Range } from "../text/range.ts";
import { rangeOf, textAt } from "../text/testing.ts";
import type { RecordedFile, Site, TraceReader } from "../trace/model.ts";
import { Correlator } from "./correlator.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const path = "shop/views.py";

interface Recording {
  readonly text: string;
  readonly language?: RecordedFile["language"];
  readonly changedWhileRecording?: boolean;
}

/** A site as the recorder gives it: lines from 1, columns in UTF-8 bytes. */
function site(recording: Recording, range: Range, more: Partial<Site> = {}): Site {
  const lines = recording.text.split(/\r\n|\r|\n/);
  const column = (line: number, character: number) => Buffer.byteLength((lines[line] ?? "").slice(0, character));
  return {
    id: 1,
    fileId: 1,
    path,
    kind: "python",
    qualname: "",
    functionLine: 1,
    line: range.start.line + 1,
    column: column(range.start.line, range.start.character),
    endLine: range.end.line + 1,
    endColumn: column(range.end.line, range.end.character),
    token: null,
    ...more,
  };
}

function templateSite(line: number, token: string | null): Partial<Site> {
  return { kind: "template", line, column: null, endLine: null, endColumn: null, token };
}

/** Places one site in `today`; both texts and the parses can be watched through what is returned. */
function correlate(recording: Recording, recorded: Site, today: string | null) {
  let parses = 0;
  let now = today;
  const file = {
    id: 1,
    path,
    language: recording.language ?? "python",
    hash: contentHash(recording.text),
    changedWhileRecording: recording.changedWhileRecording ?? false,
  } as const;
  const reader: Pick<TraceReader, "generation" | "filesAt" | "text" | "paths" | "sitesIn"> = {
    generation: 1,
    filesAt: (asked) => (asked === path ? [file] : []),
    text: () => recording.text,
    paths: () => [path],
    sitesIn: () => [recorded],
  };
  const counting: PythonParser = {
    parse(text) {
      parses++;
      return parser.parse(text);
    },
  };
  const correlator = new Correlator(reader as TraceReader, { read: () => now }, counting);
  const describePlace = () => {
    const { placement } = correlator.place(recorded);
    if (placement.state === "gone" || now === null) return placement.state;
    return `${placement.state} ${placement.range.start.line}: ${textAt(now, placement.range)}`;
  };
  return {
    correlator,
    describePlace,
    parses: () => parses,
    edit(text: string | null) {
      now = text;
    },
  };
}

const text = `def view(request):
    name = "é😀"; orders = Order.objects.filter(name="x", paid=True).all()
    for order in orders:
        print(order.customer.name)
    return orders


def other():
    for order in orders:
        print(order.customer.name)
`;
const query = `Order.objects.filter(name="x", paid=True)`;

function place(today: string | null, piece = query, nth = 0, more: Partial<Site> = {}) {
  const recording = { text };
  return correlate(recording, site(recording, rangeOf(text, piece, nth), more), today).describePlace();
}

describe("a Python site", () => {
  it("is fresh where the file is the recorded one, with or without a byte order mark", () => {
    expect(place(text)).toBe(`fresh 1: ${query}`);
    const recording = { text };
    const recorded = site(recording, rangeOf(text, query));
    const { correlator } = correlate(recording, recorded, `\uFEFF${text}`);
    expect(correlator.isFresh([recorded])).toBe(true);
  });

  it("moves with lines and characters that come before it", () => {
    expect(place(`import a\n\n${text}`)).toBe(`moved 3: ${query}`);
    expect(place(text.replace(`name = "é😀";`, "if a:\n        "))).toBe(`moved 2: ${query}`);
  });

  it("is found in a statement that was laid out anew", () => {
    const anew = `(\n        Order.objects.filter(\n            name='x',\n            paid=True,\n        )  # new\n        .all()\n    )`;
    const chain = "Order.objects.filter(\n            name='x',\n            paid=True,\n        )";
    expect(place(text.replace(`${query}.all()`, anew))).toBe(`moved 2: ${chain}`);
  });

  it("stays while something before it is being typed", () => {
    const typing = text
      .replace(`name = "é😀"; `, "")
      .replace("def view(request):", "def view(request):\n    first = [f(");
    expect(parser.parse(typing).hasErrors).toBe(true);
    expect(place(typing, "return orders", 0)).toBe("moved 5: return orders");
  });

  it("stays while its function's own name is being typed, if it is the only one that looks so", () => {
    const typing = text.replace("def view(request):", "de view(request");
    expect(place(typing, "return orders", 0)).toBe("moved 4: return orders");
    expect(place(`${typing}\n    return orders`, "return orders", 0)).toBe("gone");
  });

  it("is gone where its statement was edited, its function removed, or its file", () => {
    expect(place(text.replace("paid=True", "paid=False"))).toBe("gone");
    expect(place("import a\n")).toBe("gone");
    expect(place(null)).toBe("gone");
  });

  it("stays in its own function among equals", () => {
    const second = text.slice(text.indexOf("def other"));
    expect(place(`${second}\n\n${text.slice(0, text.indexOf("\n\n\ndef other"))}\n`, "order.customer", 0)).toBe(
      "moved 8: order.customer",
    );
    expect(place(text.replace(/ {4}for[\s\S]*?name\)\n/, ""), "order.customer", 1)).toBe("moved 7: order.customer");
    expect(place(text.replace(/ {4}for[\s\S]*?name\)\n/, ""), "order.customer", 0)).toBe("gone");
  });

  it("stays in a function or class that has another name now", () => {
    expect(place(text.replace("def view", "def order_list"))).toBe(`moved 1: ${query}`);
    expect(place(text.replace("def view(request)", "def order_list(request, page)"))).toBe(`moved 1: ${query}`);
    const inClass = `class A:\n${text.replace(/^(?=.)/gm, "    ")}`;
    const recording = { text: inClass };
    const recorded = site(recording, rangeOf(inClass, query));
    const at = (today: string) => correlate(recording, recorded, today).describePlace();
    expect(at(inClass.replace("class A", "class Orders(Base)"))).toBe(`moved 2: ${query}`);
    expect(at(inClass.replace("class A", "class Orders").replace("def view", "def list"))).toBe(`moved 2: ${query}`);
    expect(at(`class B:\n    x = 1\n\n${inClass.slice(inClass.indexOf("    def view"))}`)).toBe(`moved 4: ${query}`);
  });

  it("stays nowhere where a copy of its method is nearer than the one that has its name, in a class of another name", () => {
    const method = (name: string, more = "") =>
      `    def ${name}(self):\n${more}        a = f(1)\n        b = g(a)\n        return h(b)\n`;
    const recording = { text: `class A:\n${method("show")}` };
    const recorded = site(recording, rangeOf(recording.text, "g(a)"));
    const edited = method("show", "        z = 0\n        y = 1\n");
    const at = (today: string) => correlate(recording, recorded, today).describePlace();
    expect(at(`class B:\n${edited}\n${method("other")}`)).toBe("gone");
    expect(at(`class B:\n${edited}`)).toBe("moved 5: g(a)");
  });

  it("stays where it calls a function of the file that has another name now", () => {
    const calls = `def f(orders):
    for order in orders:
        show(total(order))
        show(other(order), "total")


def total(order):
    return sum(order.items.all())
`;
    const recording = { text: calls };
    const at = (piece: string, today: string) =>
      correlate(recording, site(recording, rangeOf(calls, piece)), today).describePlace();
    const renamed = calls.replace(/\btotal(?=\()/g, "sum_of");
    expect(at("total(order)", renamed)).toBe("moved 2: sum_of(order)");
    expect(at('show(other(order), "total")', renamed)).toBe('moved 3: show(other(order), "total")');
    expect(at("total(order)", calls.replace("show(total(", "show(sum_of("))).toBe("gone");
    expect(at("total(order)", renamed.replace("show(sum_of(order))", "show(sum_of(order, 1))"))).toBe("gone");
  });

  it("stays nowhere where its function may be one of two", () => {
    const other = text.replace("def view", "def order_list");
    expect(place(`${other}\n\n${text.replace("def view", "def page")}`)).toBe("gone");
    expect(place(`${other}\n\n${text}`)).toBe(`moved ${other.split("\n").length + 2}: ${query}`);
    const twins = { text: `${text}\n\n${text.replace("def view", "def twin")}` };
    const recorded = site(twins, rangeOf(twins.text, query));
    expect(correlate(twins, recorded, twins.text.replace("def view", "def page")).describePlace()).toBe("gone");
    expect(correlate(twins, recorded, twins.text.replace("def twin", "def page")).describePlace()).toBe(
      `moved 1: ${query}`,
    );
  });

  it("stays nowhere where its function went, and another came that shares little with it", () => {
    const today = text.replace(
      /def view[\s\S]*?return orders/,
      `def page(request):\n    a = 1\n    b = 2\n    return orders`,
    );
    expect(place(today, "return orders")).toBe("gone");
  });

  it("keeps the branch that it stands in, among equals of which one is gone", () => {
    const branches = "def f(a, b):\n    if a:\n        return g(x)\n    if b:\n        return g(x)\n";
    const recording = { text: branches };
    const recorded = site(recording, rangeOf(branches, "g(x)", 1));
    const today = "def f(a, b):\n    if b:\n        return g(x)\n    if c:\n        return g(x)\n";
    expect(correlate(recording, recorded, today).describePlace()).toBe("moved 2: g(x)");
    expect(correlate(recording, site(recording, rangeOf(branches, "g(x)")), today).describePlace()).toBe("gone");
  });

  it("is found with Windows line ends and tabs, in a string of several lines too", () => {
    const sql = 'def f():\n    rows = raw("""\n    SELECT 1\n    """)\n    return rows\n';
    const recording = { text: sql };
    const recorded = site(recording, rangeOf(sql, 'raw("""\n    SELECT 1\n    """)'));
    const today = `\uFEFFimport a\r\n${sql.replace(/\n/g, "\r\n").replace(/^ {4}(?=r)/gm, "\t")}x = [`;
    expect(correlate(recording, recorded, today).describePlace()).toMatch(/^moved 2: raw\("""\r\n/);
  });

  it("is where it was again once an edit is undone, or a branch is switched back", () => {
    const recording = { text };
    const watched = correlate(recording, site(recording, rangeOf(text, query)), text);
    for (const today of [text.replace("paid=True", "paid=False"), "import other\n", null]) {
      watched.edit(today);
      expect(watched.describePlace()).toBe("gone");
      watched.edit(text);
      expect(watched.describePlace()).toBe(`fresh 1: ${query}`);
    }
  });

  it("is what a loop iterates over, where Python 3.11 recorded the whole loop", () => {
    const loop = "for order in orders:\n        print(order.customer.name)";
    expect(place(text, loop)).toBe("fresh 2: orders");
    expect(place(`\n${text.replace("customer.name", "customer")}`, loop)).toBe("moved 3: orders");
  });

  it("has its statement's place where no columns were recorded", () => {
    const unknown = { column: null, endLine: null, endColumn: null };
    expect(place(`\n${text}`, "for order in orders:", 0, unknown)).toBe("moved 3: for order in orders:");
    expect(place(text, "for order in orders:", 1, unknown)).toBe("fresh 8: for order in orders:");
  });

  it("is gone where the recorded text is not what ran", () => {
    const recording = { text, changedWhileRecording: true };
    expect(correlate(recording, site(recording, rangeOf(text, query)), text).describePlace()).toBe("gone");
  });

  it("never throws on positions outside the text", () => {
    for (const line of [0, -5, 11, 99999]) {
      for (const column of [null, -1, 0, 9999]) {
        const result = place(text, query, 0, { line, column, endLine: line, endColumn: column });
        expect(result).toMatch(/^(fresh|gone)/);
        expect(place(`\n${text}`, query, 0, { line, column, endLine: line, endColumn: column })).toMatch(
          /^(moved|gone)/,
        );
      }
    }
  });
});

describe("a template site", () => {
  const recording = {
    text: "{% block list %}\n{% for o in orders %}{{ o.customer }} {{ o.customer }}{{ o.total }}\n{% endfor %}{% endblock %}\n",
    language: "django-template",
  } as const;
  const at = (line: number, token: string, today: string) =>
    correlate(
      recording,
      site(recording, rangeOf(recording.text, "list"), templateSite(line, token)),
      today,
    ).describePlace();

  it("is found by its tag's text", () => {
    expect(at(2, "o.total", recording.text)).toBe("fresh 1: {{ o.total }}");
    expect(at(2, "for o in orders", `{% load x %}\n${recording.text}`)).toBe("moved 2: {% for o in orders %}");
    expect(at(2, "o.total", recording.text.replace("{{ o.total }}", "\n<b>{{o.total}}</b>"))).toBe(
      "moved 2: {{o.total}}",
    );
    expect(at(2, "o.total", recording.text.replace("o.total", "o.sum"))).toBe("gone");
  });

  it("has its line where the tag's own syntax is not known", () => {
    expect(at(2, "nothing like it", recording.text)).toMatch(/^fresh 1: \{% for/);
    expect(at(77, "nothing like it", recording.text)).toBe("gone");
  });
});

describe("a line of a Jinja template", () => {
  const recording = {
    text: "{%- for o in orders -%}\n<i>{{ o.number }}</i> <b>{{ o.customer }}</b>\n{{ total(\n  orders\n) }}\nend\n{%- endfor -%}\n",
    language: "jinja",
  } as const;
  const at = (line: number, today: string) =>
    correlate(
      recording,
      site(recording, rangeOf(recording.text, "orders"), templateSite(line, null)),
      today,
    ).describePlace();

  it("is all that is written in it, or the tag that goes over it", () => {
    expect(at(2, recording.text)).toBe("fresh 1: {{ o.number }}</i> <b>{{ o.customer }}");
    expect(at(4, recording.text)).toBe("fresh 2: {{ total(\n  orders\n) }}");
    expect(at(6, recording.text)).toBe("fresh 5: end");
    expect(at(77, recording.text)).toBe("gone");
  });

  it("moves as a whole, and is gone where a part of it was edited", () => {
    expect(at(2, `\n${recording.text}`)).toBe("moved 2: {{ o.number }}</i> <b>{{ o.customer }}");
    expect(at(2, recording.text.replace("o.number", "o.id"))).toBe("gone");
    expect(at(2, recording.text.replace("<b>", "{{ o.id }}"))).toBe("gone");
    expect(at(6, `\n${recording.text}`)).toBe("gone");
  });
});

it("finds a serializer's field by its declaration, wherever the class moved", () => {
  const recorded = {
    text: "class S:\n    class Meta:\n        fields = [\n            'name',\n            'tags',\n        ]\n",
  };
  const field = site(recorded, rangeOf(recorded.text, "'tags'"), { kind: "serializer", qualname: "S", token: "tags" });
  expect(correlate(recorded, field, recorded.text).describePlace()).toMatch(/^fresh 4: 'tags'/);
  expect(correlate(recorded, field, `\n${recorded.text}`).describePlace()).toMatch(/^moved 5: 'tags'/);
  expect(correlate(recorded, field, recorded.text.replace("name", "title")).describePlace()).toBe("gone");
});

it("parses today's text once per version, and the recorded one once", () => {
  const recording = { text };
  const watched = correlate(recording, site(recording, rangeOf(text, query)), text);
  const { correlator } = watched;
  watched.describePlace();
  correlator.sitesNow(path);
  correlator.pythonFile(path);
  expect(watched.parses()).toBe(1);
  for (let edit = 1; edit <= 3; edit++) {
    watched.edit("#\n".repeat(edit) + text);
    correlator.sitesNow(path);
    expect(watched.describePlace()).toBe(`moved ${1 + edit}: ${query}`);
    expect(watched.parses()).toBe(1 + edit);
  }
});

it("tells whether statements stand unchanged", () => {
  const recording = { text };
  const recorded = site(recording, rangeOf(text, query));
  const watched = correlate(recording, recorded, text);
  expect(watched.correlator.isFresh([recorded])).toBe(true);
  expect(watched.correlator.isFresh([recorded, { ...recorded, fileId: 2 }])).toBe(false);
  watched.edit(`\n${text}`);
  expect(watched.correlator.isFresh([recorded])).toBe(true);
  watched.edit(text.replace("paid", "sent"));
  expect(watched.correlator.isFresh([recorded])).toBe(false);
});
