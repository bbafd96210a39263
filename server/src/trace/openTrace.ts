import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CurrentReader } from "./currentReader.ts";
import type { TraceProblem, TraceReader } from "./model.ts";
import type { PathMapping } from "./paths.ts";
import { StoreReader } from "./reader.ts";
import { type Database, type Driver, isDamage, SqliteUnavailable } from "./sqlite.ts";
import { configurationOf, type OpenStore, openReadable, readStore } from "./storeFile.ts";
import type { StorePlace } from "./storeInUse.ts";
import type { FromWorker, ToWorker, UnavailableReason, WorkerData } from "./workerMessages.ts";

export interface TraceOptions {
  /** Keep up with recordings as they are written. The terminal asks with `refresh` instead. */
  readonly watch: boolean;
  /** The bundled worker, or its source; beside this module unless told. */
  readonly workerPath?: string | undefined;
  readonly pathMappings?: readonly PathMapping[] | undefined;
  /** So many runs of which nothing counts any more are kept on disk. */
  readonly keepSuperseded?: number | undefined;
  /** Only for tests. */
  readonly driver?: Driver | undefined;
  readonly cacheFolder?: string | undefined;
}

export type TraceState =
  | { readonly kind: "ready" }
  /** Nothing was recorded. */
  | { readonly kind: "empty" }
  | { readonly kind: "unavailable"; readonly reason: UnavailableReason; readonly message: string };

export interface TraceChange {
  readonly generation: number;
  /** A run is being written. */
  readonly running: boolean;
  readonly problems: readonly TraceProblem[];
}

/** A project's recordings while it is open. */
export interface Trace {
  /** Stays the same object; answers nothing while there is no store. */
  readonly reader: TraceReader;
  readonly state: TraceState;
  /** Where another thread can read the same; null while there is nothing to read. */
  readonly store: StorePlace | null;
  onDidChange(listener: (change: TraceChange) => void): { dispose(): void };
  /** Resolves once all that lies on disk is read. Never rejects: `state` and the problems tell what could not be. */
  refresh(): Promise<void>;
  dispose(): Promise<void>;
}

const READ_TIMEOUT = 2_000;
/** Ms that a store of an earlier session is waited for before the thread that writes it is started. */
const LOOK_TIMEOUT = 20;
/** Ms in which the first file's lenses are worked out from such a store: on two cores the start of a thread would hold them up. */
const WRITER_DELAY = 150;
const STOP_TIMEOUT = 2_000;
const DEFAULT_KEEP_SUPERSEDED = 3;

/** Opens a project's recordings. Resolves once what an earlier session took in can be read; new recordings follow. Never rejects. */
export async function openTrace(projectRoot: string, options: TraceOptions): Promise<Trace> {
  const trace = new LiveTrace(projectRoot, options);
  await trace.opened;
  return trace;
}

interface ReadStore {
  readonly database: Database;
  readonly reader: StoreReader;
  readonly place: StorePlace;
  /** False once the file was deleted or replaced. */
  isCurrent(): boolean;
}

class LiveTrace implements Trace {
  readonly reader: CurrentReader;
  readonly opened: Promise<void>;
  readonly #projectRoot: string;
  readonly #options: TraceOptions;
  readonly #listeners = new Set<(change: TraceChange) => void>();
  readonly #refreshing = new Map<number, () => void>();
  readonly #stop = new SharedArrayBuffer(4);
  #worker: Worker | null = null;
  #starting: NodeJS.Timeout | null = null;
  #store: ReadStore | null = null;
  #opened = 0;
  #unavailable: Extract<TraceState, { kind: "unavailable" }> | null = null;
  #running = false;
  #problems: readonly TraceProblem[] = [];
  #isOpen = () => {};
  #lastRefresh = 0;
  #disposed = false;
  #checking = false;

  constructor(projectRoot: string, options: TraceOptions) {
    this.#projectRoot = projectRoot;
    this.#options = options;
    this.reader = new CurrentReader((error) => this.#readFailed(error));
    this.opened = new Promise((resolve) => {
      this.#isOpen = resolve;
    });
    const kept = this.#keptStore();
    if (kept === null) this.#startWorker();
    else {
      this.#use(kept);
      this.#isOpen();
      this.#starting = setTimeout(() => this.#startWorker(), WRITER_DELAY);
    }
  }

  get state(): TraceState {
    if (this.#unavailable !== null) return this.#unavailable;
    return this.reader.runs().length > 0 ? { kind: "ready" } : { kind: "empty" };
  }

  get store(): StorePlace | null {
    return this.#store?.place ?? null;
  }

  onDidChange(listener: (change: TraceChange) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  refresh(): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    if (this.#worker === null) this.#startWorker();
    this.#lastRefresh += 1;
    const id = this.#lastRefresh;
    return new Promise((resolve) => {
      this.#refreshing.set(id, resolve);
      this.#send({ type: "refresh", id });
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    if (this.#starting !== null) clearTimeout(this.#starting);
    this.#listeners.clear();
    // First, as the last connection to close folds the log into the store, and only a writing one can.
    this.#closeStore();
    const worker = this.#worker;
    if (worker !== null) {
      Atomics.store(new Int32Array(this.#stop), 0, 1);
      this.#send({ type: "stop" });
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT);
      await ended;
      clearTimeout(timer);
    }
    this.#answerAll();
  }

  #startWorker(): void {
    if (this.#starting !== null) clearTimeout(this.#starting);
    this.#starting = null;
    const data: WorkerData = {
      projectRoot: realFolder(this.#projectRoot),
      watch: this.#options.watch,
      mappings: this.#options.pathMappings ?? [],
      keepSuperseded: this.#options.keepSuperseded ?? DEFAULT_KEEP_SUPERSEDED,
      driver: this.#options.driver,
      cacheFolder: this.#options.cacheFolder,
      stop: this.#stop,
    };
    const worker = new Worker(this.#options.workerPath ?? defaultWorkerPath(), {
      workerData: data,
      // Each line is forgotten as soon as it is stored: more room would only be filled with what is over.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => this.#receive(message));
    worker.on("error", (error) => this.#workerDied(worker, error.message));
    worker.on("exit", (code) => this.#workerDied(worker, `it ended with code ${code}`));
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #receive(message: FromWorker): void {
    if (this.#disposed) return;
    // Several messages may come in one turn: what was read for an earlier one is not the state that this one tells of.
    this.#store?.reader.endSnapshot();
    switch (message.type) {
      case "opened":
        this.#openStore(message.path);
        break;
      case "empty":
        this.#closeStore();
        this.#unavailable = null;
        this.#changed(false, []);
        break;
      case "unavailable":
        // Who writes keeps nobody from reading what is there.
        if (message.reason !== "locked") this.#closeStore();
        this.#unavailable = { kind: "unavailable", reason: message.reason, message: message.message };
        this.#changed(false, this.#problems);
        break;
      case "changed":
        this.#changed(message.running, message.problems);
        break;
      case "refreshed":
        this.#refreshing.get(message.id)?.();
        this.#refreshing.delete(message.id);
        return;
    }
    this.#isOpen();
  }

  /** What an earlier session took in; null where there is nothing that could be read as it is. */
  #keptStore(): OpenStore | null {
    const { pathMappings = [], driver, cacheFolder } = this.#options;
    const options = { configuration: configurationOf(pathMappings), driver, cacheFolder };
    const kept = openReadable(realFolder(this.#projectRoot), LOOK_TIMEOUT, options);
    kept?.database.exec(`PRAGMA busy_timeout = ${READ_TIMEOUT}`);
    return kept;
  }

  #openStore(path: string): void {
    // Read from already, and now the writing thread has found it sound.
    const isOpen = this.#store?.place.path === path && this.#store.isCurrent();
    if (isOpen && this.#unavailable === null) return;
    this.#unavailable = null;
    if (!isOpen) this.#openAnother(path);
    this.#changed(this.#running, this.#problems);
  }

  #openAnother(path: string): void {
    this.#closeStore();
    try {
      this.#use(readStore(path, { busyTimeout: READ_TIMEOUT, driver: this.#options.driver }));
    } catch (error) {
      const reason = error instanceof SqliteUnavailable ? "runtime" : "storage";
      const why = error instanceof Error ? error.message : String(error);
      const message = `Querysight cannot read its store ${path}: ${why}`;
      this.#unavailable = { kind: "unavailable", reason, message };
    }
  }

  #use({ database, path, isCurrent }: OpenStore): void {
    this.#opened += 1;
    const place = { path, opened: this.#opened };
    this.#store = { database, reader: new StoreReader(database, false), place, isCurrent };
    this.reader.use(this.#store.reader);
  }

  #closeStore(): void {
    if (this.#store === null) return;
    this.reader.use(null);
    try {
      this.#store.reader.endSnapshot();
      this.#store.database.close();
    } catch {
      // A damaged store cannot always end its transaction; it is thrown away in any case.
    }
    this.#store = null;
  }

  #changed(running: boolean, problems: readonly TraceProblem[]): void {
    this.#running = running;
    this.#problems = problems;
    this.#checking = false;
    const change = { generation: this.reader.generation, running, problems };
    for (const listener of this.#listeners) listener(change);
  }

  /** The worker looks whether the store is damaged, and then makes a new one. */
  #readFailed(error: unknown): void {
    const message = `Reading the store failed: ${error instanceof Error ? error.message : String(error)}`;
    this.#problems = [...this.#problems.filter((problem) => problem.file !== STORE), problemOf(message)];
    // A damaged store fails many reads before the worker has looked at it once.
    if (!isDamage(error) || this.#checking) return;
    this.#checking = true;
    if (this.#starting !== null) this.#startWorker();
    this.#send({ type: "check" });
  }

  /** What was read stays readable; the next `refresh` starts another worker. */
  #workerDied(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (!this.#disposed) {
      const message = `Reading recordings has stopped (${why}); what is shown is from before. Refreshing starts it again.`;
      if (this.#store === null) this.#unavailable = { kind: "unavailable", reason: "worker", message };
      this.#changed(false, [...this.#problems, problemOf(message)]);
    }
    this.#isOpen();
    this.#answerAll();
  }

  #answerAll(): void {
    for (const answer of this.#refreshing.values()) answer();
    this.#refreshing.clear();
  }
}

const STORE = "trace.db";

function problemOf(message: string): TraceProblem {
  return { code: "unreadable", file: STORE, message };
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function defaultWorkerPath(): string {
  const bundled = fileURLToPath(new URL("./traceWorker.js", import.meta.url));
  return existsSync(bundled) ? bundled : fileURLToPath(new URL("./worker.ts", import.meta.url));
}
