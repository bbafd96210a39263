import { expect, it } from "vitest";
import { insertCall } from "../python/chainEdits.ts";
import { createPythonParser } from "../python/parser.ts";
import { applyEdits } from "../text/edits.ts";
import { fillIn, type LongArgument, placeholder } from "./longCall.ts";

const parser = await createPythonParser();
const count = (name: string, length: number): LongArgument => ({
  open: `${name}=Count(`,
  parts: [`"${"c".repeat(length)}"`, "distinct=True"],
  close: ")",
});

function annotated(text: string, ...args: readonly LongArgument[]): string {
  const file = parser.parse(text);
  const [chain] = file.chains;
  if (chain === undefined) throw new Error("There is no chain.");
  return applyEdits(text, fillIn(file, insertCall(file, chain, "end", "annotate", [placeholder]), args));
}

it("one line takes what fits in it", () => {
  expect(annotated("x = a.all()\n", count("n", 3), count("m", 3))).toBe(
    'x = a.all().annotate(n=Count("ccc", distinct=True), m=Count("ccc", distinct=True))\n',
  );
});

it("an argument that is too long for the line goes on one of its own", () => {
  expect(annotated("if x:\n    y = a.all()  # all\n", count("n", 40))).toBe(`if x:
    y = a.all().annotate(
        n=Count("${"c".repeat(40)}", distinct=True)
    )  # all
`);
});

it("one that is too long for its own is broken, too", () => {
  expect(annotated("x = a.all()\n", count("n", 70))).toBe(`x = a.all().annotate(
    n=Count(
        "${"c".repeat(70)}",
        distinct=True,
    )
)
`);
});

it("several go on a line each, with a trailing comma", () => {
  expect(annotated("x = a.all()\r\n", count("n", 20), count("m", 20))).toBe(
    `x = a.all().annotate(\r\n    n=Count("${"c".repeat(20)}", distinct=True),\r\n    m=Count("${"c".repeat(20)}", distinct=True),\r\n)\r\n`,
  );
});
