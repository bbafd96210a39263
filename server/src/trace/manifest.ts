import type { Run } from "./model.ts";
import { SEGMENT_FORMAT } from "./records.ts";
import {
  isObject,
  listOf,
  maybe,
  misfit,
  natural,
  objectOf,
  oneOf,
  positive,
  type Shape,
  type Shaped,
  text,
} from "./shape.ts";

const manifestShape = {
  format: positive,
  id: text,
  command: listOf(text),
  runner: text,
  root: text,
  state: oneOf("running", "complete", "partial", "interrupted"),
  startedAt: natural,
  finishedAt: maybe(natural),
  pid: natural,
  tests: objectOf({ collected: natural, run: natural, recorded: natural }),
} satisfies Shape;

export type Manifest = Shaped<typeof manifestShape>;

export type ParsedManifest =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "bad"; readonly code: "newer-format" | "bad-record"; readonly message: string };

/** `run.json`'s text. Never throws. */
export function parseManifest(json: string, run: string): ParsedManifest {
  const bad = (code: "newer-format" | "bad-record", message: string) => ({ kind: "bad", code, message }) as const;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return bad("bad-record", "This manifest is not JSON; the run's segments are read without it.");
  }
  if (!isObject(value))
    return bad("bad-record", "This manifest is not a JSON object; the run's segments are read without it.");
  const format = value["format"];
  if (typeof format === "number" && format > SEGMENT_FORMAT) {
    return bad(
      "newer-format",
      `This run was written in format ${format}; this Querysight reads up to format ${SEGMENT_FORMAT} and is too old: update the extension. The run's segments are read without it.`,
    );
  }
  const member = misfit(manifestShape, value);
  if (member !== null) {
    return bad(
      "bad-record",
      `This manifest's "${member}" is missing or not what it should be; the run's segments are read without it.`,
    );
  }
  const manifest = value as unknown as Manifest;
  if (manifest.id !== run)
    return bad("bad-record", "This manifest names another run; the run's segments are read without it.");
  return { kind: "manifest", manifest };
}

/** What a `running` manifest's truth is judged by. */
export interface Surroundings {
  /** Ms since the epoch. */
  readonly now: number;
  /** The project's real folder, POSIX or as the system writes it. */
  readonly projectRoot: string;
  /** Whether a process of that id lives on this machine. */
  readonly isAlive: (pid: number) => boolean;
}

/** A process that wrote this recently (ms) lives, whatever its id says: the id may be one of a container that mounts the same folder. */
const JUST_WRITTEN = 10_000;
/** Without a process to look at, a run that has written nothing for this long (ms) is over. */
const SILENT = 15 * 60_000;
/** A process id that lives after such a silence (ms) is another process's by now. */
const FORGOTTEN = 24 * 3_600_000;

/**
 * What a run's state really is: one that says `running` may have died.
 *
 * @param lastWrite when anything in the run's folder was last written, ms since the epoch
 */
export function judgeState(
  claimed: { readonly state: Run["state"]; readonly pid: number | null; readonly root: string | null },
  lastWrite: number,
  { now, projectRoot, isAlive }: Surroundings,
): Run["state"] {
  if (claimed.state !== "running") return claimed.state;
  // A time that is still to come tells as much as one that is over: a clock was set back, or another machine's goes ahead.
  const silence = Math.abs(now - lastWrite);
  if (silence < JUST_WRITTEN) return "running";
  const isHere = claimed.pid !== null && claimed.pid > 0 && claimed.root === projectRoot;
  if (!isHere) return silence > SILENT ? "interrupted" : "running";
  return isAlive(claimed.pid ?? 0) && silence < FORGOTTEN ? "running" : "interrupted";
}
