import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { TraceService } from "./traceService.ts";
import { watchRuns } from "./watchRuns.ts";
import type { ToWorker, WorkerData } from "./workerMessages.ts";

/** The ingest thread's entry: the only writer of this process's store. */
function start(port: MessagePort, data: WorkerData): void {
  const service = new TraceService(data, (message) => port.postMessage(message));
  let stopWatching = () => {};
  port.on("message", (message: ToWorker) => {
    if (message.type === "stop") {
      stopWatching();
      service.close();
      port.close();
    } else if (message.type === "check") {
      service.check();
    } else {
      service.refresh();
      port.postMessage({ type: "refreshed", id: message.id });
    }
  });
  service.open();
  if (data.watch) {
    stopWatching = watchRuns(
      join(data.projectRoot, ".querysight", "runs"),
      () => service.running,
      () => service.refresh(),
    );
    service.refresh();
  }
}

if (parentPort !== null) start(parentPort, workerData as WorkerData);
