import { spawn } from "node:child_process";

/** Something a person can act on; the scripts print its message without a stack. */
export class Refusal extends Error {}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `inherit` shows the output as it comes, `capture` keeps it silent, `both` does both. */
  readonly output?: "inherit" | "capture" | "both";
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly status: number;
  readonly output: string;
}

/** Runs a command to its end; never throws for a failing command. A missing program has status 127. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const mode = options.output ?? "inherit";
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", mode === "inherit" ? "inherit" : "pipe", mode === "inherit" ? "inherit" : "pipe"],
      timeout: options.timeoutMs,
    });
    let output = "";
    const collect = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString("utf8");
      if (mode === "both") stream.write(chunk);
    };
    child.stdout?.on("data", collect(process.stdout));
    child.stderr?.on("data", collect(process.stderr));
    child.on("error", (error) => resolve({ status: 127, output: `${output}${error.message}\n` }));
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });
}

/** Runs a command that must succeed; its output is shown only when it fails. */
export async function must(
  what: string,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, args, { output: "capture", ...options });
  if (result.status !== 0) {
    process.stderr.write(result.output);
    throw new Refusal(`${what} failed (exit ${result.status}); its output is above.`);
  }
  return result.output;
}

/** Runs a script's main function: a Refusal (or an expected problem of the workbench) ends it with its message, a bug with its stack. */
export async function main(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    const expected = error instanceof Refusal || (error instanceof Error && error.name === "WorkbenchError");
    console.error(expected ? `\nquerysight: ${error.message}` : error);
    process.exitCode = 1;
  }
}
