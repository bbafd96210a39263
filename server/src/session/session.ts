import type { MeasuredBefore, Project } from "../features/project.ts";
import type { TraceCondition } from "../features/status.ts";

/** One project while it is open: what the features read, and what keeps it up to date. Language server and terminal share it. */
export interface Session {
  /** Absolute, as the file was named that led to it: links are not resolved. */
  readonly root: string;
  readonly project: Project;
  condition(): TraceCondition;
  /** What is wrong with the project's settings, or keeps findings from being looked for, in words. */
  problems(): readonly string[];
  /** Whether code that no test ran is read in open files: it is, until this says otherwise. */
  readUnrun(enabled: boolean): void;
  /** The project's settings say otherwise now than when it was opened of what holds from then on: where recorded paths lie, how many runs are kept. */
  isOutdated(): boolean;
  /**
   * The buffer of a project's path was opened, changed or closed. True where something rests on its text: places and findings are then
   * worked out again when next asked for.
   */
  textChanged(path: string): boolean;
  /** The same for files on disk, which are looked after from time to time in any case. */
  filesChanged(): boolean;
  /**
   * Resolves once the findings are those of the recording and texts of now, for what acts on them. Until then `findings` tells what was found
   * last, at the places where that stands now.
   */
  settled(): Promise<void>;
  /** The recording or the findings changed; returns what ends the subscription. */
  onDidChange(listener: () => void): () => void;
  /** A fix was verified: what the statements of a file, as it reads now, executed before and execute now (`Project.measuredBefore`). */
  remember(path: string, measured: ReadonlyMap<string, MeasuredBefore>): void;
  /** Resolves when all that lies on disk is read. */
  refresh(): Promise<void>;
  dispose(): Promise<void>;
}

/** The text of an open buffer, by absolute path; null for a file that is not open. */
export type OpenBuffers = (file: string) => string | null;

/** The world behind server and terminal: replaced in tests. */
export interface SessionHost {
  /** The root of the project that a file or folder belongs to; null where nothing was recorded. */
  findRoot(file: string): string | null;
  /** The roots in a workspace's folder, itself included. */
  findRootsBelow(folder: string): readonly string[];
  open(root: string, buffers: OpenBuffers): Promise<Session>;
  /** Loads what the first project will want, the same for each, so that nobody waits for it once a file is open. */
  prepare(): void;
}
