/**
 * A process of its own, so that its memory is its own: opens a project's recordings with the bundled worker, waits until all is read and
 * prints `{"ms", "peakMb"}`. The peak is the operating system's, for worker and main thread together.
 */
import { openTrace } from "../../server/src/trace/openTrace.ts";
import { built } from "../../test/lsp/dist.ts";

const [root = ""] = process.argv.slice(2);
const start = performance.now();
const trace = await openTrace(root, { watch: false, workerPath: built("traceWorker.js") });
await trace.refresh();
const ms = performance.now() - start;
const tests = trace.reader.summary().testsRecorded;
const state = trace.state.kind;
await trace.dispose();
// Kilobytes on every system: libuv converts.
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = (userCPUTime + systemCPUTime) / 1000;
console.log(JSON.stringify({ ms, cpuMs, peakMb: process.resourceUsage().maxRSS / 1024, state, tests }));
