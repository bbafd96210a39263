import { oneLine } from "../features/untrusted.ts";
import type { Finding } from "../insights/finding.ts";
import type { Session } from "../session/session.ts";
import { applyFixes, printApplied } from "./applyFixes.ts";
import type { FixCommand } from "./arguments.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import { guardedScope } from "./guardedScope.ts";
import { planFixes, type Refusal } from "./planFixes.ts";
import type { Printer } from "./reportCommand.ts";
import type { TestRunner } from "./testRunner.ts";
import { verifiedExitCode, verifiedJson, verifiedText } from "./verifiedText.ts";
import { type Verified, type VerifyOptions, verifyFixes } from "./verifyFixes.ts";

/** Applies the named fixes, or every safe one; says what it changed, and what it did not and why. */
export async function fixCommand(
  session: Session,
  { ids, verify, json }: FixCommand,
  runner: TestRunner,
  printer: Printer,
): Promise<ExitCode> {
  const findings = session.project.findings();
  const unknown = ids === "all" ? [] : ids.filter((id) => !findings.some((finding) => finding.id === id));
  if (unknown.length > 0) {
    printer.err(`querysight: no finding has the id ${unknown.join(", ")}. querysight report lists them.\n`);
    return exitCodes.usage;
  }
  const chosen = ids === "all" ? findings : findings.filter(({ id }) => ids.includes(id));
  const { planned, refusals } = planFixes(session, chosen, ids === "all");
  const words = json ? { ...printer, out: () => {} } : printer;
  if (chosen.length === 0) words.out("Nothing to fix.\n");
  if (verify !== null) return applyAndVerify(session, { planned, refusals }, verify, runner, json, printer);

  const written = printApplied(planned, applyFixes(session, planned), printer);
  printer.out(refusalText(refusals));
  if (planned.length > 0 && written) {
    printer.out("Not yet verified: run the tests under the recorder again to see what they execute now.\n");
  }
  if (!written) return exitCodes.unavailable;
  return refusals.some(({ missed }) => missed) ? exitCodes.found : exitCodes.fine;
}

async function applyAndVerify(
  session: Session,
  { planned, refusals }: ReturnType<typeof planFixes>,
  options: VerifyOptions,
  runner: TestRunner,
  json: boolean,
  printer: Printer,
): Promise<ExitCode> {
  const words = json ? { ...printer, out: () => {} } : printer;
  const verified = planned.length === 0 ? null : await verifyFixes(session, planned, options, runner, words);
  if (json) printer.out(`${JSON.stringify(verifiedJson(verified, refusals), null, 2)}\n`);
  else printer.out(verifiedText(verified) + guardHint(session, verified) + refusalText(refusals));
  const code = verified === null ? exitCodes.fine : verifiedExitCode(verified);
  return code === exitCodes.fine && refusals.some(({ missed }) => missed) ? exitCodes.found : code;
}

/** What was won can be kept, where a test takes a guard for it. */
function guardHint({ project }: Session, verified: Verified | null): string {
  const comparison = verified?.kind === "ran" ? verified.comparison : null;
  const [most] = comparison?.changes ?? [];
  if (comparison?.verdict !== "fell" || most === undefined || !guardedScope(project, most.name)?.result.ok) return "";
  return `Have a test keep it: querysight guard "${oneLine(most.name)}"\n`;
}

function refusalText(refusals: readonly Refusal[]): string {
  return refusals.length === 0 ? "" : `Not changed:\n${refusals.flatMap(refusalLines).join("")}`;
}

function refusalLines({ findings, reason }: Refusal): readonly string[] {
  return findings.map((finding) => `  ${finding.id}  ${whereOf(finding)}\n    ${oneLine(reason, 500)}\n`);
}

function whereOf({ at }: Finding): string {
  const line = at.placement.state === "gone" ? at.site.line : at.placement.range.start.line + 1;
  return `${oneLine(at.path)}:${line}`;
}
