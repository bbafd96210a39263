import { beforeAll, describe, expect, it } from "vitest";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** Stands behind each construct: what is wrong with it must not reach this. */
const after = `
class After:
    def method(self):
        for row in self.rows():
            row.load()
`;
const readAfter = ["class <module>", "function After", "for After.method", "expression After.method"];

/** `[version and construct, source, statements (kind and qualified name), method calls, loops]` */
type Construct = readonly [string, string, readonly string[], readonly string[], readonly string[]];

const constructs: readonly Construct[] = [
  [
    "2.7 print, exec, backticks, <>, commas in except and raise",
    "def f():\n    print >>log, o.all()\n    print\n    exec code in d.get()\n    try:\n        x = `y` <> 0777 + 10L\n    except E, e:\n        raise E, 'm' % e.args()\n",
    [...["function <module>", "print f", "expression f", "exec f", "try f", "expression f", "except f", "raise f"]],
    ["all", "get", "args"],
    [],
  ],
  ["2.7 parameters that are tuples", "def f((a, b), c=d.e()):\n    pass\n", ["function <module>", "pass f"], ["e"], []],
  [
    "3.6 asynchronous comprehensions and generators",
    "async def f():\n    x = {a: b async for a in c.d() if await e.f()}\n    yield [g async for g in h.i()]\n",
    ["function <module>", "expression f", "expression f"],
    ["d", "f", "i"],
    ["comprehension", "comprehension"],
  ],
  [
    "3.8 walrus and positional-only parameters",
    "def f(a, /, b, *, c):\n    while (n := a.b()) and [y := c.d(), y]:\n        pass\n",
    ["function <module>", "while f", "pass f"],
    ["b", "d"],
    ["while"],
  ],
  [
    "3.9 decorators of any expression, parentheses around several contexts",
    "@(lambda f: f.g())\n@buttons[0].clicked.connect()\ndef f():\n    with (a.b() as c, d.e(),):\n        pass\n",
    ["decorator <module>", "decorator <module>", "function <module>", "with f", "pass f"],
    ["g", "connect", "b", "e"],
    [],
  ],
  [
    "3.10 match with every kind of pattern, and its words as names",
    "match x.y(), z:\n    case [1 | -2 | 1+2j, *_] if a.b(): pass\n    case {'k': A.B, **rest} | None: c.d()\n    case A(b, c=D()) as e:\n        pass\nmatch = case = 3\nmatch.case()\ncase[match](x)\n",
    [
      ...["match <module>", "case <module>", "pass <module>", "case <module>", "expression <module>", "case <module>"],
      ...["pass <module>", "expression <module>", "expression <module>", "expression <module>"],
    ],
    ["y", "b", "d", "case"],
    [],
  ],
  [
    "3.11 except*, and stars in subscripts and annotations",
    "def f(*args: *Ts):\n    try:\n        x[*a.b(), 1:2]\n    except* E:\n        pass\n",
    ["function <module>", "try f", "expression f", "except f", "pass f"],
    ["b"],
    [],
  ],
  [
    "3.12 type parameters and aliases, and `type` as a name",
    "type X[T: (int, str), *Ts, **P] = dict[T, P]\nclass A[T: B](C[T]):\n    async def m[**P](self, f: X[P]) -> T: ...\ntype(x).y = z.all()\ntype[x].y = type(x)\n",
    [
      ...["type_alias <module>", "class <module>", "function A", "expression A.m"],
      ...["expression <module>", "expression <module>"],
    ],
    ["all"],
    [],
  ],
  [
    "3.12 f-strings with their own quotes, lines, comments and each other",
    "x = f\"{a[\"b\"]} {'\\n'.join(c)} {f'{d.e():{f'{g.h()}'}}'} {\n    i.j()  # }\n!r:>{k.l()}}\"\n",
    ["expression <module>"],
    ["join", "e", "h", "j", "l"],
    [],
  ],
  [
    "3.13 defaults of type parameters",
    "class A[T: (int, str) = int, *Ts = *tuple[int], **P = [int]](B[T]):\n    def m[T = int](self, a=b.c()): d.e()\ntype X[T = dict[str, int]] = list[T]\n",
    ["class <module>", "function A", "expression A.m", "type_alias <module>"],
    ["c", "e"],
    [],
  ],
  [
    "3.14 except without parentheses",
    "try:\n    pass\nexcept A, B:\n    for o in c.d(): pass\nexcept* C, D, E:\n    pass\n",
    [
      ...["try <module>", "pass <module>", "except <module>", "for <module>", "pass <module>", "except <module>"],
      "pass <module>",
    ],
    ["d"],
    ["for"],
  ],
  ["3.14 template strings", "x = t\"{a.b()!r:>{c}}\" Rt'''\n{d.e(\n)}'''\n", ["expression <module>"], ["b", "e"], []],
  [
    "continuation lines further left than their statement",
    "class A:\n    def f(self):\n        x = (a.\nb() and\n# why\n  {c:\nd.e()})\n        for y in [z for z in\n g.h()]:\n            pass\n",
    ["class <module>", "function A", "expression A.f", "for A.f", "pass A.f"],
    ["b", "e", "h"],
    ["for", "comprehension"],
  ],
];

describe.each(constructs)("%s", (_name, source, statements, calls, loops) => {
  it("is read, and so is what follows", () => {
    const file = parser.parse(source + after);
    expect(file.hasErrors).toBe(false);
    expect(file.statements.map(({ kind, qualname }) => `${kind} ${qualname}`)).toEqual([...statements, ...readAfter]);
    expect(callsIn(source + after)).toEqual([...calls, "rows", "load"].sort());
    expect(file.loops.map(({ kind }) => kind)).toEqual([...loops, "for"]);
  });

  it("keeps its places", () => {
    const file = parser.parse(source + after);
    for (const { kind, header } of file.statements) {
      const text = file.text.slice(file.lines.offsetAt(header.start), file.lines.offsetAt(header.end));
      const word = keywords[kind];
      if (word !== undefined) expect(text).toMatch(new RegExp(`^(async )?${word}`));
      if (kind === "for") expect(text).toMatch(/:$/);
    }
  });

  it("stands by itself when something is broken before it", () => {
    const file = parser.parse(`orders = Order.objects.filter(\n${source}${after}`);
    expect(file.hasErrors).toBe(true);
    expect(file.statements.slice(1).map(({ kind, qualname }) => `${kind} ${qualname}`)).toEqual([
      ...statements,
      ...readAfter,
    ]);
  });
});

const keywords: Readonly<Record<string, string>> = {
  for: "for",
  function: "def",
  class: "class",
  try: "try",
  except: "except",
  type_alias: "type",
  decorator: "@",
};

function callsIn(text: string): readonly string[] {
  return parser
    .parse(text)
    .chains.flatMap(({ calls }) => calls.filter(({ dot }) => dot !== null).map(({ name }) => name))
    .sort();
}
