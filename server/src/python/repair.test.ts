import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { createPythonParser, type PythonParser } from "./parser.ts";
import type { PythonFile } from "./pythonFile.ts";
import { repair } from "./repair.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

const whole = readFileSync(new URL("testdata/calls.txt", import.meta.url), "utf8");

describe("what is half written", () => {
  it.each([
    ["for o in Order.objects.filter(", "for o in Order.objects.filter(): pass"],
    ["for o in", "for o in _: pass"],
    ["for o", "for o in _: pass"],
    ["x = foo(a, b=", "x = foo(a, b= _)"],
    ["print(order.", "print(order. _)"],
    ["return [x.y for x in", "return [x.y for x in _]"],
    ['x = f"{a.b', 'x = f"{a.b}"'],
    ['x = f"{a:>{b', 'x = f"{a:>{b}}"'],
    ['x = f"{', 'x = f"{ _}"'],
    ['f"{foo(', 'f"{foo()}"'],
    ['x = foo(f"{a', 'x = foo(f"{a}")'],
    ['x = f"{a:', 'x = f"{a:}"'],
    ['if f"{a:', 'if f"{a:}": pass'],
    ["x = 'it", "x = 'it'"],
    ["x = foo('it)", "x = foo('it)')"],
    ["x = a[b(1]", "x = a[b(1)]"],
    ["def save", "def save(): pass"],
    ["async def", "async def _(): pass"],
    ["class Order(", "class Order(): pass"],
    ["if a == ", "if a == _: pass"],
    ["else", "else: pass"],
    ["from shop import", "from shop import _"],
    ["from shop", "from shop import _"],
    ["x = lambda", "x = lambda: _"],
    ["x:", "x: _"],
    ["x = a if b", "x = a if b else _"],
    ["x = (a if b", "x = (a if b else _)"],
    ["x = f(a, (b) if c[d] and", "x = f(a, (b) if c[d] and _ else _)"],
    ["x = a if b else c if d", "x = a if b else c if d else _"],
    ["x = a if f(b", "x = a if f(b) else _"],
    ["x = [a for b in c if d", "x = [a for b in c if d]"],
    ["x = {a: lambda b", "x = {a: lambda b: _}"],
    ["x = lambda a, b=", "x = lambda a, b= _: _"],
    ["x = lambda: lambda a", "x = lambda: lambda a: _"],
    ["if a if b", "if a if b else _: pass"],
  ])("%s", (written, mended) => {
    expect(repair(written)?.text.replace(/= {2}/, "= ").trim()).toBe(mended);
    const rest = "\nfor order in orders:\n    order.pay()\n";
    expect(repair(written + rest)?.text.endsWith(rest)).toBe(true);
  });

  it.each([
    ["x = {\n    'a': [\n  1],\n}\n"],
    ["for a in [\n    b\n    for b in c]:\n    pass\n"],
    ["x = [a\n    if b else c\n    for d in e]\n"],
    ["x = 314.\ny = 1.5e-3\nz = ...\nfrom . import w\nfrom a import *\n"],
    [
      "x = a if b else c\ny = [a if b else c for d in e if f if g]\nz = lambda a, b=lambda: c: {d: e[f:g]}\nif a if b else c: pass\n",
    ],
    ["match a:\n    case b if c: pass\n"],
    ["x = r'\\'' b'\\\\' '''it's \"\"\" \\''' '''\n"],
    ["x = f'{a!r:{b}}{{}}' rf'\\{{' f'{c[\"d\"]}' f'{e:%H:%M}' f'{lambda: 1}'\n"],
    ["if x: y = 1; z = 2,\nclass A: pass\n"],
    ["match x:\n    case {'a': 1}: pass\n"],
    ["print >>log, 'x',\n"],
  ])("leaves what is whole: %j", (source) => {
    expect(repair(source)).toBeNull();
  });

  it("takes an open bracket to the next line that cannot be within, and a closed one to its end", () => {
    const source = "x = foo(\n    1,\n    2\ny = 3\nz = bar(\na,\nb)\n";
    expect(repair(source)?.text).toBe("x = foo(\n    1,\n    2)\ny = 3\nz = bar(\na,\nb)\n");
  });

  it("tells from where each place came", () => {
    const mended = repair("x = (a[\nfor b in c.d:\n    pass\n");
    expect(mended?.text).toBe("x = (a[])\nfor b in c.d:\n    pass\n");
    expect([0, 6, 7, 8, 9, 10].map((offset) => mended?.original(offset))).toEqual([0, 6, 7, 7, 7, 8]);
  });
});

const pieces = [
  ...[
    "for o in Order.objects.filter(",
    "x = [a for a in",
    "def f(",
    "class A(",
    "if a",
    "x = {1: ",
    "x = f'{a",
    "x = f'{",
    "if f'{a:",
    "while",
  ],
  ...["with a as", "return (", "print(x.", "@", "x = (a +", "def f", "lambda", "'", "import", "elif b", ")", "$"],
];

it("does not let what is half written reach any other statement", () => {
  const file = parser.parse(whole);
  const lines = whole.split("\n");
  const statements = file.statements.filter(({ header, kind }) => {
    const isFirst = /^\s*$/.test((lines[header.start.line] ?? "").slice(0, header.start.character));
    const isClause = ["elif", "except", "case"].includes(kind);
    return isFirst && !isClause && !/^\s*@/.test(lines[header.start.line - 1] ?? "");
  });
  const places = statements.map(({ header }) => header.start);
  expect(places.length).toBeGreaterThan(20);
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.constantFrom(...pieces), ({ line, character }, piece) => {
      const written = (lines[line] ?? "").slice(0, character) + piece;
      const broken = parser.parse([...lines.slice(0, line), written, ...lines.slice(line)].join("\n"));
      const kept = new Set(describeStatements(broken, 0, 0));
      const lost = describeStatements(file, line, 1).filter((statement) => !kept.has(statement));
      expect([written, lost]).toEqual([written, []]);
    }),
    { numRuns: 300 },
  );
});

/** @param by how far what stands from the line on was moved down */
function describeStatements(file: PythonFile, from: number, by: number): readonly string[] {
  return file.statements.map(({ header: { start }, kind, qualname }) => {
    const line = start.line < from ? start.line : start.line + by;
    return `${kind} ${qualname} ${line}:${start.character}`;
  });
}
