import { beforeAll, describe, expect, it } from "vitest";
import { rangeOf, textAt } from "../text/testing.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** Headers of the loops that run `here` again and again, innermost first; those over something written in brackets. */
function turns(text: string, here = "here()"): readonly string[] {
  return parser
    .parse(text)
    .turnsAround(rangeOf(text, here))
    .map(({ loop, isBounded }) => {
      const header = textAt(text, loop.header);
      return isBounded ? `(${header})` : header;
    });
}

describe("turnsAround", () => {
  it("finds the loops whose turns run it, the innermost first", () => {
    expect(turns("for a in x:\n    for b in a:\n        here()\n")).toEqual(["for b in a:", "for a in x:"]);
    expect(turns("async def f():\n    async for a in x:\n        y = [here() for b in a]\n")).toEqual([
      "for b in a",
      "async for a in x:",
    ]);
    expect(turns("y = {b: 1 for a in x for b in here()}\n")).toEqual(["for a in x for b in here()"]);
    expect(turns("y = (a for a in x if here())\n")).toEqual(["for a in x if here()"]);
  });

  it("does not take what a loop iterates over, or runs behind it, for a turn", () => {
    expect(turns("for a in here():\n    pass\nelse:\n    pass\n")).toEqual([]);
    expect(turns("for a in x:\n    pass\nelse:\n    here()\n")).toEqual([]);
    expect(turns("y = [a for a in here()]\n")).toEqual([]);
    expect(turns("for a in [here() for b in y]:\n    pass\n")).toEqual(["for b in y"]);
    expect(turns("for a in x:\n    a\n", "for a in x:\n    a")).toEqual([]);
  });

  it("leaves out while loops, and loops that are left behind it", () => {
    expect(turns("while more():\n    here()\n")).toEqual([]);
    expect(turns("def f():\n    for a in x:\n        if a:\n            return here()\n")).toEqual([]);
    expect(turns("for a in x:\n    here()\n    break\n")).toEqual([]);
    expect(turns("for c in y:\n    for a in x:\n        here()\n        break\n")).toEqual(["for c in y:"]);
    expect(turns("for a in x:\n    if a:\n        break\n    here()\n")).toEqual(["for a in x:"]);
  });

  it("stays within the function", () => {
    expect(turns("for a in x:\n    def f():\n        here()\n")).toEqual([]);
    expect(turns("for a in x:\n    f = lambda: here()\n")).toEqual([]);
  });

  it.each([
    "(1, 2)",
    "['a', 'b']",
    "{1: 2}",
    "STATES",
    "settings.LANGUAGES.items()",
    "Status",
    "Status.choices",
    "self.model.STATES",
    "range(3)",
    "enumerate(('a', 'b'))",
    "zip(rows, (1, 2))",
    "self._meta.get_fields()",
    "Order._meta.local_many_to_many",
    "enumerate(obj._meta.get_fields(include_parents=False))",
  ])("knows that %s does not grow", (iterable) => {
    expect(turns(`for a in ${iterable}:\n    here()\n`)).toEqual([`(for a in ${iterable}:)`]);
  });

  it.each([
    "[*rows]",
    "(1, *rows)",
    "rows",
    "rows.items()",
    "range(n)",
    "Order.objects.all()",
    "zip(a, b)",
    "f((1, 2))",
    "self._meta.model.objects.all()",
    "self._meta_rows",
  ])("knows nothing of the kind of %s", (iterable) => {
    expect(turns(`for a in ${iterable}:\n    here()\n`)).toEqual([`for a in ${iterable}:`]);
  });
});
