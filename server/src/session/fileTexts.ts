import { join } from "node:path";
import type { TextSource } from "../correlate/correlation.ts";
import type { ProjectFiles } from "../project/files.ts";
import type { OpenBuffers } from "./session.ts";

/** How long a file on disk is taken to be what it was, so that thousands of look-ups do not mean thousands of system calls. */
const trustedMs = 1_000;
/** Files of which it is looked at once whether they changed; of a thousand files the rest waits, so that no key does. */
const mostAtOnce = 40;
/** Until the next ones. */
const pauseMs = 20;

interface Known {
  readonly file: string;
  /** False for a path that names nothing in the project: then no buffer counts either, whatever a recording calls it. */
  readonly inside: boolean;
  text: string | null;
  readonly stamp: string;
  /** What was given out last. */
  shown: string | null;
}

/** Today's texts, answered from memory: open buffers first, then files, each read again only after it changed. */
export class FileTexts implements TextSource {
  readonly #root: string;
  readonly #files: ProjectFiles;
  readonly #buffers: OpenBuffers;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** What is still to be looked at since `#roundAt`. */
  #waiting: string[] = [];
  #roundAt = Number.NEGATIVE_INFINITY;
  #version = 0;

  /** @param now ms, growing */
  constructor(root: string, files: ProjectFiles, buffers: OpenBuffers, now: () => number = () => performance.now()) {
    this.#root = root;
    this.#files = files;
    this.#buffers = buffers;
    this.#now = now;
  }

  /** Grows with each change of a buffer or of a file that was read. */
  get version(): number {
    this.#lookAgain();
    return this.#version;
  }

  read(path: string): string | null {
    this.#lookAgain();
    let known = this.#known.get(path);
    if (known === undefined) {
      known = this.#readFile(path);
      this.#known.set(path, known);
    }
    known.shown = this.#current(known);
    // One of two equal texts is enough.
    if (known.shown === known.text) known.text = known.shown;
    return known.shown;
  }

  /** A buffer that nobody asked for, or that says what its file says, changes nothing. */
  bufferChanged(path: string): boolean {
    const known = this.#known.get(path);
    if (known === undefined || known.shown === this.#current(known)) return false;
    this.#version += 1;
    return true;
  }

  /** What stands on disk, whatever the editor has of it; null where there is nothing to read. */
  onDisk(path: string): string | null {
    this.read(path);
    return this.#known.get(path)?.text ?? null;
  }

  /** Looks at all files that were read, at once. */
  filesChanged(): boolean {
    const before = this.#version;
    this.#look([...this.#known.keys()]);
    this.#waiting = [];
    this.#roundAt = this.#now();
    return this.#version !== before;
  }

  #current({ file, inside, text }: Known): string | null {
    return inside ? (this.#buffers(file) ?? text) : null;
  }

  #lookAgain(): void {
    const now = this.#now();
    if (this.#waiting.length === 0) {
      if (now - this.#roundAt < trustedMs) return;
      this.#roundAt = now;
      this.#waiting = [...this.#known.keys()];
    } else if (now - this.#lookedAt < pauseMs) return;
    this.#lookedAt = now;
    // However many there are, a round takes about as long as they are trusted.
    this.#look(this.#waiting.splice(0, Math.max(mostAtOnce, Math.ceil((this.#known.size * pauseMs) / trustedMs))));
  }

  #look(paths: readonly string[]): void {
    for (const path of paths) {
      const known = this.#known.get(path);
      if (known === undefined || known.stamp === this.#files.stamp(path)) continue;
      this.#known.delete(path);
      this.#version += 1;
    }
  }

  #readFile(path: string): Known {
    // The stamp first: a write in between is then seen the next time.
    const stamp = this.#files.stamp(path);
    const inside = this.#files.locate(path) !== null;
    return { file: join(this.#root, path), inside, text: this.#files.read(path), stamp, shown: null };
  }
}
