import { oneLine } from "../features/untrusted.ts";
import type { Session } from "../session/session.ts";
import { applyFixes, printApplied } from "./applyFixes.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import { guardedScope } from "./guardedScope.ts";
import type { Printer } from "./reportCommand.ts";

/** Writes, or tightens, the assertion that keeps a number of queries: of what is named, see {@link guardedScope}. */
export function guardCommand(session: Session, named: string, printer: Printer): ExitCode {
  const guarded = guardedScope(session.project, named);
  if (guarded === null) {
    printer.err(`querysight: no finding and no request is called ${oneLine(named)}. querysight report lists them.\n`);
    return exitCodes.usage;
  }
  const { finding, result } = guarded;
  if (!result.ok) {
    printer.out(`Nothing was changed: ${oneLine(result.withheld.reason, 500)}\n`);
    return exitCodes.found;
  }
  const planned = [{ findings: finding === null ? [] : [finding], fix: result.fix }];
  const isWritten = printApplied(planned, applyFixes(session, planned), printer);
  return isWritten ? exitCodes.fine : exitCodes.unavailable;
}
