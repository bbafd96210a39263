import { realpathSync } from "node:fs";
import { join } from "node:path";
import { DiskRuns } from "./diskRuns.ts";
import { TraceIngest } from "./ingest.ts";
import { StoreReader } from "./reader.ts";
import { type Driver, isBusy, isDamage, openDatabase, patiently, SqliteUnavailable } from "./sqlite.ts";
import {
  configurationOf,
  discardStore,
  type OpenStore,
  openReadable,
  openStore,
  type StoreOptions,
} from "./storeFile.ts";
import type { FromWorker, UnavailableReason, WorkerData } from "./workerMessages.ts";

/** Ms to wait for another connection's lock while the store is looked over. */
const CHECK_TIMEOUT = 2_000;

interface OpenedStore {
  readonly file: OpenStore;
  readonly ingest: TraceIngest;
  readonly reader: StoreReader;
}

/** The worker's work without its thread: holds the store open for writing and keeps it up to date. */
export class TraceService {
  readonly #data: WorkerData;
  readonly #post: (message: FromWorker) => void;
  readonly #source: DiskRuns;
  readonly #stopped: () => boolean;
  #store: OpenedStore | null = null;
  #told = "";
  /** Of the store when it was last told of. */
  #generation = 0;

  constructor(data: WorkerData, post: (message: FromWorker) => void) {
    this.#data = data;
    this.#post = post;
    this.#source = new DiskRuns(join(data.projectRoot, ".querysight"));
    const stop = new Int32Array(data.stop);
    this.#stopped = () => Atomics.load(stop, 0) !== 0;
  }

  /** A test run is being written now. */
  get running(): boolean {
    return this.#store?.reader.runs().some(({ state }) => state === "running") ?? false;
  }

  /** Opens the store where there is something to keep in it. Never throws: what goes wrong is told. */
  open(): boolean {
    try {
      if (this.#store !== null && !this.#store.file.isCurrent()) this.close();
      if (this.#store === null && this.#source.list() === null) {
        this.#tell({ type: "empty" });
        return false;
      }
      this.#store ??= this.#openPatiently();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** Takes in all that is new, telling of each batch. Never throws. */
  refresh(): void {
    if (!this.open()) return;
    try {
      this.#ingest();
    } catch (error) {
      if (isDamage(error)) this.#rebuild();
      else this.#fail(error);
    }
  }

  /** Looks the whole store over, and rebuilds it where it is damaged. */
  check(): void {
    if (this.#store === null) this.refresh();
    else if (!isSound(this.#store.file.path, this.#data.driver)) this.#rebuild();
  }

  close(): void {
    this.#store?.file.database.close();
    this.#store = null;
  }

  #ingest(): void {
    const store = this.#store;
    if (store === null) return;
    const tell = () => {
      const [runs, problems] = [store.reader.runs(), store.reader.problems()];
      this.#generation = store.reader.generation;
      this.#post({ type: "changed", running: runs.some(({ state }) => state === "running"), problems });
    };
    store.ingest.refresh(tell, this.#stopped);
    // Another process may have taken in what is new before this one came to it.
    if (store.reader.generation !== this.#generation) tell();
    // A state told before (locked, …) is over.
    if (this.#told !== "") this.#reopened(store.file);
  }

  #rebuild(): void {
    const path = this.#store?.file.path;
    try {
      this.close();
      if (path !== undefined) discardStore(path);
      this.#store = patiently(() => this.#openStore(), this.#stopped);
      this.#ingest();
    } catch (error) {
      this.#fail(error);
    }
  }

  #openPatiently(): OpenedStore {
    try {
      return this.#openStore();
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    // Another process writes. What is in the store can be read meanwhile.
    const readable = openReadable(this.#data.projectRoot, CHECK_TIMEOUT, this.#storeOptions());
    readable?.database.close();
    if (readable !== null) this.#post({ type: "opened", path: readable.path });
    return patiently(() => this.#openStore(), this.#stopped);
  }

  #storeOptions(): StoreOptions {
    const { mappings, driver, cacheFolder } = this.#data;
    return { configuration: configurationOf(mappings), driver, cacheFolder };
  }

  #openStore(): OpenedStore {
    const { projectRoot, mappings, keepSuperseded } = this.#data;
    const file = openStore(projectRoot, this.#storeOptions());
    const realRoot = realpathSync(projectRoot);
    const surroundings = () => ({ now: Date.now(), projectRoot: realRoot, isAlive });
    const ingest = new TraceIngest(file.database, this.#source, { mappings, keepSuperseded, surroundings });
    ingest.noteFirstRuns();
    this.#reopened(file);
    return { file, ingest, reader: new StoreReader(file.database, true) };
  }

  #reopened({ path }: OpenStore): void {
    this.#told = "";
    this.#generation = 0;
    this.#post({ type: "opened", path });
  }

  #fail(error: unknown): void {
    this.close();
    const message = error instanceof Error ? error.message : String(error);
    const reason = reasonOf(error);
    const words: Readonly<Record<UnavailableReason, string>> = {
      runtime: message,
      locked: "Another process holds Querysight's store for long; it is tried again.",
      storage: `Querysight cannot keep its store, neither in .querysight nor in the system's cache folder: ${message}`,
      worker: message,
    };
    this.#tell({ type: "unavailable", reason, message: words[reason] });
  }

  /** States are told once, not at each poll. */
  #tell(message: FromWorker): void {
    const key = JSON.stringify(message);
    if (key === this.#told) return;
    this.#told = key;
    this.#post(message);
  }
}

function reasonOf(error: unknown): UnavailableReason {
  if (error instanceof SqliteUnavailable) return "runtime";
  return isBusy(error) ? "locked" : "storage";
}

/** On a connection of its own: one that has been open has the pages in memory as they were. */
function isSound(path: string, driver: Driver | undefined): boolean {
  try {
    const database = openDatabase(path, { readonly: true, busyTimeout: CHECK_TIMEOUT, driver });
    try {
      const [first] = database.prepare<{ quick_check: string }>("PRAGMA quick_check(1)").all();
      return first?.quick_check === "ok";
    } finally {
      database.close();
    }
  } catch (error) {
    return !isDamage(error);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
