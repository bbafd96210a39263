import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

/** Fills a heap of its own with what is then not wanted any more; the process' own heap is every other test's. */
const thread = `
const { parentPort } = require("node:worker_threads");
const { getHeapStatistics } = require("node:v8");
import(${JSON.stringify(new URL("./giveBackMemory.ts", import.meta.url).href)}).then(({ giveBackMemory }) => {
  const total = () => getHeapStatistics().total_heap_size;
  const atFirst = total();
  let kept = Array.from({ length: 400_000 }, (_, index) => ({ index, name: "row " + index }));
  const full = total();
  kept = null;
  giveBackMemory();
  parentPort.postMessage({ atFirst, full, after: total() });
});
`;

test("what a heap has room for and does not use is given back", async () => {
  const worker = new Worker(thread, { eval: true });
  const { atFirst, full, after } = await new Promise<Record<"atFirst" | "full" | "after", number>>((done, fail) =>
    worker.once("message", done).once("error", fail),
  );
  await worker.terminate();
  expect(full - atFirst).toBeGreaterThan(20e6);
  expect(after - atFirst).toBeLessThan(0.3 * (full - atFirst));
});
