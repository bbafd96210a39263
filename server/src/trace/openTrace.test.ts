import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openTrace, type Trace, type TraceOptions } from "./openTrace.ts";
import { SegmentBuilder } from "./testing.ts";

const RUN = "20260101T000000Z-1-aaaa";

let root: string;
const opened: Trace[] = [];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-trace-")));
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((trace) => trace.dispose()));
  rmSync(root, { recursive: true, force: true });
});

async function open(options: Partial<TraceOptions> = {}): Promise<Trace> {
  const trace = await openTrace(root, { watch: false, cacheFolder: join(root, "cache"), ...options });
  opened.push(trace);
  return trace;
}

function segment(run = RUN): SegmentBuilder {
  return new SegmentBuilder(run);
}

function addTest(builder: SegmentBuilder, test: string, count: number): SegmentBuilder {
  const statement = builder.statement("SELECT 1");
  const scope = builder.scope({ test });
  builder.row(scope, { cause: builder.cause("queryset"), statement, count });
  return builder.endScope(scope).test(test);
}

function write(builder: SegmentBuilder): string {
  const folder = join(root, ".querysight", "runs", builder.run);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${builder.process}.ndjson`);
  writeFileSync(path, builder.toString());
  return path;
}

const queries = (trace: Trace) => trace.reader.summary().queries;

describe("an opened trace", () => {
  test("is empty where nothing was recorded, and makes no folder", async () => {
    const trace = await open();
    await trace.refresh();
    expect(trace.state).toEqual({ kind: "empty" });
    expect(trace.reader.scopes()).toEqual([]);
    expect(statSync(join(root, ".querysight"), { throwIfNoEntry: false })).toBeUndefined();
  });

  test("reads what is there when asked", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const trace = await open();
    await trace.refresh();
    expect(trace.state).toEqual({ kind: "ready" });
    expect(queries(trace)).toBe(3);
  });

  test("follows a recording that begins later and grows, and tells listeners", async () => {
    const trace = await open({ watch: true });
    const told = vi.fn();
    trace.onDidChange(told);
    const first = addTest(segment(), "a.py::test_a", 3);
    const path = write(first);
    await vi.waitFor(() => expect(queries(trace)).toBe(3), 8_000);
    const grown = addTest(first, "a.py::test_b", 4).toString();
    const rest = grown.slice(statSync(path).size);
    appendFileSync(path, rest.slice(0, 100));
    appendFileSync(path, rest.slice(100));
    await vi.waitFor(() => expect(queries(trace)).toBe(7), 8_000);
    // The reader may see a batch before its message arrives.
    await vi.waitFor(
      () => expect(told).toHaveBeenLastCalledWith({ generation: trace.reader.generation, running: true, problems: [] }),
      8_000,
    );
  });

  test("keeps what it took in for the next session, which reads on where the first stopped", async () => {
    const builder = addTest(segment(), "a.py::test_a", 3);
    write(builder);
    const first = await open();
    await first.refresh();
    await first.dispose();
    const second = await open();
    expect(queries(second)).toBe(3);
    write(addTest(builder, "a.py::test_b", 4));
    await second.refresh();
    expect(queries(second)).toBe(7);
  });

  test("is read as an earlier session left it before the thread that writes has begun, and follows another store that takes its place", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const first = await open();
    await first.refresh();
    await first.dispose();
    const workerPath = join(root, "worker.mjs");
    const source = JSON.stringify(join(import.meta.dirname, "worker.ts"));
    writeFileSync(workerPath, `await new Promise((begun) => setTimeout(begun, 500)); await import(${source});`);
    const second = await open({ watch: true, workerPath });
    expect(queries(second)).toBe(3);
    expect(second.state).toEqual({ kind: "ready" });
    const { store } = second;
    let told = 0;
    second.onDidChange(() => {
      told += 1;
    });
    await vi.waitFor(() => expect(told).toBeGreaterThan(0), 5_000);
    expect(second.store).toBe(store);
    rmSync(join(root, ".querysight", "trace.db"));
    write(addTest(segment("20260102T000000Z-1-bbbb"), "a.py::test_b", 4));
    await second.refresh();
    expect(queries(second)).toBe(7);
    expect(second.store).not.toBe(store);
  });

  test("of other path mappings waits for one that is built anew", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const first = await open();
    await first.refresh();
    await first.dispose();
    const second = await open({ pathMappings: [{ from: "/app", to: "" }] });
    expect(queries(second)).toBe(0);
    await second.refresh();
    expect(queries(second)).toBe(3);
  });

  test("two of them share a store, each reading on from where the other got", async () => {
    const builder = addTest(segment(), "a.py::test_a", 1);
    write(builder);
    const [one, two] = [await open(), await open()];
    await Promise.all([one.refresh(), two.refresh()]);
    write(addTest(builder, "a.py::test_b", 2));
    await one.refresh();
    write(addTest(builder, "a.py::test_c", 4));
    await two.refresh();
    write(addTest(builder, "a.py::test_d", 8));
    const told = vi.fn();
    two.onDidChange(told);
    await one.refresh();
    await two.refresh();
    expect(told).toHaveBeenCalled();
    expect([queries(one), queries(two)]).toEqual([15, 15]);
    expect(one.reader.summary().problems).toEqual([]);
  });

  test("serves with Node's own SQLite", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const trace = await open({ driver: "node:sqlite" });
    await trace.refresh();
    expect(queries(trace)).toBe(3);
  });

  test("grows its generation over every change of store", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const trace = await open();
    const before = trace.reader.generation;
    await trace.refresh();
    const ingested = trace.reader.generation;
    rmSync(join(root, ".querysight", "trace.db"));
    await trace.refresh();
    expect(ingested).toBeGreaterThan(before);
    expect(trace.reader.generation).toBeGreaterThan(ingested);
  });
});

describe("a store that is not as it was left", () => {
  const store = () => join(root, ".querysight", "trace.db");

  beforeEach(() => {
    write(addTest(segment(), "a.py::test_a", 3));
  });

  test("is built anew where it is damaged", async () => {
    writeFileSync(store(), "this is no database, but a text that is long enough to be taken for one ".repeat(100));
    const trace = await open();
    await trace.refresh();
    expect(queries(trace)).toBe(3);
  });

  test("is built anew where it is of another version", async () => {
    const first = await open();
    await first.refresh();
    await first.dispose();
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(store());
    database.exec("PRAGMA user_version = 999; DELETE FROM scope");
    database.close();
    const second = await open();
    await second.refresh();
    expect(queries(second)).toBe(3);
  });

  test.each(["better-sqlite3", "node:sqlite"] as const)(
    "is built anew where it cannot hold what is recorded (%s)",
    async (driver) => {
      const first = await open({ driver });
      await first.refresh();
      await first.dispose();
      const { default: Database } = await import("better-sqlite3");
      const database = new Database(store());
      database.exec("CREATE UNIQUE INDEX forged ON recording (run_id)");
      database.close();
      write(addTest(addTest(segment(), "a.py::test_a", 3), "a.py::test_b", 4));
      const second = await open({ driver });
      await second.refresh();
      expect(second.state).toEqual({ kind: "ready" });
      expect(queries(second)).toBe(7);
    },
  );

  test("is built anew when it is deleted, or overwritten, while open", async () => {
    const trace = await open();
    await trace.refresh();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(`${store()}${suffix}`, { force: true });
    await trace.refresh();
    expect(queries(trace)).toBe(3);
    writeFileSync(store(), "x".repeat(100_000));
    for (const suffix of ["-wal", "-shm"]) rmSync(`${store()}${suffix}`, { force: true });
    write(addTest(segment("20260102T000000Z-1-aaaa"), "a.py::test_b", 4));
    await vi.waitFor(async () => {
      await trace.refresh();
      expect(queries(trace)).toBe(7);
    }, 5_000);
  });

  test("shows nothing once the recordings are deleted, and the next ones again", async () => {
    const trace = await open();
    await trace.refresh();
    rmSync(join(root, ".querysight"), { recursive: true });
    await trace.refresh();
    expect(trace.state).toEqual({ kind: "empty" });
    expect(trace.reader.scopes()).toEqual([]);
    write(addTest(segment(), "a.py::test_a", 5));
    await trace.refresh();
    expect(queries(trace)).toBe(5);
  });

  test("lies in the cache folder where .querysight cannot hold it", async () => {
    mkdirSync(store());
    const trace = await open();
    await trace.refresh();
    expect(queries(trace)).toBe(3);
    expect(statSync(store()).isDirectory()).toBe(true);
    expect(statSync(join(root, "cache", "querysight")).isDirectory()).toBe(true);
  });

  test("is never written through a link", async () => {
    const outside = join(root, "outside.db");
    symlinkSync(outside, store());
    const trace = await open();
    await trace.refresh();
    expect(queries(trace)).toBe(3);
    expect(statSync(outside, { throwIfNoEntry: false })).toBeUndefined();
  });

  test("cannot be kept anywhere: says so", async () => {
    mkdirSync(store());
    writeFileSync(join(root, "cache"), "in the way");
    const trace = await open();
    expect(trace.state).toMatchObject({ kind: "unavailable", reason: "storage" });
    await trace.refresh();
    expect(trace.reader.scopes()).toEqual([]);
  });
});

describe("the worker", () => {
  test("that dies is told of, and starts again at the next refresh", async () => {
    const workerPath = join(root, "worker.mjs");
    writeFileSync(workerPath, "throw new Error('out of order');");
    const trace = await open({ workerPath });
    expect(trace.state).toMatchObject({ kind: "unavailable", reason: "worker" });
    write(addTest(segment(), "a.py::test_a", 3));
    writeFileSync(workerPath, `import ${JSON.stringify(join(import.meta.dirname, "worker.ts"))};`);
    await trace.refresh();
    expect(queries(trace)).toBe(3);
    expect(trace.state).toEqual({ kind: "ready" });
  });

  test("that dies later leaves what was read", async () => {
    write(addTest(segment(), "a.py::test_a", 3));
    const workerPath = join(root, "worker.mjs");
    const source = JSON.stringify(join(import.meta.dirname, "worker.ts"));
    writeFileSync(workerPath, `await import(${source}); setTimeout(() => { throw new Error("out of order"); }, 1000);`);
    const trace = await open({ workerPath });
    await trace.refresh();
    const problems: string[] = [];
    trace.onDidChange((change) => problems.push(...change.problems.map(({ message }) => message)));
    await vi.waitFor(() => expect(problems.join()).toContain("out of order"), 5_000);
    expect(queries(trace)).toBe(3);
    expect(trace.state).toEqual({ kind: "ready" });
  });
});
