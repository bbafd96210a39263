import { beforeAll, describe, expect, test } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";
import { addFixture, functionAround, wrapInWith } from "./testFunctions.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

function at(text: string, code: string) {
  const file = parser.parse(text);
  const statement = file.statementAt(rangeOf(text, code));
  if (statement === null) throw new Error(`No statement at ${code}.`);
  return { file, statement };
}

function wrapped(text: string, code: string): string | null {
  const { file, statement } = at(text, code);
  const edits = wrapInWith(file, statement, "counted(3)");
  if (edits === null) return null;
  const result = applyEdits(text, edits);
  expect(parser.parse(result).hasErrors).toBe(false);
  return result;
}

describe("wrapping a statement", () => {
  test.each([
    [
      "an assignment",
      "def t():\n    a = get()\n    b()\n",
      "def t():\n    with counted(3):\n        a = get()\n    b()\n",
    ],
    ["tabs", "def t():\n\tget()\n", "def t():\n\twith counted(3):\n\t\tget()\n"],
    [
      "two spaces",
      "def t():\n  if x:\n    get()  # why\n",
      "def t():\n  if x:\n    with counted(3):\n      get()  # why\n",
    ],
    ["Windows' line ends", "def t():\r\n    get()\r\n", "def t():\r\n    with counted(3):\r\n        get()\r\n"],
    [
      "several lines",
      "def t():\n    a = get(\n        1,\n\n    )\n",
      "def t():\n    with counted(3):\n        a = get(\n            1,\n\n        )\n",
    ],
    [
      "a string of several lines",
      'def t():\n    get("""\n  x\n""", 1,\n        2)\n',
      'def t():\n    with counted(3):\n        get("""\n  x\n""", 1,\n            2)\n',
    ],
    [
      "an assertion",
      "def t():\n    assert get() == 200\n",
      "def t():\n    with counted(3):\n        assert get() == 200\n",
    ],
    ["the end of the file", "def t():\n    return get()", "def t():\n    with counted(3):\n        return get()"],
  ])("%s", (_, text, result) => {
    expect(wrapped(text, "get(")).toBe(result);
  });

  test.each([
    ["for x in get(): pass\n"],
    ["if get():\n    pass\n"],
    ["with get() as x:\n    pass\n"],
    ["a = 1; get()\n"],
    ["get(); a = 1\n"],
    ["if x: get()\n"],
  ])("never %j", (text) => {
    expect(wrapped(text, "get(")).toBeNull();
  });
});

describe("the function around", () => {
  test.each([
    ["class A(TestCase):\n    def test(self):\n        fetch()\n", true],
    ["class A(django.test.TransactionTestCase):\n    @tag('x')\n    def test(self):\n        fetch()\n", true],
    ["class B(APITestCase):\n    pass\nclass A(Mixin, B):\n    def test(self):\n        fetch()\n", true],
    ["class A(OurBase):\n    def test(self):\n        fetch()\n        self.assertEqual(1, 1)\n", true],
    ["class A(OurBase):\n    def test(self):\n        self.client.get()\n        fetch()\n", true],
    ["class TestA:\n    def test(self, client):\n        fetch()\n", false],
    ["class A(A):\n    def test(self, client):\n        fetch()\n", false],
    ["def test(client):\n    fetch()\n", false],
  ])("%j is a TestCase's: %s", (text, isTestCase) => {
    const { file, statement } = at(text, "fetch()");
    expect(functionAround(file, statement)).toMatchObject({ isTestCase, isAsync: false });
  });

  test("may be asynchronous, or none", () => {
    const text = "async def test():\n    await get()\nput()\n";
    const { file, statement } = at(text, "get()");
    expect(functionAround(file, statement)?.isAsync).toBe(true);
    expect(functionAround(file, at(text, "put()").statement)).toBeNull();
  });
});

test.each<[string, string | null]>([
  ["()", "(counted)"],
  ["(client)", "(client, counted)"],
  ["(client, db: None)", "(client, db: None, counted)"],
  ["(client, counted)", "(client, counted)"],
  ["(client, size=3)", "(client, counted, size=3)"],
  ["(size=3)", "(counted, size=3)"],
  ["(\n    client,\n    db,\n)", "(\n    client,\n    db,\n    counted,\n)"],
  ["(client, *, size)", null],
  ["(*args)", null],
  ["(client, /)", null],
])("the parameters %j with a fixture are %j", (parameters, result) => {
  const text = `def test${parameters}:\n    get()\n`;
  const { file, statement } = at(text, "get()");
  const around = functionAround(file, statement);
  const edits = around === null ? null : addFixture(file, around, "counted");
  expect(edits === null ? null : applyEdits(text, edits)).toBe(
    result === null ? null : text.replace(parameters, result),
  );
});
