import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { repository } from "./dist.ts";

/** A project in a folder of its own; `remove` takes it away again. */
export interface TestFolder {
  readonly root: string;
  remove(): void;
}

export function emptyFolder(): TestFolder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-lsp-")));
  return { root, remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The demo without its environment and without a recording. */
export function demoFolder(): TestFolder {
  const folder = emptyFolder();
  const filter = (path: string): boolean => !/[\\/](\.venv|\.querysight|__pycache__|\.pytest_cache)$/.test(path);
  cpSync(join(repository, "demo"), folder.root, { recursive: true, filter });
  return folder;
}

/** Runs the project's tests under this checkout's recorder; resolves when they passed. */
export function record(root: string, ...command: readonly string[]): Promise<void> {
  return recordWith(testPython(), root, ...command);
}

/** The same with another Python than the demo's own. */
export function recordWith(python: string, root: string, ...command: readonly string[]): Promise<void> {
  const words = command.length === 0 ? ["pytest", "-q", "-p", "no:cacheprovider"] : command;
  const env = {
    ...process.env,
    PYTHONPATH: [join(repository, "recorder"), process.env["PYTHONPATH"]].filter(Boolean).join(delimiter),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(python, ["-m", "querysight", "record", "--", ...words], { cwd: root, env });
    const output: string[] = [];
    child.stdout.on("data", (chunk) => output.push(String(chunk)));
    child.stderr.on("data", (chunk) => output.push(String(chunk)));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`Recording failed with ${code}:\n${output.join("")}`)),
    );
  });
}

/** Puts a recording that a test wrote itself into a project; answers its manifest's path. */
export function writeRecording(root: string, segment: SegmentBuilder): string {
  const run = `.querysight/runs/${segment.run}`;
  writeText(root, `${run}/${segment.process}.ndjson`, segment.toString());
  return join(root, run, "run.json");
}

export function writeText(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export function testPython(): string {
  const own = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  const python = process.env["QUERYSIGHT_TEST_PYTHON"] ?? join(repository, "demo", ".venv", ...own);
  if (!existsSync(python))
    throw new Error(`There is no Python with the demo's requirements at ${python}: npm test makes it.`);
  return python;
}
