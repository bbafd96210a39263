import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { createPythonParser } from "../../server/src/python/parser.ts";

/** Parses its files once all threads are ready, each by itself; answers how many of them it parsed. */
const { files } = workerData as { readonly files: readonly string[] };
const parser = await createPythonParser();
const texts = files.map((file) => readFileSync(file, "utf8"));
parentPort?.postMessage("ready");
parentPort?.once("message", () => {
  let parsed = 0;
  for (const text of texts) if (parser.parse(text).statements.length >= 0) parsed += 1;
  parentPort?.postMessage(parsed);
});
