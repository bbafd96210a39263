import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { blockStarts } from "./blocks.ts";
import { classPieces } from "./classPieces.ts";
import type { CompactTree } from "./compactTree.ts";
import { joinClass } from "./joinedClass.ts";
import { locateWasm } from "./parser.ts";
import { TreeSitter } from "./treeSitter.ts";

/** How many files; `QUERYSIGHT_TREES=100000` takes all. */
const most = Number(process.env["QUERYSIGHT_TREES"] ?? 120);

let parser: TreeSitter;
beforeAll(async () => {
  const { core, python } = locateWasm();
  parser = await TreeSitter.load(readFileSync(core as string), readFileSync(python as string));
});

function cut(block: string): readonly string[] | null {
  const starts = classPieces(block, 0);
  return starts?.map((start, index) => block.slice(start, starts[index + 1] ?? block.length)) ?? null;
}

function joined(block: string): CompactTree | null {
  const starts = classPieces(block, 0) ?? [];
  const pieces = starts.map((start, index) => ({
    start,
    tree: parser.parse(block.slice(start, starts[index + 1] ?? block.length)).tree,
  }));
  return joinClass(block, pieces);
}

describe("where a class is cut", () => {
  it.each([
    [
      "before its definitions, with their decorators",
      [
        "@a\n@b(\n  c)\nclass C(D):\n    x = 1\n",
        "    @e\n    @f(\n1)\n    def g(self):\n        pass\n\n",
        "    async def h(self): pass\n",
      ],
    ],
    [
      "not before its first statement, and not within others",
      [
        "class C:\n    def a(self):\n        def b(): pass\n        class D:\n            def e(self): pass\n",
        "    def f(self):\n        pass\n    if x:\n        def g(self): pass\n    else:\n        y = 1\n",
        "    class H: pass\n",
      ],
    ],
    [
      "not within strings, brackets and continued lines",
      [
        'class C:\n    """\n    def a(): pass\n    """\n    b = (\n    1,\n)\n    c = \\\n    2\n',
        "    def d(self): pass\n",
      ],
    ],
    [
      "at a definition, where a bracket stays open",
      ["class C:\n    x = f(1,\n", "    @a\n    def b(self): pass\n", "    def c(self): pass\n"],
    ],
    ["by whatever it is indented with", ["class C:\n\tx = 1\n", "\tdef a(self):\n\t\tpass\n", "\tdef b(self): pass\n"]],
    [
      "whatever its lines end with",
      ["class C:\r\n    x = 1\r\n", "    def a(self): pass\r\n\r\n", "    def b(self): pass\r\n"],
    ],
  ])("%s", (_, pieces) => {
    expect(cut(pieces.join(""))).toEqual(pieces);
  });

  it.each([
    ["a function", "def f():\n    x = 1\n    def g(): pass\n"],
    ["a body on the class's own line", "class C: x = 1\n"],
    ["a single definition", "class C:\n    def a(self): pass\n"],
    [
      "a line further left than the body",
      "class C:\n    x = 1\n    def a(self): pass\n  y = 2\n    def b(self): pass\n",
    ],
    ["a line that is indented otherwise", "class C:\n    x = 1\n    def a(self): pass\n\tdef b(self): pass\n"],
    ["a format string that never ends", 'class C:\n    def a(self): pass\n    def b(self): return f"""\n'],
  ])("not at all for %s", (_, block) => {
    expect(cut(block)).toBeNull();
  });

  it("only where it is large", () => {
    const block = "class C:\n    x = 1\n    def a(self): pass\n";
    expect(classPieces(block)).toBeNull();
    expect(classPieces(block, block.length)).toEqual([0, 19]);
  });
});

/** Blocks of the standard library and of this project. */
function classes(): readonly string[] {
  const library = execFileSync("python3", ["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"], {
    encoding: "utf8",
  }).trim();
  const own = fileURLToPath(new URL("../../..", import.meta.url));
  const files = [
    ...globSync("{demo,recorder}/**/*.py", { cwd: own, exclude: (name) => name.startsWith(".") }).map((file) =>
      join(own, file),
    ),
    ...globSync("**/*.py", { cwd: library }).map((file) => join(library, file)),
  ];
  const step = Math.max(1, files.length / most);
  return Array.from({ length: Math.floor(files.length / step) }, (_, at) => files[Math.floor(at * step)] ?? "")
    .map((file) => readFileSync(file, "utf8").replace(/\r\n?/g, "\n"))
    .flatMap((text) => {
      const starts = blockStarts(text);
      return starts.map((start, index) => text.slice(start, starts[index + 1] ?? text.length));
    })
    .filter((block) => /^(?:@|class\b)/.test(block) && classPieces(block, 0) !== null);
}

/** As it stands; with comments at every depth behind all methods; with other line ends; with a comment or a statement at the end. */
function variants(block: string): readonly string[] {
  return [
    block,
    block.replace(/\n\n+/g, "\n        # deep\n    # method\n\n# margin\n\n"),
    block.replace(/\n/g, "\r\n"),
    block.trimEnd(),
    `${block.trimEnd()}  # same line\n    # of the class\n# of what follows\n    # and this too\n`,
    `${block.trimEnd()}\n    x = 1\n\n    # é😀\n`,
  ];
}

it("gives the tree of real classes, node by node, as when they are parsed as a whole", () => {
  let [same, pieces] = [0, 0];
  for (const block of classes().flatMap(variants)) {
    const whole = parser.parse(block);
    const parts = cut(block);
    if (whole.hasErrors || parts === null) continue;
    const { words } = joined(block) ?? { words: new Int32Array() };
    const word = whole.tree.words.findIndex((each, at) => each !== words[at]);
    if (word >= 0 || words.length !== whole.tree.words.length) {
      const offset = whole.tree.start(Math.max(0, word) >> 2);
      expect.fail(`differs at ${offset}: ${JSON.stringify(block.slice(Math.max(0, offset - 200), offset + 200))}`);
    }
    same += 1;
    pieces += parts.length;
  }
  expect(same).toBeGreaterThan(most);
  expect(pieces).toBeGreaterThan(3 * same);
}, 3_600_000);

it("keeps what is wrong in one method within it", () => {
  const block = "class C:\n    x = 1\n\n    def a(self):\n        return f(\n\n    def b(self):\n        return 2\n";
  const tree = joined(block);
  const types = Array.from({ length: tree?.size ?? 0 }, (_, node) => tree?.type(node));
  expect(types.filter((type) => type === "function_definition").length).toBeGreaterThan(0);
  expect(tree?.end(0)).toBe(block.length);
});

it("gives none where the first piece is not the beginning of a class alone", () => {
  const [first, second] = ["x = 1\n", "    def a(self): pass\n"].map((text) => parser.parse(text).tree);
  if (first === undefined || second === undefined) throw new Error("no trees");
  expect(
    joinClass("x = 1\n    def a(self): pass\n", [
      { tree: first, start: 0 },
      { tree: second, start: 6 },
    ]),
  ).toBeNull();
  expect(joinClass("", [])).toBeNull();
});
