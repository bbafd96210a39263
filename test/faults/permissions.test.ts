import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProjectFiles } from "../../server/src/project/files.ts";
import { findProject, findProjectsBelow } from "../../server/src/project/findProject.ts";
import { FileTexts } from "../../server/src/session/fileTexts.ts";
import type { TraceProblem } from "../../server/src/trace/model.ts";
import { StoreReader } from "../../server/src/trace/reader.ts";
import { openDatabase } from "../../server/src/trace/sqlite.ts";
import { TraceService } from "../../server/src/trace/traceService.ts";
import type { FromWorker } from "../../server/src/trace/workerMessages.ts";
import { addTest, manifestOf, runName, segmentOf, UserFolder } from "./project.ts";

let user: UserFolder;
let service: TraceService;
let told: FromWorker[];

beforeEach(() => {
  user = new UserFolder();
  told = [];
  service = new TraceService(
    {
      projectRoot: user.root,
      watch: false,
      mappings: [],
      keepSuperseded: 3,
      driver: undefined,
      cacheFolder: join(user.root, "cache"),
      stop: new SharedArrayBuffer(4),
    },
    (message) => told.push(message),
  );
});

afterEach(() => {
  service.close();
  user.remove();
});

const mode = (path: string, bits: number) => chmodSync(join(user.root, path), bits);
const refresh = () => user.as(() => service.refresh());
const storePath = () => told.findLast(({ type }) => type === "opened");

function ask<T>(question: (reader: StoreReader) => T): T {
  const opened = storePath();
  if (opened?.type !== "opened") throw new Error(`No store was opened: ${JSON.stringify(told)}`);
  const database = openDatabase(opened.path, { readonly: true, busyTimeout: 100 });
  try {
    return question(new StoreReader(database, true));
  } finally {
    database.close();
  }
}
const queries = () => ask((reader) => reader.summary().queries);
const problems = (): readonly Pick<TraceProblem, "code" | "file">[] =>
  ask((reader) => reader.summary().problems.map(({ code, file }) => ({ code, file })));

describe("a folder that may not be read", () => {
  test("of the runs: is named, and read once it may be", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    mode(".querysight/runs", 0o000);
    refresh();
    expect([queries(), problems()]).toEqual([0, [{ code: "unreadable", file: "runs" }]]);
    mode(".querysight/runs", 0o755);
    refresh();
    expect([queries(), problems()]).toEqual([3, []]);
  });

  test("of the runs, later: keeps what was read of it", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    refresh();
    for (const bits of [0o000, 0o444]) {
      mode(".querysight/runs", bits);
      refresh();
      expect([queries(), problems().map(({ code }) => code)]).toEqual([3, ["unreadable"]]);
      mode(".querysight/runs", 0o755);
      refresh();
      expect([queries(), problems()]).toEqual([3, []]);
    }
  });

  test("of the project's recordings as a whole: is named, and keeps what was read of it", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    mode(".querysight", 0o000);
    refresh();
    expect([queries(), problems()]).toEqual([0, [{ code: "unreadable", file: "runs" }]]);
    mode(".querysight", 0o755);
    refresh();
    expect(queries()).toBe(3);
  });

  test("of one run: the others are read, and what was read of it stays", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    user.write(segmentOf(runName(2), { "a.py::test_b": 4 }));
    refresh();
    for (const [day, bits] of [0o000, 0o444].entries()) {
      mode(`.querysight/runs/${runName(1)}`, bits);
      user.write(segmentOf(runName(3 + day), { "a.py::test_c": 1 }));
      refresh();
      expect([queries(), problems()]).toEqual([8, [{ code: "unreadable", file: `runs/${runName(1)}` }]]);
      mode(`.querysight/runs/${runName(1)}`, 0o755);
      refresh();
      expect([queries(), problems()]).toEqual([8, []]);
    }
  });
});

test("a segment that may not be read is named once, and read once it may be, though nothing else about it changed", () => {
  const path = user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
  user.write(segmentOf(runName(2), { "a.py::test_b": 4 }));
  chmodSync(path, 0o000);
  refresh();
  const file = `runs/${runName(1)}/main.ndjson`;
  expect([queries(), problems()]).toEqual([4, [{ code: "unreadable", file }]]);
  const before = ask((reader) => reader.generation);
  refresh();
  expect([ask((reader) => reader.generation), problems()]).toEqual([before, [{ code: "unreadable", file }]]);
  chmodSync(path, 0o644);
  refresh();
  expect([queries(), problems()]).toEqual([7, []]);
});

test("a manifest that may not be read is named, its segments are read", () => {
  user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
  chmodSync(user.writeText(`.querysight/runs/${runName(1)}/run.json`, manifestOf(runName(1))), 0o000);
  refresh();
  expect([queries(), problems()]).toEqual([3, [{ code: "bad-record", file: `runs/${runName(1)}/run.json` }]]);
});

describe("a folder that may not be written", () => {
  test("has its store in the cache folder, and goes on as recordings are added", () => {
    const builder = segmentOf(runName(1), { "a.py::test_a": 3 });
    user.write(builder);
    mode(".querysight", 0o555);
    refresh();
    expect([queries(), existsSync(join(user.root, ".querysight/trace.db"))]).toEqual([3, false]);
    user.write(addTest(builder, "a.py::test_b", 4));
    refresh();
    expect(queries()).toBe(7);
  });

  test("with a store that somebody else made: reads on in the cache folder", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    refresh();
    service.close();
    for (const file of ["trace.db", "trace.db-wal", "trace.db-shm"])
      if (existsSync(join(user.root, ".querysight", file))) mode(`.querysight/${file}`, 0o444);
    mode(".querysight", 0o555);
    user.write(segmentOf(runName(2), { "a.py::test_b": 4 }));
    refresh();
    expect(queries()).toBe(7);
    expect(storePath()).toMatchObject({ path: expect.stringContaining("cache") });
  });

  test("from now on, with the store open: what comes is read all the same", () => {
    const builder = segmentOf(runName(1), { "a.py::test_a": 3 });
    user.write(builder);
    refresh();
    for (const file of ["trace.db", "trace.db-wal", "trace.db-shm"])
      if (existsSync(join(user.root, ".querysight", file))) mode(`.querysight/${file}`, 0o444);
    mode(".querysight", 0o555);
    user.write(addTest(builder, "a.py::test_b", 4));
    refresh();
    expect(queries()).toBe(7);
  });

  test("nor the cache: says so, and works once one of them may be", () => {
    user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    mode(".querysight", 0o555);
    mode(".", 0o555);
    refresh();
    expect(told.at(-1)).toMatchObject({ type: "unavailable", reason: "storage" });
    mode(".", 0o755);
    refresh();
    expect(queries()).toBe(3);
  });
});

test("sources that may not be read are none, and are seen once they may be", () => {
  const file = user.writeText("shop/views.py", "x = 1\n");
  let now = 0;
  const texts = new FileTexts(
    user.root,
    new ProjectFiles(user.root),
    () => null,
    () => now,
  );
  const read = (): string | null => {
    now += 10_000;
    return user.as(() => (texts.version >= 0 ? texts.read("shop/views.py") : null));
  };
  expect(read()).toBe("x = 1\n");
  for (const [path, bits] of [
    ["shop", 0o000],
    ["shop", 0o444],
    ["shop/views.py", 0o000],
  ] as const) {
    mode(path, bits);
    // Only a file that changes is read again.
    if (path === "shop/views.py") rmSync(file);
    expect(read()).toBeNull();
    mode("shop", 0o755);
    user.writeText("shop/views.py", `# ${bits}\n`);
    expect(read()).toBe(`# ${bits}\n`);
  }
});

test("a project in a folder that may not be looked into is none, and its neighbours are found", () => {
  user.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
  user.writeText("other/.querysight/runs/x", "");
  rmSync(join(user.root, ".querysight"), { recursive: true });
  user.writeText("closed/.querysight/runs/x", "");
  mode("closed", 0o000);
  expect(user.as(() => findProjectsBelow(user.root))).toEqual([join(user.root, "other")]);
  expect(user.as(() => findProject(join(user.root, "closed", "a.py")))).toBeNull();
  mode("closed", 0o755);
});
