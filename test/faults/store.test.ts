import {
  appendFileSync,
  closeSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TraceIngest } from "../../server/src/trace/ingest.ts";
import type { TraceReader } from "../../server/src/trace/model.ts";
import { openTrace, type Trace, type TraceOptions } from "../../server/src/trace/openTrace.ts";
import { StoreReader } from "../../server/src/trace/reader.ts";
import { createTables } from "../../server/src/trace/schema.ts";
import { type Database, openDatabase, type SqlValue } from "../../server/src/trace/sqlite.ts";
import { MemoryRuns, openMemoryTrace } from "../../server/src/trace/testing.ts";
import { addTest, manifestOf, runName, segmentOf, UserFolder } from "./project.ts";

let folder: UserFolder;
const opened: Trace[] = [];

beforeEach(() => {
  folder = new UserFolder();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trace) => trace.dispose()));
  folder.remove();
});

const store = () => join(folder.root, ".querysight", "trace.db");
const queries = (trace: { readonly reader: TraceReader }) => trace.reader.summary().queries;

async function open(options: Partial<TraceOptions> = {}): Promise<Trace> {
  const trace = await openTrace(folder.root, { watch: false, cacheFolder: join(folder.root, "cache"), ...options });
  opened.push(trace);
  return trace;
}

/** Another program that begins to write and does not come to its end. */
function holdStore(how: "IMMEDIATE" | "EXCLUSIVE"): Database {
  const database = openDatabase(store(), { readonly: false, busyTimeout: 1_000 });
  database.exec(`BEGIN ${how}`);
  return database;
}

describe("a store that another program holds", () => {
  test.each(["IMMEDIATE", "EXCLUSIVE"] as const)(
    "is read as it is, and gets what is new afterwards (%s)",
    async (how) => {
      folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
      const first = await open();
      await first.refresh();
      await first.dispose();
      const holder = holdStore(how);
      folder.write(segmentOf(runName(2), { "a.py::test_b": 4 }));
      const started = performance.now();
      const trace = await open({ watch: true });
      expect([queries(trace), trace.state]).toEqual([3, { kind: "ready" }]);
      // Not as long as the lock is waited for.
      expect(performance.now() - started).toBeLessThan(20_000);
      holder.exec("ROLLBACK");
      holder.close();
      await vi.waitFor(() => expect(queries(trace)).toBe(7), 10_000);
    },
  );

  test("while it is open: is read as it is, and gets what is new afterwards", async () => {
    folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    const trace = await open();
    await trace.refresh();
    const holder = holdStore("IMMEDIATE");
    folder.write(segmentOf(runName(2), { "a.py::test_b": 4 }));
    const refreshed = trace.refresh();
    expect(queries(trace)).toBe(3);
    holder.exec("ROLLBACK");
    holder.close();
    await refreshed;
    expect(queries(trace)).toBe(7);
  });

  test("for longer than it is waited for: what was read stays, and that is said", async () => {
    folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    const first = await open();
    await first.refresh();
    await first.dispose();
    const workerPath = join(folder.root, "worker.mjs");
    const messages = [
      { type: "opened", path: store() },
      { type: "unavailable", reason: "locked", message: "Another process holds the store." },
    ];
    const post = messages.map((message) => `parentPort.postMessage(${JSON.stringify(message)});`).join("\n");
    const keep = 'parentPort.on("message", ({ type }) => type === "stop" && parentPort.close());';
    writeFileSync(workerPath, `import { parentPort } from "node:worker_threads";\n${post}\n${keep}`);
    const trace = await open({ workerPath });
    await vi.waitFor(() => expect(trace.state).toMatchObject({ kind: "unavailable", reason: "locked" }), 5_000);
    expect(queries(trace)).toBe(3);
  });
});

test("what a refresh took in is seen as soon as it says so, whatever was read a moment before", async () => {
  folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
  const first = await open();
  await first.refresh();
  await first.dispose();
  // Takes in one run, tells of it, and goes on with the next while the main thread is busy with the first.
  const workerPath = join(folder.root, "worker.mjs");
  const sqlite = JSON.stringify(join(import.meta.dirname, "../../server/src/trace/sqlite.ts"));
  writeFileSync(
    workerPath,
    `import { parentPort } from "node:worker_threads";
    import { openDatabase } from ${sqlite};
    const path = ${JSON.stringify(store())};
    const add = () => {
      const database = openDatabase(path, { readonly: false, busyTimeout: 1000 });
      database.exec("UPDATE scope SET queries = queries + 1; UPDATE meta SET value = value + 1 WHERE key = 'generation'");
      database.close();
      parentPort.postMessage({ type: "changed", running: false, problems: [] });
    };
    parentPort.postMessage({ type: "opened", path });
    parentPort.on("message", ({ type, id }) => {
      if (type === "stop") return parentPort.close();
      add();
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      add();
      parentPort.postMessage({ type: "refreshed", id });
    });`,
  );
  const trace = await open({ workerPath });
  const seen: number[] = [];
  trace.onDidChange(() => {
    seen.push(queries(trace));
    if (seen.length === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  });
  await trace.refresh();
  expect([seen, queries(trace)]).toEqual([[4, 5], 5]);
});

describe("a store that is damaged while it is open", () => {
  const everything = (reader: TraceReader): void => {
    for (const path of reader.paths()) reader.costThrough(reader.sitesIn(path).map(({ id }) => id));
    for (const { id } of reader.scopes()) {
      for (const row of reader.rowsOfScope(id)) reader.stack(row.stackId);
      reader.order(id);
    }
    reader.models();
    reader.testEnds();
    reader.summary();
  };

  type Part = (size: number) => readonly [from: number, to: number];
  test.each<[string, Part]>([
    ["its beginning", (size) => [0, Math.min(size, 100)]],
    ["its first table", () => [4_096, 8_192]],
    ["its middle", (size) => [Math.floor(size / 3), Math.floor((2 * size) / 3)]],
    ["all but its beginning", (size) => [4_096, size]],
    ["all of it", (size) => [0, size]],
  ])("in %s: nothing throws, and it is built anew", async (_, part) => {
    const builder = segmentOf(runName(1), {});
    for (let index = 0; index < 300; index += 1) addTest(builder, `a.py::test_${index}`, 2);
    folder.write(builder);
    const trace = await open();
    await trace.refresh();
    expect(queries(trace)).toBe(600);
    // With nothing in the log, what is read comes from the file.
    const other = openDatabase(store(), { readonly: false, busyTimeout: 1_000 });
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    other.close();
    const [from, to] = part(statSync(store()).size);
    const file = openSync(store(), "r+");
    writeSync(file, Buffer.alloc(to - from, 0xab), 0, to - from, from);
    closeSync(file);
    everything(trace.reader);
    let day = 2;
    await vi.waitFor(
      async () => {
        folder.write(segmentOf(runName(day), { "a.py::test_new": 5 }));
        day += 1;
        await trace.refresh();
        everything(trace.reader);
        expect(queries(trace)).toBe(605);
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(trace.state).toEqual({ kind: "ready" });
  });

  test.each([0, 100, 4_096, 20_000])("cut to %i bytes: nothing throws, and it is built anew", async (size) => {
    folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    const trace = await open();
    await trace.refresh();
    rmSync(`${store()}-wal`, { force: true });
    truncateSync(store(), size);
    everything(trace.reader);
    let day = 2;
    await vi.waitFor(
      async () => {
        folder.write(segmentOf(runName(day), { "a.py::test_new": 5 }));
        day += 1;
        await trace.refresh();
        everything(trace.reader);
        expect(queries(trace)).toBe(8);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
});

describe("a write that fails", () => {
  const runs = (): MemoryRuns => {
    const builder = segmentOf(runName(1), { "a.py::test_a": 3, "a.py::test_b": 4 });
    const site = builder.siteAt(builder.file("a.py", "list(Order.objects.all())\n"), "Order.objects.all()");
    const scope = builder.scope({ test: "a.py::test_c" });
    const stack = builder.stack(site);
    const ids = { stack, construction: builder.construction(stack, site), cause: builder.cause("queryset") };
    builder.row(scope, { ...ids, statement: builder.statement("SELECT 9"), count: 9 });
    builder.endScope(scope).test("a.py::test_c").raw("{broken\n");
    const newer = segmentOf(runName(2), { "a.py::test_b": 5 });
    return new MemoryRuns()
      .add(builder)
      .describe(runName(1), { state: "complete" })
      .add(newer)
      .describe(runName(2), { state: "partial" });
  };
  const all = (reader: TraceReader) => [
    reader.summary(),
    reader.scopes().map((scope) => [scope, reader.rowsOfScope(scope.id), reader.order(scope.id)]),
    reader.sitesIn("a.py"),
  ];

  test.each(["SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY"])(
    "for %s, wherever it does: nothing is lost or doubled",
    (code) => {
      const wanted = all(openMemoryTrace(runs()).reader);
      let failures = 0;
      for (let failing = 1; ; failing += 1) {
        const database = openDatabase(":memory:", { readonly: false, busyTimeout: 0 });
        createTables(database);
        let left = failing;
        const fail = (): void => {
          left -= 1;
          if (left === 0) throw Object.assign(new Error(code), { code });
        };
        const faulty: Database = {
          ...database,
          prepare: <Row>(sql: string) => {
            const statement = database.prepare<Row>(sql);
            const run = (...values: readonly SqlValue[]) => {
              fail();
              return statement.run(...values);
            };
            return { ...statement, run };
          },
        };
        const ingest = new TraceIngest(faulty, runs(), {
          mappings: [],
          keepSuperseded: 3,
          surroundings: () => ({ now: 0, projectRoot: "/project", isAlive: () => true }),
        });
        const reader = new StoreReader(database, true);
        let failed = false;
        try {
          ingest.refresh();
        } catch {
          failed = true;
        }
        if (!failed) break;
        failures += 1;
        ingest.refresh();
        expect(all(reader)).toEqual(wanted);
        database.close();
      }
      expect(failures).toBeGreaterThan(20);
    },
  );
});

describe("a clock that is set back", () => {
  test("leaves a run whose process is gone no longer running than one of today", async () => {
    const path = folder.write(segmentOf(runName(1), { "a.py::test_a": 3 }));
    const gone = { state: "running", pid: 2 ** 22 + 1, root: folder.root };
    const manifest = folder.writeText(`.querysight/runs/${runName(1)}/run.json`, manifestOf(runName(1), gone));
    const tomorrow = Date.now() / 1000 + 86_400;
    for (const file of [path, manifest]) utimesSync(file, tomorrow, tomorrow);
    const trace = await open();
    await trace.refresh();
    expect(trace.reader.summary().runs).toMatchObject([{ state: "interrupted" }]);
    expect(queries(trace)).toBe(3);
  });

  test("hides nothing that a file says: one that is older than before is read too", async () => {
    const builder = segmentOf(runName(1), { "a.py::test_a": 3 });
    const path = folder.write(builder);
    const trace = await open();
    await trace.refresh();
    folder.write(addTest(builder, "a.py::test_b", 4));
    utimesSync(path, 1_000, 1_000);
    await trace.refresh();
    expect(queries(trace)).toBe(7);
    folder.write(segmentOf(runName(1), { "a.py::test_z": 9 }));
    utimesSync(path, 500, 500);
    await trace.refresh();
    expect(queries(trace)).toBe(9);
  });
});

describe("a run that is being written while another starts", () => {
  test("goes on being read, and each test counts by its newest run that ended", async () => {
    const [older, newer] = [segmentOf(runName(1), { a: 1 }), segmentOf(runName(2), {})];
    const running = { state: "running", pid: process.pid, root: folder.root };
    for (const { run } of [older, newer])
      folder.writeText(`.querysight/runs/${run}/run.json`, manifestOf(run, running));
    const paths = [folder.write(older), folder.write(newer)] as const;
    const trace = await open({ watch: true });
    const shows = async (expected: Readonly<Record<string, number>>) => {
      await vi.waitFor(() => {
        const found = Object.fromEntries(trace.reader.scopes().map(({ test, queries: count }) => [test, count]));
        expect(found).toEqual(expected);
      }, 10_000);
    };
    await shows({ a: 1 });
    const append = (path: string, whole: string, keep = 0): void => {
      const rest = whole.slice(statSync(path).size);
      appendFileSync(path, rest.slice(0, rest.length - keep));
    };
    // A line that is half written, in the middle of a flush.
    append(paths[1], addTest(newer, "a", 10).toString(), 30);
    append(paths[0], addTest(older, "b", 2).toString());
    await shows({ a: 1, b: 2 });
    append(paths[1], newer.toString());
    await shows({ a: 10, b: 2 });
    append(paths[0], addTest(older, "c", 3).toString());
    append(paths[1], addTest(addTest(newer, "c", 30), "b", 20).toString());
    await shows({ a: 10, b: 20, c: 30 });
    expect(trace.reader.summary().runs.map(({ state }) => state)).toEqual(["running", "running"]);
    // The older one ends last, and is no newer for it.
    append(paths[0], addTest(older, "d", 4).collected(["a", "b", "c", "d"]).end().toString());
    const ended = manifestOf(runName(1), { tests: { collected: 4, run: 4, recorded: 4 } });
    folder.writeText(`.querysight/runs/${runName(1)}/run.json`, ended);
    await shows({ a: 10, b: 20, c: 30, d: 4 });
    expect(trace.reader.summary().problems).toEqual([]);
  });
});
