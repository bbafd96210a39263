import { beforeAll, describe, expect, it } from "vitest";
import { markedText, rangeOf, textAt } from "../text/testing.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** The chain at the nth occurrence of a piece, as its text; null where there is none. */
function chainText(text: string, piece: string, nth = 0): string | null {
  const chain = parser.parse(text).chainAt(rangeOf(text, piece, nth));
  return chain === null ? null : textAt(text, chain.range);
}

describe("chainAt", () => {
  it.each([
    [
      "orders = Order.objects.filter(a=1).all()[:5]",
      "Order.objects.filter(a=1)",
      "Order.objects.filter(a=1).all()[:5]",
    ],
    ["list(Order.objects.all())", "Order.objects.all()", "Order.objects.all()"],
    [
      "x = (await (Order.objects\n  .filter(a=1)).afirst()).items.all()",
      "filter(a=1)",
      "(await (Order.objects\n  .filter(a=1)).afirst()).items.all()",
    ],
    ["a, b = A.objects.all(), B.objects.all()", "B.objects.all()", "B.objects.all()"],
    ["print(f'{order.items.count()}')", "order.items.count()", "order.items.count()"],
    ["f(order.items.filter(x=o.y.get()))", "o.y.get()", "o.y.get()"],
    [
      "async def f():\n    return await Order.objects.aget(pk=1)",
      "Order.objects.aget(pk=1)",
      "await Order.objects.aget(pk=1)",
    ],
    ["for o in orders: print(o.customer.name)", "o.customer", "o.customer.name"],
  ])("%s", (text, piece, expected) => {
    expect(chainText(text, piece)).toBe(expected);
  });

  it("finds a chain of several lines by a range that starts at a method's name, as CPython 3.11 records it", () => {
    const { text, marks } = markedText(`
class View:
    queryset = (
        Order.objects  # é😀
        .filter(paid=True)
#        ^^^^^^^^^^^^^^^^^ filter
        .all()
    )
`);
    const chain = parser.parse(text).chainAt(marks[0]?.range ?? rangeOf(text, "nothing"));
    expect(chain).toMatchObject({ root: "Order.objects", target: { text: "queryset", isClassLevel: true } });
    expect(chain?.calls.map((call) => call.name)).toEqual(["filter", "all"]);
  });

  it("gives the only outermost chain of a whole statement, and none where two could be meant", () => {
    const text = "orders = Order.objects.filter(a=f(b)).all()\nboth = A.objects.all(), B.objects.all()\n";
    expect(chainText(text, "orders = Order.objects.filter(a=f(b)).all()")).toBe("Order.objects.filter(a=f(b)).all()");
    expect(chainText(text, "both = A.objects.all(), B.objects.all()")).toBeNull();
  });

  it("takes a whole loop or comprehension for what it iterates over", () => {
    const text = "for o in A.objects.all():\n    b.c()\nx = [d.e() for d in f]\n";
    expect(chainText(text, "for o in A.objects.all():\n    b.c()")).toBe("A.objects.all()");
    expect(chainText(text, "[d.e() for d in f]")).toBe("f");
  });

  it.each([
    ["super().get_queryset().filter(a=1)", "super()", ["get_queryset", "filter"]],
    ["self.request.user.orders.all()", "self.request.user.orders", ["all"]],
    ["get_orders(request).filter()", "get_orders(request)", ["filter"]],
    ["Order.objects", "Order.objects", []],
    ["(Order\n .objects  # here\n .all())", "Order.objects", ["all"]],
    ["models['order'].objects.all()", "models['order'].objects", ["all"]],
    ["(a or b).all()", "(a or b)", ["all"]],
  ])("%s has the root %s", (text, root, calls) => {
    const chain = parser.parse(`x = ${text}\n`).chains[0] ?? parser.parse(text).chainAt(rangeOf(text, text));
    expect(chain?.root).toBe(root);
    expect(chain?.calls.map((call) => call.name)).toEqual(calls);
  });

  it("reads arguments: keywords, stars, strings", () => {
    const text = `qs.only("a", 'b' "c", f"{d}", *e, key=("f"), **g)`;
    const [call] = parser.parse(text).chains[0]?.calls ?? [];
    expect(call?.arguments.map((a) => [a.keyword, a.isStarred, a.isString, a.stringValue])).toEqual([
      [null, false, true, "a"],
      [null, false, true, "bc"],
      [null, false, true, null],
      [null, true, false, null],
      ["key", false, true, "f"],
      [null, true, false, null],
    ]);
  });
});

describe("statements", () => {
  const names = (text: string) => parser.parse(text).statements.map(({ kind, qualname }) => `${kind} ${qualname}`);

  it("have the qualified names that CPython gives", () => {
    const text = `
@wraps(a)
class A:
    x = 1
    def method(self, d=f()):
        def inner():
            return 1
        class B:
            y = 2
        global everywhere
        def everywhere():
            pass
`;
    expect(names(text)).toEqual([
      "decorator <module>",
      "class <module>",
      "expression A",
      "function A",
      "function A.method",
      "return A.method.<locals>.inner",
      "class A.method",
      "expression A.method.<locals>.B",
      "global A.method",
      "function A.method",
      "pass everywhere",
    ]);
  });

  it("are told apart only by what they mean", () => {
    const loop = (header: string) => parser.parse(`${header}\n    pass\n`).statements[0]?.identity;
    const plain = loop("for o in Order.objects.filter(a='x', b=[1, 2]):");
    expect(loop('for o in (Order.objects  # all\n   .filter(a="x", b=[1, 2,],)\n  .all()):')).not.toBe(plain);
    expect(loop('for o in (Order.objects  # all\n   .filter(\n a="x",\n  b=[1, 2,],)):')).toBe(plain);
    expect(loop('for o in Order.objects \\\n   .filter(a="y", b=[1, 2]):')).not.toBe(plain);
    expect(loop("for (a, b) in (c, d):")).toBe(loop("for a, b in c, d:"));
    expect(loop("for x in (a + b) * c:")).not.toBe(loop("for x in a + b * c:"));
    expect(loop("for x in a[1,]:")).not.toBe(loop("for x in a[1]:"));
    expect(loop("for x in (a,):")).not.toBe(loop("for x in (a):"));
    expect(loop(`for x in f'{a["b"]!r:>{w}}':`)).toBe(loop(`for x in f'{a['b']!r:>{w}}':`));
    expect(loop(`for x in f'{a:>10}':`)).not.toBe(loop(`for x in f'{a:>11}':`));
  });

  it("are found by a place in their header, and by line", () => {
    const text = "for a in (b.c()\n    .d()): e.f(); g.h()\n";
    const file = parser.parse(text);
    expect(file.statementAt(rangeOf(text, "d()"))?.kind).toBe("for");
    expect(file.statementAt(rangeOf(text, "g.h()"))?.header).toEqual(rangeOf(text, "g.h()"));
    expect(file.statementAtLine(0)?.kind).toBe("for");
    expect(file.statementAtLine(1)?.header).toEqual(rangeOf(text, "e.f()"));
    expect(file.statementAtLine(9)).toBeNull();
  });

  it("survive syntax errors around them", () => {
    const text = "def f(:\n    x = (\n\nfor o in Order.objects.all():\n    print(o.customer)\n";
    const file = parser.parse(text);
    expect(file.hasErrors).toBe(true);
    expect(file.chainAt(rangeOf(text, "o.customer"))).not.toBeNull();
  });
});

describe("loops", () => {
  it("have their kinds, headers, bodies and iterables", () => {
    const text = `
async def f():
    async for o in a.b():
        pass
    while c.d():
        e = [g for g in h.i() if g for j in g.k]
    return any(
        l.m
        for l in n
    )
`;
    const found = parser
      .parse(text)
      .loops.map(({ kind, header, body, iterable, lens, statement }) => [
        kind,
        textAt(text, header),
        textAt(text, body),
        iterable && textAt(text, iterable),
        textAt(text, lens),
        statement.kind,
      ]);
    expect(found).toEqual([
      ["async for", "async for o in a.b():", "pass", "a.b()", "async for o in a.b():", "for"],
      ["while", "while c.d():", "e = [g for g in h.i() if g for j in g.k]", null, "while c.d():", "while"],
      [
        "comprehension",
        "for g in h.i() if g for j in g.k",
        "g",
        "h.i()",
        "[g for g in h.i() if g for j in g.k]",
        "expression",
      ],
      ["generator", "for l in n", "l.m", "n", "(", "return"],
    ]);
  });

  it("are none that only an open bracket makes of the lines behind it", () => {
    const text = `
    def f(self):
        a = self.b["c"]
{{ x
        except D.E as error:
            raise H(f"{a}") from error
        for c in d.e():
            print(c)`;
    const lenses = parser.parse(text).loops.map(({ lens }) => textAt(text, lens));
    expect(lenses.filter((lens) => lens !== "for c in d.e():")).toEqual([]);
  });

  it("are listed around a place, innermost first", () => {
    const text = "for a in b:\n    for c in a.d:\n        print([e for e in c.f()])\n";
    const around = parser.parse(text).loopsAround(rangeOf(text, "c.f()"));
    expect(around.map((loop) => loop.kind)).toEqual(["comprehension", "for", "for"]);
    expect(around.map((loop) => loop.header.start.line)).toEqual([2, 1, 0]);
  });
});

describe("count assertions", () => {
  it("are read in every form", () => {
    const text = `
class T:
    def test(self, django_assert_num_queries, django_assert_max_num_queries):
        with self.assertNumQueries(101) as captured, open("x"):
            get()
        with (
            django_assert_max_num_queries(num=1_0, using="replica"),
        ):
            get()
        with django_assert_num_queries(LIMIT, exact=False): get()
        self.assertNumQueries(0x3, get, 1, using=other)
        with self.assertNumQueries(FuzzyInt(1, 2)):
            pass
        manager = self.assertNumQueries(3)
`;
    const found = parser
      .parse(text)
      .withs.map(({ name, kind, value, countRange, using, block }) => [
        name,
        kind,
        value,
        countRange && textAt(text, countRange),
        using,
        block && textAt(text, block),
      ]);
    expect(found).toEqual([
      ["assertNumQueries", "exact", 101, "101", null, "get()"],
      ["django_assert_max_num_queries", "max", 10, "1_0", '"replica"', "get()"],
      ["django_assert_num_queries", "max", null, "LIMIT", null, "get()"],
      ["assertNumQueries", "exact", 3, "0x3", "other", null],
      ["assertNumQueries", "exact", null, "FuzzyInt(1, 2)", null, "pass"],
    ]);
  });
});

it("counts lines as Python and editors do, a lone carriage return included", () => {
  const text = "a = 1\rb = x.y()\r\nc = 3\n";
  const file = parser.parse(text);
  expect(file.statements.map(({ header }) => header.start.line)).toEqual([0, 1, 2]);
});

it("reads the syntax of Python 3.14 that the grammar knows", () => {
  const text = `
type Row[T] = list[T]
async def f[T](x: T) -> T:
    try:
        return t"{a.b()}"
    except* E:
        match x:
            case {"a": [*_], **rest} if rest.c(): pass
`;
  const file = parser.parse(text);
  expect(file.hasErrors).toBe(false);
  expect(file.chainAt(rangeOf(text, "a.b()"))?.root).toBe("a");
  expect(file.statementAt(rangeOf(text, "rest.c()"))?.kind).toBe("case");
});

it("a comment may stand behind a line that ends neither in a string nor with a backslash", () => {
  const text = 'a = f(\n    x,\n)\nb = """one\ntwo"""\nc = 1 + \\\n    2\nd = "s"\ne = f"""{\nx}"""\n';
  const lines = text.split("\n").slice(0, -1);
  const file = parser.parse(text);
  expect(lines.filter((_line, index) => file.takesComment(index))).toEqual([
    "a = f(",
    "    x,",
    ")",
    'two"""',
    "    2",
    'd = "s"',
    'x}"""',
  ]);
});
