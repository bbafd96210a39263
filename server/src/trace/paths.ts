/** Names of files as segments give them: POSIX, relative to the recording root. Nothing else gets into the store. */

/** Where code recorded under `from` (an absolute folder on the recording machine) lies in this project (`to`, relative, "" for its root). */
export interface PathMapping {
  readonly from: string;
  readonly to: string;
}

const MAX_PATH = 1_024;

/**
 * True for a path that can only name something under the folder it is joined to. Refuses absolute paths, `..` and `.` segments, empty
 * segments, backslashes, drives (`C:`), and control characters, which no source file has and which could forge lines in a log.
 */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > MAX_PATH || path.includes("\\") || hasControlCharacter(path)) return false;
  if (/^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** A recorded path as this project names it; null where the mapping leads out of the project. */
export function mapPath(path: string, recordedRoot: string, mappings: readonly PathMapping[]): string | null {
  if (mappings.length === 0) return path;
  const recorded = `${slashes(recordedRoot)}/${path}`;
  const fitting = mappings
    .map(({ from, to }) => ({ prefix: `${slashes(from)}/`, to: slashes(to) }))
    .filter(({ prefix }) => recorded.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
  if (fitting === undefined) return path;
  const rest = recorded.slice(fitting.prefix.length);
  const mapped = fitting.to === "" || fitting.to === "." ? rest : `${fitting.to.replace(/^\.\//, "")}/${rest}`;
  return isSafePath(mapped) ? mapped : null;
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/").replace(/\/+$/, "");
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 32 || code === 127) return true;
  }
  return false;
}
