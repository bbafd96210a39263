import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { Schema } from "../insights/schema.ts";
import { ProjectFiles } from "../project/files.ts";
import { createPythonParser } from "../python/parser.ts";
import { isWorthReading, StaticAnalysis } from "../static/analysis.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { StaticModules } from "./staticModules.ts";
import type { ScanRequest, ScanWorkerData } from "./staticScan.ts";

/** The entry of a thread that reads a project's files for the terminal, which do not change meanwhile. */
async function start(port: MessagePort, { projectRoot, modelModules, models }: ScanWorkerData): Promise<void> {
  const files = new ProjectFiles(projectRoot);
  const texts = new Map<string, string | null>();
  const read = (path: string): string | null => {
    let text = texts.get(path);
    if (text === undefined) {
      text = files.read(path);
      texts.set(path, text);
    }
    return text;
  };
  const parser = await createPythonParser();
  const analysis = new StaticAnalysis({
    modules: new StaticModules({ read }, parser),
    schema: models.length === 0 ? null : new Schema(models),
    modelModules,
    isRecorded: () => false,
  });
  port.on("message", (paths: ScanRequest) => {
    if (paths === null) {
      port.close();
      return;
    }
    const found: StaticFinding[] = paths.flatMap((path) => {
      const text = read(path);
      return text === null || !isWorthReading(path, text) ? [] : analysis.findings(parser.parse(text), path);
    });
    port.postMessage(found);
  });
}

if (parentPort !== null) void start(parentPort, workerData as ScanWorkerData);
