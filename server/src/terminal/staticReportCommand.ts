import { resolve } from "node:path";
import { staticReport, staticReportText } from "../features/staticReport.ts";
import { oneLine } from "../features/untrusted.ts";
import type { Scan } from "../session/diskScan.ts";
import type { Session, SessionHost } from "../session/session.ts";
import { isRecorded } from "../session/staticFindings.ts";
import { hasRun } from "../static/analysis.ts";
import type { Range } from "../text/range.ts";
import type { Model } from "../trace/model.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import type { Printer } from "./reportCommand.ts";

/** Reads files; replaced in tests. */
export type Scanner = (root: string | null, paths: readonly string[], models: readonly Model[]) => Promise<Scan | null>;

export interface StaticReportParts {
  readonly host: SessionHost;
  readonly printer: Printer;
  readonly scan: Scanner;
}

/** What the code of some folders or files would ask the database for each row, where no test shows it. It needs no recording. */
export async function staticReportCommand(
  paths: readonly string[],
  json: boolean,
  { host, printer, scan }: StaticReportParts,
): Promise<ExitCode> {
  const absolute = paths.map((path) => resolve(path));
  const root = host.findRoot(absolute[0] ?? resolve("."));
  const session = root === null ? null : await host.open(root, () => null);
  try {
    await session?.refresh();
    const scanned = await scan(root, absolute, session?.project.reader.models() ?? []);
    if (scanned === null) {
      printer.err("querysight: give folders and files of one project.\n");
      return exitCodes.usage;
    }
    for (const problem of scanned.problems) printer.err(`querysight: ${oneLine(problem, 500)}\n`);
    const findings = scanned.findings.filter((finding) => session === null || !hasRun(finding, recordedIn(session)));
    const result = staticReport(findings, scanned.fixFor);
    printer.out(json ? `${JSON.stringify(result, null, 2)}\n` : staticReportText(result, scanned.files));
    return exitCodes.fine;
  } finally {
    await session?.dispose();
  }
}

function recordedIn({ project }: Session) {
  return (path: string, range: Range) => isRecorded(project.correlator, path, range);
}
