import { delimiter } from "node:path";
import { recorder } from "./paths.ts";
import { type RunResult, run } from "./process.ts";

/** Records a project's own test command with the recorder of this checkout. The command's output goes to the terminal. */
export function record(
  python: string,
  project: string,
  command: readonly string[],
  output: "inherit" | "capture" = "inherit",
): Promise<RunResult> {
  return run(python, ["-m", "querysight", "record", "--", ...command], {
    cwd: project,
    env: { PYTHONPATH: [recorder, process.env["PYTHONPATH"]].filter(Boolean).join(delimiter) },
    output,
  });
}
