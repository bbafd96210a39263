import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Place } from "../correlate/correlation.ts";
import type { Finding } from "../insights/finding.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import type { StorePlace } from "../trace/storeInUse.ts";
import type { FileTexts } from "./fileTexts.ts";
import type { End, FindingsMessage, FindingsWorkerData, Found, Look } from "./findingsMessages.ts";
import { changeBetween, type TextChange, withMovedPlaces } from "./movedPlaces.ts";

/** Ms without another change before it is looked again: nobody is to be disturbed while typing. */
const SETTLE = 250;
/** Ms after which a thread that nobody needed is ended: what it has in memory is more than all the rest. */
const IDLE = 20_000;

export interface FindingsAsideOptions {
  readonly root: string;
  readonly texts: FileTexts;
  /** By a path in the project. */
  readonly bufferOf: (path: string) => string | null;
  readonly store: () => StorePlace | null;
  /** The findings are others than before, or `problem` is. */
  readonly onDidChange: () => void;
}

/**
 * A project's findings, worked out in a thread of their own: a large recording takes seconds, and nothing slow may stand in the way of typing.
 * Until the thread has looked at the latest texts, what it found before is told, at the places where that stands now.
 */
export class FindingsAside {
  readonly #options: FindingsAsideOptions;
  #worker: Worker | null = null;
  #found: readonly Found[] = [];
  #findings: readonly Finding[] = [];
  #unrun: readonly StaticFinding[] = [];
  #shownUnrun: Shown<StaticFinding> | null = null;
  #readsUnrun = true;
  #shown: { readonly version: number; readonly found: readonly Found[]; readonly findings: readonly Finding[] } | null =
    null;
  #changes: { readonly version: number; readonly then: unknown; readonly byPath: Changes } | null = null;
  /** The buffers for which `#found` was worked out. What was not open then was as it is on disk. */
  #textsThen: ReadonlyMap<string, string> = new Map();
  /** Paths whose buffer was opened, changed or closed at some time. */
  readonly #buffered = new Set<string>();
  /** Those of which the thread does not know the latest. */
  readonly #touched = new Set<string>();
  #look: Looking | null = null;
  #lookId = 0;
  #isDue = false;
  #settling: NodeJS.Timeout | null = null;
  #idling: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #problem: string | null = null;
  #disposed = false;

  constructor(options: FindingsAsideOptions) {
    this.#options = options;
    // Not at once: the first file's lenses come first, and where there are two cores a thread that starts would hold them up.
    this.changed();
  }

  /** What is known now. The same object while nothing changed. */
  get current(): readonly Finding[] {
    const { version } = this.#options.texts;
    if (this.#shown?.version !== version || this.#shown.found !== this.#found) {
      const findings = this.#placed();
      const before = this.#shown?.findings ?? [];
      const isSame = findings.length === before.length && findings.every((finding, index) => finding === before[index]);
      this.#shown = { version, found: this.#found, findings: isSame ? before : findings };
    }
    return this.#shown.findings;
  }

  /** What was found last, with its places in the texts of then. The same list until something else is found. */
  get found(): readonly Finding[] {
    return this.#findings;
  }

  /** Where a place of `found` stands now. */
  placeNow(place: Place): Place {
    const change = this.#changesNow().get(place.path);
    return change === undefined ? place : withMovedPlaces(place, new Map([[place.path, change]]));
  }

  /** What reading alone found in open buffers, where that stands now; what was edited meanwhile is left out. */
  get unrun(): readonly StaticFinding[] {
    const { version } = this.#options.texts;
    if (this.#shownUnrun?.version !== version || this.#shownUnrun.found !== this.#unrun) {
      const changes = this.#unrun.length === 0 ? nothing : this.#changesNow();
      const findings = this.#unrun
        .map((finding) => (changes.size === 0 ? finding : withMovedPlaces(finding, changes)))
        .filter((finding) => isThere(finding) && this.#options.bufferOf(finding.at.path) !== null);
      this.#shownUnrun = { version, found: this.#unrun, findings };
    }
    return this.#shownUnrun.findings;
  }

  readUnrun(enabled: boolean): void {
    if (this.#readsUnrun === enabled) return;
    this.#readsUnrun = enabled;
    this.changed(0);
  }

  /** Why findings are not looked for any more; null while they are. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Recording, files or settings changed: looked again once it is quiet. */
  changed(delay = SETTLE): void {
    if (this.#disposed) return;
    this.#isDue = true;
    if (this.#look !== null) return;
    if (this.#settling !== null) clearTimeout(this.#settling);
    // What takes long is not done without a pause: a recording that is being written changes all the time.
    this.#settling = setTimeout(() => this.#start(), Math.max(delay, delay === 0 ? 0 : this.#lastMs));
  }

  bufferChanged(path: string): void {
    this.#shownUnrun = null;
    this.#changes = null;
    this.#buffered.add(path);
    this.#touched.add(path);
    this.changed();
  }

  /** Resolves once all that changed before is looked at. */
  async settled(): Promise<void> {
    if (this.#look !== null) await this.#look.done;
    if (!this.#isDue || this.#disposed) return;
    this.#start();
    await this.#look?.done;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const timer of [this.#settling, this.#idling]) if (timer !== null) clearTimeout(timer);
    await this.#end();
  }

  #start(): void {
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    if (this.#idling !== null) clearTimeout(this.#idling);
    if (this.#disposed || this.#look !== null) return;
    this.#isDue = false;
    const fresh = this.#worker === null;
    const worker = this.#worker ?? this.#startWorker();
    this.#lookId += 1;
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    this.#look = { id: this.#lookId, started: performance.now(), found: [], texts: this.#buffersNow(), done, finish };
    const buffers = [...(fresh ? this.#buffered : this.#touched)].map(
      (path) => [path, this.#options.bufferOf(path)] as const,
    );
    this.#touched.clear();
    const message: Look = { id: this.#lookId, store: this.#options.store(), buffers, readsUnrun: this.#readsUnrun };
    worker.postMessage(message);
  }

  #startWorker(): Worker {
    const data: FindingsWorkerData = { projectRoot: this.#options.root };
    // More room for what is young takes 100 MB, and no time away.
    const resourceLimits = { maxYoungGenerationSizeMb: 8 };
    const worker = new Worker(workerPath(), { workerData: data, resourceLimits });
    this.#worker = worker;
    worker.on("message", (message: FindingsMessage) => this.#receive(message));
    worker.on("error", (error) => this.#died(worker, error.message));
    worker.on("exit", (code) => this.#died(worker, `it ended with code ${code}`));
    worker.unref();
    return worker;
  }

  #receive(message: FindingsMessage): void {
    const look = this.#look;
    if (look?.id !== message.id) return;
    if (message.type === "part") {
      look.found.push(...message.found);
      return;
    }
    if (message.type === "done") {
      if (message.changed) {
        this.#found = look.found;
        this.#findings = look.found.map(({ finding }) => finding);
      }
      if (message.unrun !== null) this.#unrun = message.unrun;
      // Their places are those of other texts now.
      else this.#shownUnrun = null;
      this.#textsThen = look.texts;
      this.#finish(look, null, message.changed || message.unrun !== null);
    } else this.#finish(look, message.message, false);
  }

  #finish(look: Looking, problem: string | null, changed: boolean): void {
    this.#look = null;
    this.#lastMs = performance.now() - look.started;
    const isNews = changed || problem !== this.#problem;
    this.#problem = problem;
    look.finish();
    if (this.#disposed) return;
    if (isNews) this.#options.onDidChange();
    if (this.#isDue) this.changed();
    else this.#idling = setTimeout(() => this.#sendHome(), IDLE).unref();
  }

  #died(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (this.#look !== null) this.#finish(this.#look, `Looking for findings has stopped (${why}).`, false);
  }

  /** The thread ends by itself, once it has given its memory back. */
  #sendHome(): void {
    const worker = this.#worker;
    this.#worker = null;
    const end: End = "end";
    worker?.postMessage(end);
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#look?.finish();
    this.#look = null;
    await worker?.terminate();
  }

  #buffersNow(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#buffered].flatMap((path) => {
        const text = this.#options.bufferOf(path);
        return text === null ? [] : [[path, text] as const];
      }),
    );
  }

  /** The findings with the places that they have in the texts of now. */
  #placed(): readonly Finding[] {
    const changes = this.#changesNow();
    if (changes.size === 0) return this.#findings;
    const edited = [...changes.keys()];
    return this.#found.map(({ finding, paths }) =>
      edited.some((path) => paths.has(path)) ? withMovedPlaces(finding, changes) : finding,
    );
  }

  /** What became of the buffers' texts since it was looked last. */
  #changesNow(): Changes {
    const { version } = this.#options.texts;
    const then = this.#textsThen;
    if (this.#changes?.version !== version || this.#changes.then !== then) {
      this.#changes = { version, then, byPath: this.#findChanges() };
    }
    return this.#changes.byPath;
  }

  #findChanges(): Changes {
    const changes = new Map<string, TextChange>();
    for (const path of this.#buffered) {
      const then = this.#textsThen.get(path) ?? this.#options.texts.onDisk(path);
      const now = this.#options.texts.read(path);
      const change = then === null || now === null ? null : changeBetween(then, now);
      if (change !== null) changes.set(path, change);
    }
    return changes;
  }
}

/** By path. */
type Changes = ReadonlyMap<string, TextChange>;

const nothing: Changes = new Map();

interface Shown<T> {
  readonly version: number;
  readonly found: readonly T[];
  readonly findings: readonly T[];
}

function isThere({ at, loop, queryset }: StaticFinding): boolean {
  return [at, loop, queryset].every((place) => place?.placement.state !== "gone");
}

interface Looking {
  readonly id: number;
  readonly started: number;
  readonly found: Found[];
  readonly texts: ReadonlyMap<string, string>;
  readonly done: Promise<void>;
  readonly finish: () => void;
}

function workerPath(): string {
  const bundled = fileURLToPath(new URL("./findingsWorker.js", import.meta.url));
  return existsSync(bundled) ? bundled : fileURLToPath(new URL("./findingsWorker.ts", import.meta.url));
}
