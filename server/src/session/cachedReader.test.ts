import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { TraceReader } from "../trace/model.ts";
import { MemoryRuns, openMemoryTrace, SegmentBuilder } from "../trace/testing.ts";
import { CachedReader } from "./cachedReader.ts";

function segment(run: string, count: number): SegmentBuilder {
  const builder = new SegmentBuilder(run);
  const file = builder.file("a.py", "x = 1\n");
  const site = builder.site(file, { line: 1 });
  const scope = builder.scope({ test: "t.py::test_a" });
  const cause = builder.cause("queryset");
  builder.row(scope, { cause, statement: builder.statement("SELECT 1"), stack: builder.stack(site), count });
  return builder.endScope(scope).test("t.py::test_a");
}

test("asks the store once, and again after a batch", async () => {
  const runs = new MemoryRuns().add(segment("20260101T000000Z-1-aaaa", 3));
  const trace = openMemoryTrace(runs);
  let asked = 0;
  const counted = new Proxy(trace.reader, {
    get: (target: TraceReader, member: keyof TraceReader) => {
      if (member !== "generation") asked += 1;
      const value = target[member];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const reader = new CachedReader(counted);
  const queries = (): readonly number[] =>
    reader.scopes().flatMap(({ id }) => reader.rowsOfScope(id).map(({ count }) => count));
  expect([queries(), queries()]).toEqual([[3], [3]]);
  expect(asked).toBe(2);
  expect([reader.row(-1), reader.row(-1)]).toEqual([null, null]);
  expect(asked).toBe(3);

  runs.add(segment("20260102T000000Z-1-aaaa", 5));
  trace.refresh();
  await setImmediate();
  expect(queries()).toEqual([5]);
});

test("answers as the store does", () => {
  const { reader } = openMemoryTrace(new MemoryRuns().add(segment("20260101T000000Z-1-aaaa", 3)));
  const cached = new CachedReader(reader);
  const sites = reader.sitesIn("a.py").map(({ id }) => id);
  expect(cached.paths()).toEqual(["a.py"]);
  expect(cached.costThrough(sites)).toEqual(reader.costThrough(sites));
  expect(cached.rowsThrough(sites)).toEqual(reader.rowsThrough(sites));
  expect(cached.rowsThrough([])).toEqual([]);
  expect(cached.rowsThrough(sites)[0]).toBe(cached.rowsCausedBy(["queryset"])[0]);
  expect(cached.rowsCausedBy(["queryset"])).toEqual(reader.rowsCausedBy(["queryset"]));
  expect(cached.summary()).toEqual(reader.summary());
});
