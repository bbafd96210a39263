import { existsSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import type { MovedFiles } from "../correlate/correlation.ts";
import { movedFile } from "../correlate/movedFile.ts";
import type { ProjectFiles } from "../project/files.ts";
import type { TraceReader } from "../trace/model.ts";

/** Ms for which it is not looked again whether recorded files are still there. */
const TRUSTED = 3_000;
/** Entries of folders that are looked at in a project, at most, for where a file went. */
const MOST_ENTRIES = 20_000;
/** Files of that kind and size that are read, at most. */
const MOST_CANDIDATES = 100;
/** Folders in which no file of the project's own stands; those that begin with a dot are left out too. */
const foreignFolders: ReadonlySet<string> = new Set(["node_modules", "__pycache__", "site-packages", "venv", "env"]);

/** How a moved file's length in characters may differ from its recorded one. */
const leastLength = 0.5;
const mostLength = 2;

interface Moves {
  readonly now: ReadonlyMap<string, string>;
  readonly before: ReadonlyMap<string, readonly string[]>;
}

const none: Moves = { now: new Map(), before: new Map() };

/**
 * Where recorded files went that are gone, by their contents: `git mv`, or a folder with another name. Nothing is looked for while all recorded files
 * are there, and nothing is asked for a file that is recorded under its own name.
 */
export class MovedProjectFiles implements MovedFiles {
  readonly #root: string;
  readonly #files: ProjectFiles;
  readonly #reader: TraceReader;
  readonly #clock: () => number;
  #moves: Moves = none;
  #gone: readonly string[] = [];
  #generation = Number.NaN;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Whether a path was there, so far as it was asked for since `#thereAt`. */
  readonly #there = new Map<string, boolean>();
  #thereAt = Number.NEGATIVE_INFINITY;
  /** Paths that are recorded under no such name, and that were asked for. */
  readonly #asked = new Set<string>();

  /** @param clock ms, growing */
  constructor(root: string, files: ProjectFiles, reader: TraceReader, clock: () => number = () => performance.now()) {
    this.#root = root;
    this.#files = files;
    this.#reader = reader;
    this.#clock = clock;
  }

  now(path: string): string {
    return this.#isThere(path) ? path : (this.#moved(true).now.get(path) ?? path);
  }

  before(path: string): readonly string[] {
    if (this.#reader.filesAt(path).length > 0) return this.now(path) === path ? [path] : [];
    const moved = this.#moved(this.#asked.has(path));
    this.#asked.add(path);
    return moved.before.get(path) ?? [path];
  }

  /** Something changed on disk: looked again at once. */
  filesChanged(): void {
    this.#generation = Number.NaN;
    this.#there.clear();
  }

  #isThere(path: string): boolean {
    const time = this.#clock();
    if (time - this.#thereAt >= TRUSTED) {
      this.#there.clear();
      this.#thereAt = time;
    }
    const known = this.#there.get(path) ?? existsSync(join(this.#root, path));
    this.#there.set(path, known);
    return known;
  }

  /** @param trusts false where it must be looked at the disk of now: a file that nobody asked for may have come just so */
  #moved(trusts: boolean): Moves {
    const time = this.#clock();
    const { generation } = this.#reader;
    if (trusts && generation === this.#generation && time - this.#lookedAt < TRUSTED) return this.#moves;
    this.#lookedAt = time;
    const gone = this.#reader.paths().filter((path) => !existsSync(join(this.#root, path)));
    const isSame = trusts && generation === this.#generation && gone.join("\n") === this.#gone.join("\n");
    this.#generation = generation;
    this.#gone = gone;
    if (!isSame) this.#moves = gone.length === 0 ? none : this.#find(gone);
    return this.#moves;
  }

  #find(gone: readonly string[]): Moves {
    const recorded = new Set(this.#reader.paths());
    const kinds = new Set(gone.map((path) => extname(path)));
    const candidates = this.#filesOf(kinds).filter((path) => !recorded.has(path));
    const now = new Map<string, string>();
    const taken = new Map<string, string[]>();
    for (const path of gone) {
      const found = this.#findOne(path, candidates, recorded);
      if (found === null) continue;
      now.set(path, found);
      taken.set(found, [...(taken.get(found) ?? []), path]);
    }
    // Two recorded files in one: there is no telling which it is.
    for (const [found, paths] of taken) {
      if (paths.length === 1) continue;
      for (const path of paths) now.delete(path);
      taken.delete(found);
    }
    return { now, before: taken };
  }

  #findOne(path: string, candidates: readonly string[], recorded: ReadonlySet<string>): string | null {
    const text = this.#recordedText(path);
    if (text === null) return null;
    const isAlike = (other: string) =>
      other.length >= text.length * leastLength && other.length <= text.length * mostLength;
    const extension = extname(path);
    const texts: { readonly path: string; readonly text: string }[] = [];
    for (const candidate of nearestFirst(candidates, path)) {
      if (extname(candidate) !== extension) continue;
      const own = this.#files.read(candidate);
      if (own !== null && isAlike(own)) texts.push({ path: candidate, text: own });
      if (texts.length >= MOST_CANDIDATES) break;
    }
    if (texts.length === 0) return null;
    const standing = [...recorded]
      .filter((other) => extname(other) === extension && !this.#gone.includes(other))
      .flatMap((other) => this.#recordedText(other) ?? [])
      .filter(isAlike);
    return movedFile(text, texts, standing);
  }

  #recordedText(path: string): string | null {
    const [file] = this.#reader.filesAt(path);
    return file === undefined ? null : this.#reader.text(file.id);
  }

  /** The project's own files with these endings. */
  #filesOf(kinds: ReadonlySet<string>): readonly string[] {
    const found: string[] = [];
    const folders = [""];
    let entries = 0;
    for (let folder = folders.shift(); folder !== undefined && entries < MOST_ENTRIES; folder = folders.shift()) {
      for (const entry of entriesOf(join(this.#root, folder))) {
        entries += 1;
        const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && !isForeign(this.#root, path, entry.name)) folders.push(path);
        else if (entry.isFile() && kinds.has(extname(entry.name))) found.push(path);
      }
    }
    return found;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isForeign(root: string, path: string, name: string): boolean {
  return name.startsWith(".") || foreignFolders.has(name) || existsSync(join(root, path, "pyvenv.cfg"));
}

/** Files of the same name, then those in the same folder: where many would do, they are read first. */
function nearestFirst(candidates: readonly string[], path: string): readonly string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const rank = (other: string) => (other.endsWith(`/${name}`) || other === name ? 0 : other.startsWith(folder) ? 1 : 2);
  return candidates.toSorted((a, b) => rank(a) - rank(b));
}
