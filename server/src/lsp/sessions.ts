import { isAbsolute, relative, sep } from "node:path";
import type { OpenBuffers, Session, SessionHost } from "../session/session.ts";
import type { Log } from "./runSafe.ts";

export interface FileInProject {
  readonly session: Session;
  /** Relative to the project, POSIX. */
  readonly path: string;
}

/** The projects that the open files belong to. Nothing is opened before a file of it is asked for; each is opened once. */
export class Sessions {
  readonly #host: SessionHost;
  readonly #buffers: OpenBuffers;
  readonly #log: Log;
  readonly #onDidChange: (session: Session) => void;
  readonly #opened = new Map<string, Promise<Session | null>>();
  readonly #ready = new Set<Session>();
  #disposed = false;

  constructor(host: SessionHost, buffers: OpenBuffers, log: Log, onDidChange: (session: Session) => void) {
    this.#host = host;
    this.#buffers = buffers;
    this.#log = log;
    this.#onDidChange = onDidChange;
  }

  /** Null where the file belongs to no recorded project. */
  async of(file: string): Promise<FileInProject | null> {
    const session = await this.at(file);
    if (session === null) return null;
    const path = relative(session.root, file);
    if (path === "" || path.startsWith("..") || isAbsolute(path)) return null;
    return { session, path: path.split(sep).join("/") };
  }

  /** The session of the project around a file or folder. */
  async at(file: string): Promise<Session | null> {
    const root = this.#host.findRoot(file);
    if (root === null || this.#disposed) return null;
    let opening = this.#opened.get(root);
    if (opening === undefined) {
      opening = this.#open(root);
      this.#opened.set(root, opening);
    }
    return opening;
  }

  /** Those that stand open now. */
  all(): readonly Session[] {
    return [...this.#ready];
  }

  /** Closes it, and opens its project anew. */
  async openAgain(session: Session): Promise<void> {
    if (!this.#ready.delete(session)) return;
    // Whatever went wrong with the old one must not keep the new one away.
    const closed = session.dispose().catch((error: unknown) => this.#log.error(String(error)));
    const opening = closed.then(() => this.#open(session.root));
    this.#opened.set(session.root, opening);
    await opening;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.allSettled(this.#opened.values());
    await Promise.allSettled(this.all().map((session) => session.dispose()));
    this.#ready.clear();
  }

  async #open(root: string): Promise<Session | null> {
    try {
      const session = await this.#host.open(root, this.#buffers);
      session.onDidChange(() => this.#onDidChange(session));
      this.#ready.add(session);
      this.#log.info(`Opened ${root}.`);
      this.#onDidChange(session);
      return session;
    } catch (error) {
      // Not kept: the next request tries again, with whatever was in the way perhaps gone.
      this.#opened.delete(root);
      this.#log.error(
        `Could not open ${root}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return null;
    }
  }
}
