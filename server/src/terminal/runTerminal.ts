import { resolve } from "node:path";
import { oneLine } from "../features/untrusted.ts";
import type { Session, SessionHost } from "../session/session.ts";
import { version } from "../version.ts";
import { type Command, help, parseCommand } from "./arguments.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import { fixCommand } from "./fixCommand.ts";
import { guardCommand } from "./guardCommand.ts";
import { type Printer, reportCommand } from "./reportCommand.ts";
import { type Scanner, staticReportCommand } from "./staticReportCommand.ts";
import type { TestRunner } from "./testRunner.ts";

/** The world around the command line: replaced in tests. */
export interface Terminal {
  readonly host: SessionHost;
  readonly printer: Printer;
  readonly tests: TestRunner;
  readonly scan: Scanner;
  isFolder(path: string): boolean;
  exists(path: string): boolean;
}

const recordCommand = "python -m querysight record -- pytest";

/** One command from its words to its exit code. */
export async function runTerminal(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { printer } = terminal;
  const command = parseCommand(words, (path) => terminal.isFolder(path));
  switch (command.kind) {
    case "help":
      printer.out(help);
      return exitCodes.fine;
    case "version":
      printer.out(`${version}\n`);
      return exitCodes.fine;
    case "usage":
      printer.err(`querysight: ${command.message}\n\n${help}`);
      return exitCodes.usage;
    case "static-report": {
      const missing = command.paths.find((path) => !terminal.exists(resolve(path)));
      if (missing !== undefined) {
        printer.err(`querysight: there is no file or folder ${oneLine(missing)}.\n`);
        return exitCodes.usage;
      }
      return staticReportCommand(command.paths, command.json, terminal);
    }
    case "report":
    case "fix":
    case "guard":
      return onRecording(command, terminal);
  }
}

type ProjectCommand = Extract<Command, { readonly folder: string }>;

async function onRecording(command: ProjectCommand, { host, printer, tests, isFolder }: Terminal): Promise<ExitCode> {
  const folder = resolve(command.folder);
  if (!isFolder(folder)) {
    printer.err(`querysight: there is no folder ${command.folder}.\n`);
    return exitCodes.usage;
  }
  const root = host.findRoot(folder);
  if (root === null) return nothingRecorded(folder, printer);
  const session = await host.open(root, () => null);
  try {
    await session.refresh();
    const refused = refusal(session, printer);
    if (refused !== null) return refused;
    if (command.kind === "fix") return await fixCommand(session, command, tests, printer);
    if (command.kind === "guard") return guardCommand(session, command.id, printer);
    return reportCommand(session, command.json, printer);
  } finally {
    await session.dispose();
  }
}

/** Says what of the recording could not be read; null where there is something to report on. */
function refusal(session: Session, printer: Printer): ExitCode | null {
  const { problems, runs } = session.project.reader.summary();
  for (const message of session.problems()) printer.err(`querysight: ${oneLine(message, 500)}\n`);
  for (const { file, message } of problems) printer.err(`querysight: ${oneLine(file)}: ${oneLine(message, 500)}\n`);
  const condition = session.condition();
  if (condition.kind === "unavailable") {
    printer.err(`querysight: ${oneLine(condition.message, 500)}\n`);
    return exitCodes.unavailable;
  }
  if (session.project.reader.scopes().length > 0) return null;
  if (problems.length > 0) return exitCodes.unavailable;
  if (runs.length === 0) return nothingRecorded(session.root, printer);
  const unfinished = "a run is there, but no test has finished";
  printer.err(`querysight: ${unfinished}. Wait for it, or record the tests: ${recordCommand}\n`);
  return exitCodes.nothingRecorded;
}

function nothingRecorded(folder: string, printer: Printer): ExitCode {
  printer.err(`querysight: nothing is recorded in ${folder}. Record the tests: ${recordCommand}\n`);
  return exitCodes.nothingRecorded;
}
