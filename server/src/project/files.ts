import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInside, isUnder } from "./paths.ts";

/** The recorder keeps no larger text either (bytes); a larger file is not one that a person edits. */
const MAX_FILE = 2 * 1024 * 1024;

/**
 * Reads a project's own files by their relative POSIX paths, as a recording names them. A recording is untrusted: a path that is absolute,
 * holds `..` or a backslash, or that links lead out of the project, reads as if the file were not there.
 */
export class ProjectFiles {
  readonly #root: string;

  /** @param root the project's folder, absolute; links on the way to it are the user's own and fine */
  constructor(root: string) {
    this.#root = realpathSync(root);
  }

  /** UTF-8 decoded and without a BOM; null for what is no readable file of the project, or larger than 2 MiB. */
  read(path: string): string | null {
    const file = this.locate(path);
    if (file === null) return null;
    try {
      return readPlainFile(file);
    } catch {
      return null;
    }
  }

  /**
   * Another one once something else stands at the path, or a link on the way to it leads elsewhere; "" where nothing does. Whether it lies within the
   * project is not looked at: that is ten times as dear, and tells nothing new while this stays the same.
   */
  stamp(path: string): string {
    if (!isInside(path)) return "";
    try {
      const stat = statSync(join(this.#root, path), { throwIfNoEntry: false });
      return stat === undefined ? "" : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    } catch {
      return "";
    }
  }

  /** The real, absolute path of a file or folder in the project; null where there is none. */
  locate(path: string): string | null {
    if (!isInside(path)) return null;
    try {
      const real = realpathSync(join(this.#root, path));
      return isUnder(real, this.#root) ? real : null;
    } catch {
      return null;
    }
  }
}

function readPlainFile(path: string): string | null {
  // Since it was located a link or a pipe may have taken its place: neither is followed or waited for.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_FILE) return null;
    // TextDecoder leaves the BOM out.
    return new TextDecoder("utf-8").decode(readFileSync(file));
  } finally {
    closeSync(file);
  }
}
