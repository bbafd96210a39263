import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { recorder } from "../../scripts/lib/paths.ts";
import { must, run } from "../../scripts/lib/process.ts";
import { built } from "../../test/lsp/dist.ts";
import type { Project } from "./project.ts";
import { type Recorded, readRecording } from "./segments.ts";
import { edited, type Span } from "./spans.ts";

const leftOut = new Set([".git", ".hg", ".querysight", ".venv", "venv", "env", "node_modules", "__pycache__", ".tox"]);

/** One finding of `querysight report --json`. */
export interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly confidence: string;
  readonly stale: boolean;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly site: { readonly file: string; readonly line: number };
  readonly evidence: { readonly scope: string; readonly queries: number };
  readonly coveringTests: readonly string[];
  readonly fix: {
    readonly title: string;
    readonly safety: string;
    readonly edits: readonly { readonly file: string; readonly newText: string }[];
  } | null;
}

/** A call that ran. */
export interface Hit {
  readonly probe: number;
  /** As its runner names it; empty outside tests. */
  readonly test: string;
  /** Who called the manager's method that the call stands in; null where it stands in none. */
  readonly caller: CallPlace | null;
}

export interface CallPlace {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
}

/** A copy of the project that is changed, run and put back; the checkout itself is never touched. */
export class Copy {
  readonly root: string;
  readonly #checkout: string;
  readonly #project: Project;
  readonly #python: string;
  readonly #changed = new Set<string>();
  /** The kept recordings that lie in the copy. */
  #brought: readonly string[] = [];

  constructor(checkout: string, project: Project, python: string, folder: string) {
    this.root = join(folder, "copy");
    this.#checkout = checkout;
    this.#project = project;
    this.#python = python;
    rmSync(this.root, { recursive: true, force: true });
    cpSync(checkout, this.root, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => path === checkout || !leftOut.has(basename(path)),
    });
  }

  edit(path: string, spans: readonly Span[]): void {
    this.write(path, edited(readFileSync(join(this.root, path)), spans));
  }

  write(path: string, data: Buffer): void {
    this.#changed.add(path);
    this.#forgetBytecode(path);
    writeFileSync(join(this.root, path), data);
  }

  /** What tells this text from the checkout's. */
  state(): readonly (string | Buffer)[] {
    const texts = [...this.#changed].sort().map((path) => [path, readFileSync(join(this.root, path))] as const);
    return texts.filter(([path, data]) => !data.equals(readFileSync(join(this.#checkout, path)))).flat();
  }

  /** A recorded test's id as its runner takes it. */
  testName(id: string): string {
    if (this.#project.command.some((word) => word.includes("pytest"))) return id;
    return id.replace(/\.py::/, "::").replaceAll(/::|\//g, ".");
  }

  restore(): void {
    for (const path of this.#changed) {
      cpSync(join(this.#checkout, path), join(this.root, path));
      this.#forgetBytecode(path);
    }
    this.#changed.clear();
    this.#clear();
  }

  /** Runs the tests (all where none are named) under the recorder, into a folder that is kept. No outcomes: nothing ran, the code cannot be loaded. */
  async record(tests: readonly string[], keep: string): Promise<Recorded> {
    const recording = join(this.root, ".querysight");
    this.#clear();
    const words = ["-m", "querysight", "record", "--root", this.root, "--", ...this.#words(tests)];
    const { output, status } = await this.#run(this.#python, words, {}, [recorder]);
    const recorded = readRecording(this.root);
    if (recorded.outcomes.size === 0) {
      process.stderr.write(`Nothing was recorded (exit ${status}):\n${output.slice(-4000)}\n`);
      return recorded;
    }
    rmSync(join(recording, "trace.db"), { force: true });
    rmSync(keep, { recursive: true, force: true });
    mkdirSync(keep, { recursive: true });
    renameSync(recording, join(keep, ".querysight"));
    return recorded;
  }

  /** Runs all tests with the probes in place. */
  async probed(file: string, managers: readonly string[]): Promise<readonly Hit[]> {
    rmSync(file, { force: true });
    appendFileSync(file, "");
    const more = { QUERYSIGHT_PROBES: file, QUERYSIGHT_MANAGERS: managers.join() };
    await this.#run(this.#python, this.#words([]).slice(1), more, [join(import.meta.dirname, "probe")]);
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => {
      const [probe, test, caller] = JSON.parse(line) as [number, string, [string, number, number] | null];
      return { probe, test, caller: caller && { path: caller[0], line: caller[1], endLine: caller[2] } };
    });
  }

  /** What the terminal command reports of the copy as it stands, by kept recordings, the oldest first. */
  async report(recordings: readonly string[]): Promise<readonly Finding[]> {
    this.#bring(recordings);
    const output = await must("The report", "sh", [
      "-c",
      '"$0" "$1" report "$2" --json 2>/dev/null || [ $? -eq 1 ]',
      process.execPath,
      built("cli.js"),
      this.root,
    ]);
    return (JSON.parse(output) as { findings: readonly Finding[] }).findings;
  }

  /** Applies these findings' fixes with the terminal command. */
  async fix(recordings: readonly string[], ids: readonly string[], files: Iterable<string>): Promise<string> {
    this.#bring(recordings);
    for (const path of files) {
      this.#changed.add(path);
      this.#forgetBytecode(path);
    }
    const { output } = await run(process.execPath, [built("cli.js"), "fix", this.root, ...ids], { output: "capture" });
    return output;
  }

  /** A source that changes within a second, at the same length, would be hidden behind it. */
  #forgetBytecode(path: string): void {
    const folder = join(this.root, dirname(path), "__pycache__");
    if (!existsSync(folder)) return;
    for (const name of readdirSync(folder)) {
      if (name.startsWith(`${basename(path, ".py")}.`)) rmSync(join(folder, name));
    }
  }

  #bring(recordings: readonly string[]): void {
    if (recordings.join() === this.#brought.join()) return;
    this.#clear();
    for (const recording of recordings) {
      // With the times of its files: what of it is in a store that came along is not read again.
      const options = { recursive: true, preserveTimestamps: true };
      cpSync(join(recording, ".querysight"), join(this.root, ".querysight"), options);
    }
    this.#brought = recordings;
  }

  /** Keeps the store of the recording that lies in the copy with it: others will be laid over it. */
  keepStore(recording: string): void {
    const folder = join(this.root, ".querysight");
    for (const name of readdirSync(folder).filter((each) => each.startsWith("trace.db"))) {
      cpSync(join(folder, name), join(recording, ".querysight", name), { preserveTimestamps: true });
    }
  }

  #clear(): void {
    rmSync(join(this.root, ".querysight"), { recursive: true, force: true });
    this.#brought = [];
  }

  #words(tests: readonly string[]): readonly string[] {
    const words = [...this.#project.command, ...(tests.length === 0 ? this.#project.all : tests)];
    return words.map((word) => this.#filled(word));
  }

  #filled(text: string): string {
    return text
      .replaceAll("{python}", this.#python)
      .replaceAll("{checkout}", this.root)
      .replaceAll("{settings}", join(import.meta.dirname, "settings"));
  }

  #run(command: string, words: readonly string[], more: Readonly<Record<string, string>>, path: readonly string[]) {
    const own = Object.entries(this.#project.environment).map(([name, value]) => [name, this.#filled(value)] as const);
    const environment = Object.fromEntries(own);
    const pythonPath = [...path, environment["PYTHONPATH"], process.env["PYTHONPATH"]].filter(Boolean).join(delimiter);
    return run(command, words, {
      cwd: this.root,
      output: "capture",
      env: { PYTHONHASHSEED: "0", ...environment, ...more, PYTHONPATH: pythonPath },
    });
  }
}
