import { existsSync, statSync } from "node:fs";
import { diskHost } from "./session/diskHost.ts";
import { scanDisk } from "./session/diskScan.ts";
import { exitCodes } from "./terminal/exitCodes.ts";
import { runTerminal } from "./terminal/runTerminal.ts";
import { diskTestRunner } from "./terminal/testRunner.ts";

let outputFailed = false;

// `querysight report | head` closes the pipe: that is no error of ours. What cannot be written to a full disk is.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || outputFailed) return;
  process.stderr.write(`querysight: the answer could not be written (${error.message}).\n`);
  outputFailed = true;
  process.exitCode = exitCodes.unavailable;
});
// Where errors cannot be told either, the exit code has to do.
process.stderr.on("error", () => {});

const ended = runTerminal(process.argv.slice(2), {
  host: diskHost({ watch: false }),
  tests: diskTestRunner,
  scan: scanDisk,
  exists: existsSync,
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  printer: {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  },
});

// An exit would cut off what a pipe has not taken yet: the process ends by itself once all is written.
ended.then(
  (code) => {
    process.exitCode = outputFailed ? exitCodes.unavailable : code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = exitCodes.unavailable;
  },
);
