import { renameSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rangeOf } from "../../server/src/text/testing.ts";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { inFolder, LspClient } from "./lspClient.ts";
import { emptyFolder, type TestFolder, writeRecording, writeText } from "./projects.ts";

const path = "shop/views.py";

let folder: TestFolder;
let client: LspClient | null = null;
beforeEach(() => {
  folder = emptyFolder();
});
afterEach(async () => {
  await client?.stop();
  client = null;
  folder.remove();
});

/** A view somewhere in a file; its calls stand behind characters of two UTF-16 units and four bytes. */
const view = `def order_list(request):
    title = "😀 é"; orders = Order.objects.all()
    for order in orders:
        print("😀", order.customer.name)
    return render(request, "orders.html", {"😀": orders})
`;

/** So many lines of functions that are alike, then the view, then as many again. */
function fileAround(lines: number): string {
  const filler = Array.from({ length: Math.ceil(lines / 8) }, (_, index) => {
    return `def helper_${index}(a, b):\n    if a:\n        return b\n    return a\n`;
  });
  return `${filler.join("\n")}\n\n${view}\n\n${filler.join("\n").replaceAll("helper_", "other_")}`;
}

function recording(text: string): SegmentBuilder {
  const segment = new SegmentBuilder();
  const file = segment.file(path, text);
  const site = { qualname: "order_list", functionLine: 1 };
  const chain = segment.siteAt(file, "Order.objects.all()", site);
  const header = segment.siteAt(file, "orders", { ...site, occurrence: 2 });
  const load = segment.siteAt(file, "order.customer", site);
  const scope = segment.scope({ kind: "test", test: "shop/tests.py::test_list" });
  const root = segment.row(scope, {
    stack: segment.stack(header),
    construction: segment.construction(segment.stack(chain), chain),
    cause: segment.cause("queryset", { model: "shop.Order", target: "shop.Order" }),
    statement: segment.statement("SELECT 1"),
    rows: 9,
  });
  segment.row(scope, {
    stack: segment.stack(load),
    cause: segment.cause("foreign_key", { model: "shop.Order", field: "customer", lookup: "customer" }),
    statement: segment.statement("SELECT 2"),
    parent: root,
    count: 9,
  });
  return segment.endScope(scope).test("shop/tests.py::test_list").collected(["shop/tests.py::test_list"]).end();
}

/** A session in which the recorded file is open as it stands in `buffer`. */
async function open(recorded: string, buffer = recorded): Promise<LspClient> {
  writeText(folder.root, path, recorded);
  writeRecording(folder.root, recording(recorded));
  client = await LspClient.start({ folders: [folder.root] });
  const session = client;
  await session.open(inFolder(folder.root, path), buffer);
  await session.until("the lenses", async () => (await session.codeLenses(inFolder(folder.root, path))).length);
  return session;
}

const loop = /: executes 10 queries · 9x order\.customer/;
const oldLoop = /: executed 10 queries · recorded before an edit in shop\/views\.py:(\d+) · 9x order\.customer/;

describe("a file of 30,000 lines", () => {
  const text = fileAround(30_000);
  const file = () => inFolder(folder.root, path);
  const at = rangeOf(text, "for order in orders:").start;

  test("has its numbers where they belong, while it is typed in before and in its view", async () => {
    expect(text.split("\n").length).toBeGreaterThan(30_000);
    const session = await open(text);
    expect(await session.lensTitles(file())).toEqual([
      expect.stringMatching(new RegExp(`^${at.line}: 1 query`)),
      expect.stringMatching(new RegExp(`^${at.line + 1}${loop.source}`)),
    ]);
    const start = { line: 2, character: 8 };
    for (const character of ["\n", "x", " ", "=", " ", "f", "(", "[", '"', "é"]) {
      await session.change(file(), { start, end: start }, character);
    }
    expect(await session.lensTitles(file())).toEqual([
      expect.stringMatching(new RegExp(`^${at.line + 1}: 1 query`)),
      expect.stringMatching(new RegExp(`^${at.line + 2}${loop.source}`)),
    ]);
    const typed = { line: at.line + 2, character: '        print("😀", order.c'.length };
    await session.change(file(), { start: typed, end: { ...typed, character: typed.character + 5 } }, "");
    const [, edited] = await session.lensTitles(file());
    expect(edited).toMatch(oldLoop);
    expect(oldLoop.exec(edited ?? "")?.[1]).toBe(`${at.line + 3}`);
    await session.change(file(), { start: typed, end: typed }, "ustom");
    expect((await session.lensTitles(file()))[1]).toMatch(loop);
  }, 60_000);
});

describe("a buffer that nobody saved", () => {
  const text = fileAround(200);
  const file = () => inFolder(folder.root, path);

  test.each([
    ["with Windows line ends", text.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${text}`],
    ["with tabs", text.replace(/^( {4})+/gm, (indent) => "\t".repeat(indent.length / 4))],
    ["with all of them, and code that is half written", `\uFEFFimport (\nx = [f(\n${text}`.replaceAll("\n", "\r\n")],
    [
      "with what is half written in the view",
      text.replace("    for order", "    rest = orders.filter(a=\n    for order"),
    ],
    ["with an open string before it", text.replace("    for order", '    rest = "abc\n    for order')],
    ["with the view in a class", text.replace(view, `class Éviews:\n${view.replace(/^(?=.)/gm, "    ")}`)],
    ["with the loop in a block of its own", text.replace(/ {4}for order[\s\S]*?name\)\n/, wrapped)],
  ])("%s has its numbers, and UTF-16 positions", async (_name, buffer) => {
    const session = await open(text, buffer);
    const lines = buffer.replace("\uFEFF", "").split(/\r\n|\n/);
    const header = lines.findIndex((line) => line.trim() === "for order in orders:");
    const titles = await session.lensTitles(file());
    expect(titles).toContainEqual(expect.stringMatching(new RegExp(`^${header + 1}${loop.source}`)));
    const called = lines.findIndex((line) => line.includes("Order.objects.all()"));
    const character = (lines[called] ?? "").indexOf("objects");
    const hover = await session.hover(file(), { line: called, character });
    const start = { line: called, character: (lines[called] ?? "").indexOf("Order.objects") };
    expect(hover?.range).toEqual({
      start,
      end: { ...start, character: start.character + "Order.objects.all()".length },
    });
  });

  function wrapped(code: string): string {
    return `    with lock:\n        try:\n${code.replace(/^(?=.)/gm, "        ")}        finally:\n            done()\n`;
  }
});

describe("a file that was renamed", () => {
  test("has its numbers under its new name, and findings lead there", async () => {
    const text = fileAround(40);
    const session = await open(text);
    const renamed = inFolder(folder.root, "shop/order_views.py");
    renameSync(inFolder(folder.root, path), renamed);
    await session.close(inFolder(folder.root, path));
    await session.fileChanged(inFolder(folder.root, path));
    await session.open(renamed);
    const found = await session.until("the lenses", async () => {
      const titles = await session.lensTitles(renamed);
      return titles.length > 0 && titles;
    });
    const line = rangeOf(text, "for order in orders:").start.line + 1;
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${line}${loop.source}`)));
    const [problem] = await session.until("the finding", () => session.diagnostics.get(renamed));
    expect(problem?.range).toEqual(rangeOf(text, "order.customer"));
    expect(problem?.relatedInformation?.[0]?.location).toMatchObject({
      uri: expect.stringMatching(/shop\/order_views\.py$/),
      range: rangeOf(text, "Order.objects.all()"),
    });
    expect(await session.codeLenses(inFolder(folder.root, path))).toEqual([]);
  });

  test("in a folder of another name too, with an edit in it", async () => {
    const text = fileAround(40);
    const session = await open(text);
    renameSync(inFolder(folder.root, "shop"), inFolder(folder.root, "store"));
    const renamed = inFolder(folder.root, "store/views.py");
    await session.close(inFolder(folder.root, path));
    await session.fileChanged(inFolder(folder.root, path));
    await session.open(renamed, `import os\n${text}`);
    const line = rangeOf(text, "for order in orders:").start.line + 2;
    await session.until("the lenses", async () => {
      const titles = await session.lensTitles(renamed);
      return titles.some((title) => title.startsWith(`${line}: executes 10 queries`));
    });
  });
});
