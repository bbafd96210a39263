import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Less is not worth the pause. */
const worthBytes = 8 * 2 ** 20;

type Collect = (options: {
  readonly type: "major";
  readonly execution: "sync";
  readonly flavor: "last-resort";
}) => void;

let collect: Collect | null | undefined;

/**
 * Gives back to the system what this thread's heap has room for and does not use. By itself V8 keeps that until memory is wanted again, and
 * what a thread held when it ended it keeps for later threads: so a thread gives back before it ends. Takes about a ms for each MB in use, so it
 * is for when nobody waits. Does nothing where the runtime offers no such thing (`gc`: https://v8.dev, src/extensions/gc-extension.h).
 */
export function giveBackMemory(): void {
  const { total_heap_size: total, used_heap_size: used } = getHeapStatistics();
  if (total - used >= worthBytes) giveAllBack();
}

/** The same where most of what is in use is not wanted any more. */
export function giveAllBack(): void {
  collect ??= findCollect();
  collect?.({ type: "major", execution: "sync", flavor: "last-resort" });
}

function findCollect(): Collect | null {
  try {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("typeof gc === 'function' ? gc : null");
    return found as Collect | null;
  } catch {
    return null;
  }
}
