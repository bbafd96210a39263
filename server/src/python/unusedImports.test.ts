import { beforeAll, describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { rangeOf } from "../text/testing.ts";
import { createPythonParser, type PythonParser } from "./parser.ts";
import { withoutUnusedImports } from "./unusedImports.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await createPythonParser();
});

/** The imports, once `P(Q)` is taken out of the text. */
function imports(head: string, rest = "", path = "shop/views.py"): string {
  const text = `${head}a = [P(Q)]\n${rest}`;
  const removal = { range: rangeOf(text, "P(Q)"), newText: "" };
  const edits = withoutUnusedImports(parser.parse(text), path, [removal]);
  return applyEdits(text, [...edits, removal]).replace(`a = []\n${rest}`, "");
}

describe("imports that nothing uses any more", () => {
  it.each([
    ["the last name", "from m import A, P\nfrom n import Q\n", "from m import A\n"],
    ["the first name", "from m import P, Z\nfrom n import Q, R\n", "from m import Z\nfrom n import R\n"],
    ["neighbours", "from m import A, P, Q\n", "from m import A\n"],
    ["neighbours at the start", "from m import P, Q, R\n", "from m import R\n"],
    ["names on lines", "from m import (\n    A,\n    P,\n    Q,\n)\n", "from m import (\n    A,\n)\n"],
    ["an alias", "from m import x as P, A\nfrom n import y as Q\n", "from m import A\n"],
    ["all of a bracket", "from m import (\n    P,\n    Q,\n)\nimport n\n", "import n\n"],
  ])("go: %s", (_what, before, after) => expect(imports(before)).toBe(after));

  it.each([
    ["what is used elsewhere", "from m import P, Q\n", "b = P, Q\n", undefined],
    ["what __all__ lists", "from m import P, Q\n", '__all__ = ["P", "Q"]\n', undefined],
    ["what a type in quotes names", "from m import P, Q\n", 'b: "P | Q"\n', undefined],
    ["what a format string holds", "from m import P, Q\n", 'b = f"{P} {Q}"\n', undefined],
    ["what a package hands on", "from m import P, Q\n", "", "shop/__init__.py"],
    ["what has a comment", "from m import P, Q  # noqa\n", "", undefined],
    ["what was never used", "from m import A, B\n", "", undefined],
    ["modules", "import P, Q\n", "", undefined],
  ])("stay: %s", (_what, head, rest, path) => expect(imports(head, rest, path)).toBe(head));
});
