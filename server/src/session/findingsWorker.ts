import { join } from "node:path";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { Correlator } from "../correlate/correlator.ts";
import type { Finding } from "../insights/finding.ts";
import { ProjectFiles } from "../project/files.ts";
import { createPythonParser, type PythonParser } from "../python/parser.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { StoreInUse } from "../trace/storeInUse.ts";
import { CachedReader } from "./cachedReader.ts";
import { FileTexts } from "./fileTexts.ts";
import { ProjectFindings } from "./findings.ts";
import type { End, FindingsMessage, FindingsWorkerData, Look } from "./findingsMessages.ts";
import { giveAllBack, giveBackMemory } from "./giveBackMemory.ts";
import { MovedProjectFiles } from "./movedFiles.ts";
import { pathsIn } from "./movedPlaces.ts";
import { ProjectSettings } from "./projectSettings.ts";
import { StaticFindings } from "./staticFindings.ts";

const PART = 100;
/** How long nothing was looked for when memory is given back, ms. */
const REST = 1_500;
const nothing: readonly StaticFinding[] = [];

/** The entry of the thread that looks for findings: it reads the store and the texts by itself, and only what it found crosses over. */
async function start(port: MessagePort, { projectRoot }: FindingsWorkerData): Promise<void> {
  let looker: Looker | null = new Looker(projectRoot, await createPythonParser(), (message) =>
    port.postMessage(message),
  );
  let resting: NodeJS.Timeout | null = null;

  // In a turn of its own: two messages may come in one, and the second would see the store as the first did.
  port.on("message", (message: Look | End) => {
    if (resting !== null) clearTimeout(resting);
    if (message === "end") {
      looker?.close();
      looker = null;
      setImmediate(() => {
        giveAllBack();
        port.close();
      });
    } else {
      setImmediate(() => {
        looker?.answer(message);
        resting = setTimeout(giveBackMemory, REST);
      });
    }
  });
}

class Looker {
  readonly #root: string;
  readonly #tell: (message: FindingsMessage) => void;
  readonly #buffers = new Map<string, string>();
  readonly #store = new StoreInUse();
  readonly #texts: FileTexts;
  readonly #moved: MovedProjectFiles;
  readonly #findings: ProjectFindings;
  readonly #readTexts: FileTexts;
  readonly #unrun: StaticFindings;
  readonly #open = new Set<string>();
  #told: readonly Finding[] | null = null;
  #toldUnrun: readonly StaticFinding[] | null = null;

  constructor(root: string, parser: PythonParser, tell: (message: FindingsMessage) => void) {
    const files = new ProjectFiles(root);
    const textsOf = () => new FileTexts(root, files, (file) => this.#buffers.get(file) ?? null);
    const reader = new CachedReader(this.#store.reader);
    this.#root = root;
    this.#tell = tell;
    this.#texts = textsOf();
    this.#readTexts = textsOf();
    this.#moved = new MovedProjectFiles(root, files, reader);
    const correlator = new Correlator(reader, this.#texts, parser, this.#moved);
    this.#findings = new ProjectFindings(reader, this.#texts, correlator, new ProjectSettings(this.#texts));
    const settings = new ProjectSettings(this.#readTexts);
    this.#unrun = new StaticFindings({ reader, correlator, parser, texts: this.#readTexts, settings });
  }

  answer(look: Look): void {
    try {
      this.#follow(look);
      const { current } = this.#findings;
      const { failure } = this.#store;
      if (failure !== null) throw failure;
      const changed = current !== this.#told;
      if (changed) {
        for (let from = 0; from < current.length; from += PART) {
          const found = current.slice(from, from + PART).map((finding) => ({ finding, paths: pathsIn(finding) }));
          this.#tell({ type: "part", id: look.id, found });
        }
      }
      this.#told = current;
      const read = look.readsUnrun ? this.#unrun.of([...this.#open].sort()) : nothing;
      const isNews = read !== this.#toldUnrun;
      this.#toldUnrun = read;
      this.#tell({ type: "done", id: look.id, changed, unrun: isNews ? read : null });
    } catch (error) {
      // Answers of a store that failed are not to be kept.
      this.#store.use(null);
      this.#tell({ type: "failed", id: look.id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  close(): void {
    this.#store.use(null);
  }

  #follow(look: Look): void {
    this.#store.use(look.store);
    for (const [path, text] of look.buffers) {
      if (text === null) {
        this.#buffers.delete(join(this.#root, path));
        this.#open.delete(path);
      } else {
        this.#buffers.set(join(this.#root, path), text);
        this.#open.add(path);
      }
      this.#texts.bufferChanged(path);
      this.#readTexts.bufferChanged(path);
    }
    this.#texts.filesChanged();
    this.#moved.filesChanged();
    this.#readTexts.filesChanged();
  }
}

if (parentPort !== null) void start(parentPort, workerData as FindingsWorkerData);
