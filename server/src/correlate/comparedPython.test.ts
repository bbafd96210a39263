import { expect, test } from "vitest";
import { createPythonParser } from "../python/parser.ts";
import type { Site } from "../trace/model.ts";
import { ComparedPython } from "./comparedPython.ts";

const text = `def f(a):
    """
    b.load()
    """
    y = 1


def g():
    x()
    b.load()
    b.load()
`;

/** The whole of a line, from 1. */
function siteAt(line: number): Site {
  const content = text.split("\n")[line - 1] ?? "";
  const start = content.length - content.trimStart().length;
  const columns = { line, column: start, endLine: line, endColumn: content.length };
  return { id: line, fileId: 1, path: "a.py", kind: "python", qualname: "g", functionLine: 8, token: null, ...columns };
}

test("a block that nobody touched stands as a whole, also further down, but for what is hidden elsewhere", async () => {
  const parser = await createPythonParser();
  const before = parser.parse(text);
  const [called, loaded] = [siteAt(9), siteAt(11)];
  const lines = (today: string) => {
    const compared = new ComparedPython(before, parser.parse(today, before));
    return [called, loaded].map((site) => {
      const placement = compared.place(site);
      expect(compared.finds(site)).toBe(placement.state !== "gone");
      return placement.state === "gone" ? null : placement.range.start.line + 1;
    });
  };
  expect(lines(text)).toEqual([9, 11]);
  expect(lines(text.replace("y = 1", "y = 1\n    z = 2"))).toEqual([10, 12]);
  expect(lines(text.replace("    y = 1\n", ""))).toEqual([8, 10]);
  // The string is one of f, but where f is no Python, nobody knows: it may be what stood in g.
  expect(lines(text.replace("y = 1", "y = )"))).toEqual([9, null]);
  expect(lines(text.replace("def g():", "def g(h):"))).toEqual([9, 11]);
});
