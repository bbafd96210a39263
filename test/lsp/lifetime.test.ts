import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { type ClientOptions, inFolder, LspClient } from "./lspClient.ts";
import { emptyFolder, type TestFolder, writeRecording, writeText } from "./projects.ts";

const path = "shop/services.py";
const text = "def names():\n    return [o.customer.name for o in Order.objects.all()]\n";
const barren = {};

let client: LspClient | null = null;
const folders: TestFolder[] = [];
afterEach(async () => {
  await client?.stop();
  client = null;
  for (const folder of folders.splice(0)) folder.remove();
});

function folder(): string {
  const made = emptyFolder();
  folders.push(made);
  writeText(made.root, path, text);
  return made.root;
}

async function start(options: ClientOptions): Promise<LspClient> {
  client = await LspClient.start(options);
  return client;
}

function mappedFrom(folder: string): string {
  return `[tool.querysight.path-mappings]\n"${folder}" = "other"\n`;
}

/** One test that ran the comprehension over so many rows. */
function recording(rows: number, run = "20260101T000000Z-1-aaaa"): SegmentBuilder {
  const segment = new SegmentBuilder(run);
  const file = segment.file(path, text);
  const site = { qualname: "names", functionLine: 1 };
  const chain = segment.siteAt(file, "Order.objects.all()", site);
  const load = segment.siteAt(file, "o.customer", site);
  const test = "shop/tests.py::test_names";
  const scope = segment.scope({ kind: "test", test });
  const root = segment.row(scope, {
    stack: segment.stack(chain),
    construction: segment.construction(segment.stack(chain), chain),
    cause: segment.cause("queryset", { model: "shop.Order" }),
    statement: segment.statement("SELECT 1"),
    rows,
  });
  const cause = segment.cause("foreign_key", { model: "shop.Order", field: "customer", lookup: "customer" });
  segment.row(scope, {
    stack: segment.stack(load),
    cause,
    statement: segment.statement("SELECT 2"),
    parent: root,
    count: rows,
  });
  return segment.endScope(scope).test(test).collected([test]).end();
}

describe("a project that is recorded while it is open", () => {
  test.each([
    ["is found when the editor tells of its files", undefined],
    ["is found by an editor that watches none", barren],
  ])("%s", async (_, capabilities) => {
    const root = folder();
    const session = await start({ folders: [root], ...(capabilities === undefined ? {} : { capabilities }) });
    await session.open(inFolder(root, path));
    expect(await session.codeLenses(inFolder(root, path))).toEqual([]);
    expect(await session.status()).toEqual({ projects: [] });
    const manifest = writeRecording(root, recording(3));
    if (capabilities === undefined) await session.fileChanged(manifest);
    await session.until("the news of it", () => session.changes.at(-1)?.projects[0]?.testsRecorded === 1);
    expect(await session.lensTitles(inFolder(root, path))).toEqual([
      expect.stringMatching(/^2: executes 4 queries · 3x order\.customer/),
    ]);
  });

  test.each([
    ["an editor that tells of its files", undefined],
    ["an editor that watches none", barren],
  ])("finds code elsewhere once its settings say so, in %s", async (_, capabilities) => {
    const root = folder();
    const settings = inFolder(root, "pyproject.toml");
    writeRecording(root, recording(3));
    const session = await start({ folders: [root], ...(capabilities === undefined ? {} : { capabilities }) });
    await session.open(inFolder(root, path));
    await session.until("the recording", async () => (await session.lensTitles(inFolder(root, path))).length);
    for (const [from, lenses] of [
      ["/project/shop", 0],
      ["/elsewhere", 1],
    ] as const) {
      writeText(root, "pyproject.toml", mappedFrom(from));
      if (capabilities === undefined) await session.fileChanged(settings);
      const titles = () => session.lensTitles(inFolder(root, path));
      await session.until(`${lenses} lenses`, async () => (await titles()).length === lenses);
    }
  });

  test("takes what it found elsewhere out of the problems, however soon settings are saved again, and not before they are saved", async () => {
    const root = folder();
    const [file, settings] = [inFolder(root, path), inFolder(root, "pyproject.toml")];
    writeRecording(root, recording(9));
    const session = await start({ folders: [root] });
    await session.open(file);
    const problems = () => session.diagnostics.get(file)?.length ?? 0;
    const lenses = async () => (await session.lensTitles(file)).length;
    const save = async (from: string) => {
      writeText(root, "pyproject.toml", mappedFrom(from));
      await session.fileChanged(settings);
    };
    await session.until("the finding", () => problems() === 1);
    await save("/project/shop");
    await session.until("no lens", async () => (await lenses()) === 0);
    await session.until("no problem", () => problems() === 0);
    await save("/elsewhere");
    await session.until("the lens", async () => (await lenses()) === 1);
    for (const wait of [20, 50, 80]) {
      await save("/project/shop");
      await setTimeout(wait);
      await save("/elsewhere");
      await setTimeout(1_500);
      await session.until("the lens again", async () => (await lenses()) === 1);
    }
    await session.open(settings, mappedFrom("/project/shop"));
    await session.fileChanged(file);
    await setTimeout(1_500);
    expect(await lenses()).toBe(1);
  });

  test("tells of an edit that was made outside the editor", async () => {
    const root = folder();
    writeRecording(root, recording(3));
    const session = await start({ folders: [root] });
    await session.until("the recording", async () => (await session.endpoints()).projects[0]?.tests.length);
    await session.until("the news of it", () => session.changes.length > 0 && session.lensRefreshes > 0);
    await session.lensTitles(inFolder(root, path));
    const before = session.lensRefreshes;
    writeText(root, path, text.replace("Order.objects.all()", "Order.objects.filter(paid=True)"));
    await session.fileChanged(inFolder(root, path));
    await session.until("a refresh", () => session.lensRefreshes > before);
    expect(await session.lensTitles(inFolder(root, path))).toEqual([]);
  });

  test("shows a newer run as it comes, and asks for its lenses to be fetched again", async () => {
    const root = folder();
    writeRecording(root, recording(3));
    const session = await start({ folders: [root] });
    await session.open(inFolder(root, path));
    await session.until("the first run", async () =>
      (await session.lensTitles(inFolder(root, path)))[0]?.includes("4 queries"),
    );
    const before = session.lensRefreshes;
    writeRecording(root, recording(9, "20260102T000000Z-1-aaaa"));
    await session.until("a refresh", () => session.lensRefreshes > before);
    await session.until("the second run", async () =>
      (await session.lensTitles(inFolder(root, path)))[0]?.includes("10 queries"),
    );
  });
});

describe("several projects in one session", () => {
  test("each has its own recording", async () => {
    const [first, second, none] = [folder(), folder(), folder()];
    writeRecording(first, recording(3));
    writeRecording(second, recording(7));
    const session = await start({ folders: [first, second, none] });
    const queries = async (root: string): Promise<string | undefined> =>
      (await session.lensTitles(inFolder(root, path)))[0];
    for (const root of [first, second, none]) await session.open(inFolder(root, path));
    await session.until("the first", async () => (await queries(first))?.includes("executes 4 queries"));
    await session.until("the second", async () => (await queries(second))?.includes("executes 8 queries"));
    expect(await queries(none)).toBeUndefined();
    const { projects } = await session.endpoints();
    expect(projects.map(({ tests }) => tests[0]?.queries).sort()).toEqual([4, 8]);
  });

  test("nothing is opened before a file or a view asks", async () => {
    const root = folder();
    writeRecording(root, recording(3));
    const session = await start({ folders: [root] });
    expect(existsSync(inFolder(root, ".querysight/trace.db"))).toBe(false);
    await session.until("the project", async () => (await session.endpoints()).projects.length === 1);
    expect(existsSync(inFolder(root, ".querysight/trace.db"))).toBe(true);
  });
});

describe("a recording that is not as it should be", () => {
  test("of a newer format is named in the status; the rest is read", async () => {
    const root = folder();
    writeRecording(root, recording(3));
    writeRecording(root, new SegmentBuilder("20260102T000000Z-1-aaaa", "main", { format: 99 }));
    const session = await start({ folders: [root] });
    await session.open(inFolder(root, path));
    const status = await session.until("the problem", () =>
      session.changes.at(-1)?.projects.find(({ problems }) => problems.length > 0),
    );
    expect(status.problems[0]).toMatch(/20260102T000000Z-1-aaaa\/main\.ndjson: .*too old/);
    expect(await session.lensTitles(inFolder(root, path))).toHaveLength(1);
  });

  test("settings that are wrong are named in the status", async () => {
    const root = folder();
    writeRecording(root, recording(3));
    writeText(root, "pyproject.toml", '[tool.querysight]\nignroe = ["x"]\n');
    const session = await start({ folders: [root] });
    const status = await session.status();
    expect(status.projects[0]?.problems).toEqual([expect.stringMatching(/^pyproject\.toml:2: .*ignroe/)]);
  });

  test("paths that leave the project are neither read nor edited nor shown", async () => {
    const root = folder();
    const outside = emptyFolder();
    folders.push(outside);
    writeText(outside.root, "secret.py", text);
    const segment = recording(3);
    for (const hostile of ["../secret.py", `${outside.root}/secret.py`, "shop/../../secret.py", "..\\secret.py"]) {
      segment.file(hostile, text);
    }
    writeRecording(root, segment);
    const session = await start({ folders: [root] });
    await session.open(inFolder(root, path));
    await session.open(inFolder(outside.root, "secret.py"));
    await session.until("the lens", async () => (await session.lensTitles(inFolder(root, path))).length);
    expect(await session.codeLenses(inFolder(outside.root, "secret.py"))).toEqual([]);
    expect([...session.diagnostics.keys()].filter((file) => !file.startsWith(root))).toEqual([]);
    expect(readFileSync(inFolder(outside.root, "secret.py"), "utf8")).toBe(text);
  });
});

test("what is no file has no lenses, and is no error", async () => {
  const root = folder();
  const session = await start({ folders: [root] });
  await session.open(inFolder(root, "gone/nowhere.py"), text);
  expect(await session.codeLenses(inFolder(root, "gone/nowhere.py"))).toEqual([]);
  expect(await session.hover(inFolder(root, "gone/nowhere.py"), { line: 1, character: 12 })).toBeNull();
});

test("ends when it is told to", async () => {
  const root = folder();
  writeRecording(root, recording(3));
  const session = await start({ folders: [root] });
  await session.open(inFolder(root, path));
  await session.until("the lens", async () => (await session.lensTitles(inFolder(root, path))).length);
  client = null;
  expect(await session.stop()).toBe(0);
});
