import { type FSWatcher, watch } from "node:fs";

/** Ms between looks while a run is written, or where the system tells of no changes (network shares, some containers). */
const POLL_BUSY = 1_000;
/** Ms between looks otherwise: the system tells of changes, mostly. */
const POLL_IDLE = 5_000;
/** Ms for which changes are gathered. */
const SETTLE = 50;

/**
 * Calls `onChange` whenever something under `folder` may have changed, also where the folder appears later or goes and comes back.
 *
 * @returns what ends it
 */
export function watchRuns(folder: string, isBusy: () => boolean, onChange: () => void): () => void {
  let watcher: FSWatcher | null = null;
  let settling: NodeJS.Timeout | null = null;
  let polling: NodeJS.Timeout;

  const stopWatching = () => {
    watcher?.close();
    watcher = null;
  };
  const soon = () => {
    settling ??= setTimeout(() => {
      settling = null;
      onChange();
    }, SETTLE);
  };
  const startWatching = () => {
    try {
      watcher = watch(folder, { recursive: true }, soon);
      watcher.on("error", stopWatching);
    } catch {
      // Not there yet, or not to be watched: the next look tries again.
      watcher = null;
    }
  };
  const poll = () => {
    // A watcher of a folder that was deleted and made again hears nothing more, so each look begins with a new one.
    if (!isBusy()) {
      stopWatching();
      startWatching();
    }
    onChange();
    polling = setTimeout(poll, watcher === null || isBusy() ? POLL_BUSY : POLL_IDLE);
  };

  startWatching();
  polling = setTimeout(poll, POLL_BUSY);
  return () => {
    stopWatching();
    clearTimeout(polling);
    if (settling !== null) clearTimeout(settling);
  };
}
