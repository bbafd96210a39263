import { beforeAll, describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { removeArguments, removeCall } from "./chainRemovals.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

function calls(text: string) {
  const file = parser.parse(text);
  const chain = file.chainAt(rangeOf(text, "Order"));
  const call = chain?.calls.find(({ name }) => name === "gone");
  if (chain === null || call === undefined) throw new Error("The fixture has no such call.");
  return { file, chain, call };
}

/** Takes out the call `gone`. */
function withoutCall(text: string, stead = ""): string {
  const { file, chain, call } = calls(text);
  const result = applyEdits(text, removeCall(file, chain, call, stead));
  expect(parser.parse(result).root.children.some(({ type }) => type === "ERROR")).toBe(false);
  return result;
}

/** Takes the arguments that hold `x` out of the call `gone`. */
function without(text: string): string | null {
  const { file, call } = calls(text);
  const removed = new Set(call.arguments.flatMap(({ text: each }, index) => (each.includes("x") ? [index] : [])));
  const edits = removeArguments(file, call, removed);
  return edits === null ? null : applyEdits(text, edits);
}

describe("removeCall", () => {
  it.each([
    ["in the middle", "a = Order.objects.all().gone(1).first()\n", "a = Order.objects.all().first()\n"],
    ["at the end", "a = Order.objects.all().gone(1)\n", "a = Order.objects.all()\n"],
    ["over several lines", "a = Order.objects.all().gone(\n    1,\n    2,\n)[:5]\n", "a = Order.objects.all()[:5]\n"],
    [
      "on a line of its own",
      "a = (\n    Order.objects.all()\n    .gone(1)\n    .first()\n)\n",
      "a = (\n    Order.objects.all()\n    .first()\n)\n",
    ],
    [
      "on lines of its own, with its comment",
      "a = (\n    Order.objects.all()  # all\n    .gone(\n        1,\n    )  # why\n)\n",
      "a = (\n    Order.objects.all()  # all\n)\n",
    ],
    ["before a bracket", "f(\n    Order.objects.all()\n    .gone(1), 2)\n", "f(\n    Order.objects.all(), 2)\n"],
    [
      "before a bracket, behind a comment",
      "f(\n    Order.objects.all()  # all\n    .gone(1), 2)\n",
      "f(\n    Order.objects.all()  # all\n    , 2)\n",
    ],
    [
      "between backslashes",
      "a = Order.objects.all() \\\n    .gone(1) \\\n    .first()\n",
      "a = Order.objects.all() \\\n    .first()\n",
    ],
    ["behind a backslash", "a = Order.objects.all() \\\n    .gone(1)\nb = 1\n", "a = Order.objects.all()\nb = 1\n"],
    [
      "where the bracket closes on its line",
      "a = (Order.objects.all()\n     .gone(1))\nb = 1\n",
      "a = (Order.objects.all())\nb = 1\n",
    ],
    [
      "with Windows' line ends",
      "a = (\r\n    Order.objects\r\n    .gone(1)\r\n)\r\n",
      "a = (\r\n    Order.objects\r\n)\r\n",
    ],
  ])("%s", (_where, before, after) => expect(withoutCall(before)).toBe(after));

  it("puts another in its place", () => {
    expect(withoutCall("a = Order.objects.gone(\n    1\n)\n", ".all()")).toBe("a = Order.objects.all()\n");
    expect(withoutCall("a = (\n    Order.objects\n    .gone(1)  # why\n)\n", ".all()")).toBe(
      "a = (\n    Order.objects\n    .all()  # why\n)\n",
    );
  });
});

describe("removeArguments", () => {
  it.each([
    ["the first", "Order.gone(x, b, c)", "Order.gone(b, c)"],
    ["the last", "Order.gone(a, b, x)", "Order.gone(a, b)"],
    ["the last before a comma", "Order.gone(a, x,)", "Order.gone(a,)"],
    ["neighbours", "Order.gone(a, x1, x2, c)", "Order.gone(a, c)"],
    ["several", "Order.gone(x1, b, x2, c, x3)", "Order.gone(b, c)"],
    ["a call", "Order.gone(a, P(x, y=1), c)", "Order.gone(a, c)"],
    ["lines", "Order.gone(\n    a,\n    x,\n    c,\n)", "Order.gone(\n    a,\n    c,\n)"],
    [
      "lines with comments",
      "Order.gone(\n    # a\n    a,  # one\n    x,  # two\n)",
      "Order.gone(\n    # a\n    a,  # one\n)",
    ],
    ["the last line, without a comma", "Order.gone(\n    a,  # one\n    x\n)", "Order.gone(\n    a  # one\n)"],
    ["lines of a call", "Order.gone(\n    P(\n        x,\n    ),\n    a,\n)", "Order.gone(\n    a,\n)"],
    ["part of a line", "Order.gone(\n    a, x,\n    c,\n)", "Order.gone(\n    a,\n    c,\n)"],
    ["the start of a line", "Order.gone(\n    x, b,\n    c,\n)", "Order.gone(\n    b,\n    c,\n)"],
    ["what the closing bracket stands behind", "Order.gone(a,\n           x)", "Order.gone(a)"],
  ])("%s", (_which, before, after) => expect(without(before)).toBe(after));

  it("is silent where a comment would go that may be about something else", () => {
    expect(without("Order.gone(a,  # about a\n           x)")).toBeNull();
  });
});
