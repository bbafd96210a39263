/** Names of files as segments give them: POSIX, relative to the recording root. Nothing else gets into the store. */

/** Where code recorded under `from` (an absolute folder on the recording machine) lies in this project (`to`, relative, "" for its root). */
export interface PathMapping {
  readonly from: string;
  readonly to: string;
}

const MAX_PATH = 1_024;
const deceptive = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/**
 * True for a path that can only name something under the folder it is joined to. Refuses absolute paths, `..` and `.` segments, empty
 * segments, backslashes, drives (`C:`), and what no source file has in its name: control characters and line separators, which could forge
 * lines in a log, the marks that turn the direction of text around, which could show one name as another, and halves of a character (how Python
 * writes a name that is no UTF-8), which the store would keep as one and the same sign.
 */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > MAX_PATH || path.includes("\\") || deceptive.test(path)) return false;
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
