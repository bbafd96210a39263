import { expect, it } from "vitest";
import { createPythonParser } from "./parser.ts";
import { preorder, smallestCovering } from "./syntax.ts";
import {
  assignedValues,
  functionAround,
  isWritten,
  rowSource,
  textOf,
  variablesIn,
  variablesRead,
} from "./variables.ts";

const parser = await createPythonParser();

/** The iterable of the variable before `$`. */
function source(marked: string): string | null {
  const offset = marked.indexOf("$");
  const text = marked.replace("$", "");
  const file = parser.parse(text);
  const found = rowSource(smallestCovering(file.root, offset - 1, offset), text);
  return found === null ? null : textOf(found.iterable, text);
}

it.each([
  ["for p in posts:\n    p$.x", "posts"],
  ["for p in Post.objects.all():\n    for c in p.c:\n        p$.x", "Post.objects.all()"],
  ["for i, p in enumerate(posts, 1):\n    p$.x", "posts"],
  ["for a, p in zip(x, list(posts)):\n    p$.x", "posts"],
  ["for p in sorted(posts, key=f):\n    p$.x", "posts"],
  ["async for p in posts:\n    p$.x", "posts"],
  ["[p$.x for p in posts]", "posts"],
  ["{p.id: p$.x for p in (posts)}", "posts"],
  ["[c for p in posts for c in p$.x]", "posts"],
  ["[p$.x for p in posts if p.y]", "posts"],
  ["[f'{p$.x}' for p in list(reversed(posts))]", "posts"],
])("the rows in %j are those of %s", (marked, iterable) => {
  expect(source(marked)).toBe(iterable);
});

it.each([
  "p$.x",
  "def f(p):\n    p$.x",
  "for p in p$.posts:\n    pass",
  "for p in posts:\n    pass\np$.x",
  "for p in posts:\n    p = p.parent\n    p$.x",
  "for p in posts:\n    def f(): return p$.x",
  "for p in posts:\n    sorted(y, key=lambda c: p$.x)",
  "for a, p in pairs:\n    p$.x",
  "for p, i in enumerate(posts):\n    p$.x",
  "for (a, p), b in zip(x, y):\n    p$.x",
  "[x for x in p$.y for p in posts]",
])("the rows in %j are not known", (marked) => {
  expect(source(marked)).toBeNull();
});

it.each([
  ['c.filter(user=user, kind__in=[K.A, k], x=F("y"))', ["c", "user", "K", "k", "F"]],
  ["c.filter(pk__in=[each.pk for each in others])", ["c", "others"]],
  ["sorted(c, key=lambda each: each.x)", ["sorted", "c"]],
])("%s reads %j", (text, names) => {
  expect([...variablesRead(parser.parse(text).root, text)]).toEqual(names);
});

it("knows where a variable is given a value", () => {
  const text = `import os, sys as v
from a import b, c as v
def v(a, v, *v, w=v, **v): pass
for v, (v, u) in v: v.x = 1; v[0] = 1
with v as v, u as (v, w): pass
v = w = v; v += 1; (v := 2); v: int = v
try: pass
except v as v: pass
del v, v.x
[v for v in v]
lambda v: v
f(v=v)
`;
  const nodes = variablesIn(parser.parse(text).root, "v", text);
  const written = nodes.map((node) => (isWritten(node) ? "w" : "r")).join("");
  expect(written).toBe("ww" + "wwwrw" + "wwrrr" + "rww" + "wrwwwr" + "rw" + "wr" + "rwr" + "wr" + "r");
});

it("gives the values that a function assigns, and nothing where it gets others", () => {
  const values = (body: string) => {
    const text = `def f(q):\n    ${body.replaceAll("; ", "\n    ")}\n`;
    const file = parser.parse(text);
    const within = [...preorder(file.root)].find(({ type }) => type === "function_definition") ?? file.root;
    return assignedValues(within, "p", text)?.map((node) => textOf(node, text)) ?? null;
  };
  expect(values("p = Post.objects.all()")).toEqual(["Post.objects.all()"]);
  expect(values("p = list(x); p = p.filter(a=1)")).toEqual(["x", "p.filter(a=1)"]);
  expect(values("p = x; p += y")).toBeNull();
  expect(values("p, r = x")).toBeNull();
  expect(values("for p in x: pass")).toBeNull();
  expect(values("p = x; g = lambda p: p")).toBeNull();
  expect(values("print(p)")).toBeNull();
  const text = "def f():\n    x.y\n";
  const file = parser.parse(text);
  expect(functionAround(smallestCovering(file.root, 13, 14)).type).toBe("function_definition");
});
