import { spawn } from "node:child_process";
import type * as vscode from "vscode";

export type TestRun =
  /** `output` is the end of what was printed. */
  | { readonly kind: "ended" | "cancelled"; readonly output: string }
  | { readonly kind: "not-started"; readonly reason: string };

/** Characters of output that are kept. */
const keptOutput = 64 * 1024;
/** How long tests that were told to stop may take to clean up their database, ms. */
const patienceMs = 10_000;

/** Runs a program to its end, its output into `channel` as it comes; what is cancelled is interrupted as by Ctrl-C. */
export function runTests(
  program: string,
  words: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  channel: vscode.OutputChannel,
  token: vscode.CancellationToken,
): Promise<TestRun> {
  return new Promise((resolve) => {
    const child = spawn(program, [...words], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      const text = chunk.toString("utf8");
      output = (output + text).slice(-keptOutput);
      channel.append(text);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    let timer: NodeJS.Timeout | undefined;
    const cancelling = token.onCancellationRequested(() => {
      child.kill("SIGINT");
      timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    });
    const end = (run: TestRun): void => {
      cancelling.dispose();
      clearTimeout(timer);
      resolve(run);
    };
    child.on("error", (error) => end({ kind: "not-started", reason: error.message }));
    child.on("close", () => end({ kind: token.isCancellationRequested ? "cancelled" : "ended", output }));
  });
}
