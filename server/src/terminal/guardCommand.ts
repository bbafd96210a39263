import { scopeId } from "../features/report.ts";
import { oneLine } from "../features/untrusted.ts";
import type { Session } from "../session/session.ts";
import { applyFixes, printApplied } from "./applyFixes.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import type { Printer } from "./reportCommand.ts";

/** Writes, or tightens, the assertion that keeps a number of queries. `id` is a finding's, or a scope's as `report --json` has it. */
export function guardCommand(session: Session, id: string, printer: Printer): ExitCode {
  const { project } = session;
  const finding = project.findings().find((finding) => finding.id === id);
  const scope = finding?.evidence.scopeId ?? project.reader.scopes().find((scope) => scopeId(scope) === id)?.id;
  if (scope === undefined) {
    printer.err(
      `querysight: no finding and no scope has the id ${oneLine(id)}. querysight report --json lists them.\n`,
    );
    return exitCodes.usage;
  }
  const result = project.guardFor(scope);
  if (!result.ok) {
    printer.out(`Nothing was changed: ${oneLine(result.withheld.reason, 500)}\n`);
    return exitCodes.found;
  }
  const planned = [{ findings: finding === undefined ? [] : [finding], fix: result.fix }];
  const isWritten = printApplied(planned, applyFixes(session, planned), printer);
  return isWritten ? exitCodes.fine : exitCodes.unavailable;
}
