import { expect, test } from "vitest";
import { movedFile } from "./movedFile.ts";

const recorded = "def a():\n    return 1\n\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3\n";
const other = "import x\n\nx.y()\nx.z()\n";

const found = (texts: readonly string[], standing: readonly string[] = []) =>
  movedFile(
    recorded,
    texts.map((text, index) => ({ path: `${index}.py`, text })),
    standing,
  );

test("is the one with its very text, whatever ends its lines", () => {
  expect(found([other, recorded])).toBe("1.py");
  expect(found([recorded.replaceAll("\n", "\r\n"), recorded.replace("return 1", "return 4")])).toBe("0.py");
});

test("is the one that is far nearer than any other", () => {
  expect(found([other, recorded.replace("return 1", "return 4")])).toBe("1.py");
  expect(found([other, `class A:\n${recorded.replace(/^(?=.)/gm, "    ")}`])).toBe("1.py");
});

test("is none of two that are as near, and none that may be a copy of a file that stayed", () => {
  expect(found([recorded, recorded])).toBeNull();
  expect(found([recorded.replace("return 1", "return 4"), recorded.replace("return 2", "return 5")])).toBeNull();
  const twin = recorded.replace("return 3", "return 6");
  expect(found([twin.replace("return 1", "return 4")], [twin])).toBeNull();
});

test("is none that shares little, and of a file that says nothing none at all", () => {
  expect(found([other, recorded.replace(/return \d/g, "pass")])).toBeNull();
  expect(movedFile("import a\n", [{ path: "b.py", text: "import a\n" }], [])).toBeNull();
  expect(found([])).toBeNull();
});
