import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** How a run of tests ended. `output` is the end of what it printed, both streams as they came. */
export type RunEnd =
  | { readonly kind: "ended"; readonly exitCode: number; readonly output: string }
  | { readonly kind: "cancelled"; readonly output: string }
  | { readonly kind: "not-started"; readonly reason: string };

/** The world that runs tests: replaced in tests. */
export interface TestRunner {
  /** Whether a path names something, absolute or from the project's folder. */
  exists(root: string, path: string): boolean;
  /** A file of the project's folder; null where there is none. */
  read(root: string, name: string): string | null;
  /** Runs an interpreter under which the recorder can be imported, from the project's folder. */
  run(python: string, words: readonly string[], root: string): Promise<RunEnd>;
  /** Deletes what a run recorded. */
  discard(root: string, run: string): void;
}

/** Characters of output that are kept. */
const keptOutput = 64 * 1024;

export const diskTestRunner: TestRunner = {
  exists: (root, path) => existsSync(resolve(root, path)),
  read: (root, name) => {
    try {
      return readFileSync(join(root, name), "utf8");
    } catch {
      return null;
    }
  },
  run: runUntilEnd,
  discard: (root, run) => rmSync(join(root, ".querysight", "runs", run), { recursive: true, force: true }),
};

function runUntilEnd(python: string, words: readonly string[], root: string): Promise<RunEnd> {
  const path = [recorderFolder(), process.env["PYTHONPATH"]].filter(Boolean).join(delimiter);
  return new Promise((end) => {
    const child = spawn(python, [...words], {
      cwd: root,
      env: { ...process.env, PYTHONPATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString("utf8")).slice(-keptOutput);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const interrupted = followSignals(child);
    child.on("error", (error) => end({ kind: "not-started", reason: error.message }));
    child.on("close", (code, signal) => {
      const wasInterrupted = interrupted();
      if (wasInterrupted || signal !== null) end({ kind: "cancelled", output });
      else end({ kind: "ended", exitCode: code ?? 1, output });
    });
  });
}

/**
 * A terminal sends Ctrl-C to the tests as well: they end by themselves, and what was changed can be taken back before this process ends.
 * @returns what ends it, and says whether a signal came
 */
function followSignals(child: ChildProcess): () => boolean {
  let came = false;
  const handle = (signal: NodeJS.Signals): void => {
    came = true;
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
    return came;
  };
}

/** The recorder of this package: beside `dist/`, or in the checkout that this source belongs to. */
function recorderFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const recorder = join(folder, "recorder");
    if (existsSync(join(recorder, "querysight", "__init__.py")) || folder === dirname(folder)) return recorder;
  }
}
