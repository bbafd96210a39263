import { type Dirent, existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";

/** Folders that hold no code of the project's own. */
const skipped: ReadonlySet<string> = new Set(["node_modules", "site-packages", "__pycache__", "venv", "env"]);

/**
 * The Python files in folders of a project, sorted, as relative POSIX paths: not those in hidden folders, in virtual environments, or behind links.
 *
 * @param paths absolute, of folders and files in the project
 */
export function pythonFiles(root: string, paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const path of paths) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) found.add(path);
    else collect(path, found);
  }
  return [...found].map((file) => relative(root, file).split(sep).join("/")).sort();
}

/** The folder that a project's imports start from, for one that was never recorded: the nearest with a sign of it, else the folder itself. */
export function unrecordedRoot(folder: string): string {
  const start = resolve(folder);
  for (let at = start; ; at = resolve(at, "..")) {
    if ([".git", "pyproject.toml", "setup.cfg", "setup.py"].some((name) => existsSync(join(at, name)))) return at;
    if (at === resolve(at, "..")) return start;
  }
}

function collect(folder: string, found: Set<string>): void {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith(".py")) found.add(path);
    if (!entry.isDirectory() || entry.name.startsWith(".") || skipped.has(entry.name)) continue;
    if (!existsSync(join(path, "pyvenv.cfg"))) collect(path, found);
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Not ours to read.
    return [];
  }
}
