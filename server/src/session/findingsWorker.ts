import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { Correlator } from "../correlate/correlator.ts";
import type { Finding } from "../insights/finding.ts";
import { ProjectFiles } from "../project/files.ts";
import { createPythonParser } from "../python/parser.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { StoreInUse } from "../trace/storeInUse.ts";
import { CachedReader } from "./cachedReader.ts";
import { FileTexts } from "./fileTexts.ts";
import { ProjectFindings } from "./findings.ts";
import type { FindingsMessage, FindingsWorkerData, Look } from "./findingsMessages.ts";
import { MovedProjectFiles } from "./movedFiles.ts";
import { pathsIn } from "./movedPlaces.ts";
import { ProjectSettings } from "./projectSettings.ts";
import { StaticFindings } from "./staticFindings.ts";

const PART = 100;
const nothing: readonly StaticFinding[] = [];

/** The entry of the thread that looks for findings: it reads the store and the texts by itself, and only what it found crosses over. */
async function start(port: MessagePort, { projectRoot }: FindingsWorkerData): Promise<void> {
  const buffers = new Map<string, string>();
  const store = new StoreInUse();
  const files = new ProjectFiles(projectRoot);
  const texts = new FileTexts(projectRoot, files, (file) => buffers.get(file) ?? null);
  const reader = new CachedReader(store.reader);
  const moved = new MovedProjectFiles(projectRoot, files, reader);
  const parser = await createPythonParser();
  const correlator = new Correlator(reader, texts, parser, moved);
  const findings = new ProjectFindings(reader, texts, correlator, new ProjectSettings(texts));
  const readTexts = new FileTexts(projectRoot, files, (file) => buffers.get(file) ?? null);
  const unrun = new StaticFindings({
    reader,
    correlator,
    parser,
    texts: readTexts,
    settings: new ProjectSettings(readTexts),
  });
  const open = new Set<string>();
  let told: readonly Finding[] | null = null;
  let toldUnrun: readonly StaticFinding[] | null = null;
  const tell = (message: FindingsMessage) => port.postMessage(message);

  // In a turn of its own: two messages may come in one, and the second would see the store as the first did.
  port.on("message", (look: Look) => setImmediate(() => answer(look)));

  function answer(look: Look): void {
    try {
      follow(look);
      const { current } = findings;
      const { failure } = store;
      if (failure !== null) throw failure;
      const changed = current !== told;
      if (changed) {
        for (let from = 0; from < current.length; from += PART) {
          const found = current.slice(from, from + PART).map((finding) => ({ finding, paths: pathsIn(finding) }));
          tell({ type: "part", id: look.id, found });
        }
      }
      told = current;
      const read = look.readsUnrun ? unrun.of([...open].sort()) : nothing;
      const isNews = read !== toldUnrun;
      toldUnrun = read;
      tell({ type: "done", id: look.id, changed, unrun: isNews ? read : null });
    } catch (error) {
      // Answers of a store that failed are not to be kept.
      store.use(null);
      tell({ type: "failed", id: look.id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  function follow(look: Look): void {
    store.use(look.store);
    for (const [path, text] of look.buffers) {
      if (text === null) {
        buffers.delete(join(projectRoot, path));
        open.delete(path);
      } else {
        buffers.set(join(projectRoot, path), text);
        open.add(path);
      }
      texts.bufferChanged(path);
      readTexts.bufferChanged(path);
    }
    texts.filesChanged();
    moved.filesChanged();
    readTexts.filesChanged();
  }
}

if (parentPort !== null) void start(parentPort, workerData as FindingsWorkerData);
