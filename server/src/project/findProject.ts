import { type Dirent, existsSync, lstatSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The folder that makes its parent a project. */
export const STORE_FOLDER = ".querysight";

/** Folders that hold no project of the user's own, and many files. */
const skipped: ReadonlySet<string> = new Set(["node_modules", "site-packages", "__pycache__", "venv", "env"]);

/** The nearest folder that holds `.querysight/`, from a file or folder upwards; null where nothing was recorded. */
export function findProject(file: string): string | null {
  let folder = resolve(file);
  for (;;) {
    if (isFolder(join(folder, STORE_FOLDER))) return folder;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

/** The nearest folder with a `manage.py`, from a file or folder upwards, for what was never recorded; null where there is none. */
export function findDjango(file: string): string | null {
  for (let folder = resolve(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "manage.py"))) return folder;
  }
  return null;
}

/**
 * The projects in a workspace folder, itself included: sorted, not looked for inside one another, in hidden folders or through links.
 *
 * @param depth how many levels of folders are looked into
 */
export function findProjectsBelow(folder: string, depth = 3): readonly string[] {
  const start = resolve(folder);
  if (isFolder(join(start, STORE_FOLDER))) return [start];
  if (depth <= 0) return [];
  return foldersIn(start)
    .filter(({ name }) => !name.startsWith(".") && !skipped.has(name))
    .flatMap(({ name }) => findProjectsBelow(join(start, name), depth - 1))
    .sort();
}

function foldersIn(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch {
    // Not ours to read: nothing of ours is in it.
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}
