import { type Report, report } from "../features/report.ts";
import { reportText } from "../features/reportText.ts";
import { coverage } from "../features/status.ts";
import type { Session } from "../session/session.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";

/** What a command prints: `out` is its answer, `err` what a script should not have to parse. */
export interface Printer {
  out(text: string): void;
  err(text: string): void;
}

export function reportCommand({ project }: Session, json: boolean, printer: Printer): ExitCode {
  const result = report(project);
  const recorded = coverage(project.reader.summary());
  printer.out(json ? `${JSON.stringify(result, null, 2)}\n` : reportText(result, recorded));
  return hasFindings(result) ? exitCodes.found : exitCodes.fine;
}

/** Hints and information are read, not acted on: a build must not fail for them. */
function hasFindings({ findings }: Report): boolean {
  return findings.some(({ severity, stale }) => !stale && (severity === "error" || severity === "warning"));
}
