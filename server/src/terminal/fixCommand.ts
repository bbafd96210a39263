import { querysetsOf } from "../features/codeAction.ts";
import { staleNote } from "../features/diagnostics.ts";
import { formatQuantity } from "../features/format.ts";
import { groupedBy } from "../features/grouped.ts";
import { oneLine } from "../features/untrusted.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";
import type { Session } from "../session/session.ts";
import { comparePositions, type Range, type TextEdit } from "../text/range.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import type { Printer } from "./reportCommand.ts";
import { type Rewritten, rewriteFile } from "./rewriteFile.ts";

interface Planned {
  readonly findings: readonly Finding[];
  readonly fix: Fix;
}

/** Applies the named fixes, or every safe one; says what it changed, and what it did not and why. */
export function fixCommand(session: Session, ids: readonly string[] | "all", printer: Printer): ExitCode {
  const findings = session.project.findings();
  const unknown = ids === "all" ? [] : ids.filter((id) => !findings.some((finding) => finding.id === id));
  if (unknown.length > 0) {
    printer.err(`querysight: no finding has the id ${unknown.join(", ")}. querysight report lists them.\n`);
    return exitCodes.usage;
  }
  const chosen = ids === "all" ? findings : findings.filter(({ id }) => ids.includes(id));
  if (chosen.length === 0) printer.out("Nothing to fix.\n");
  const refusals: string[] = [];
  const withhold = (group: readonly Finding[], reason: string): void => {
    for (const finding of group) refusals.push(`${finding.id}  ${whereOf(finding)}\n  ${oneLine(reason, 500)}`);
  };
  const planned = planFixes(session, chosen, ids === "all", withhold);
  const written = applyFixes(session, planned, printer);
  if (refusals.length > 0)
    printer.out(`Not changed:\n${refusals.map((line) => `  ${line.replaceAll("\n", "\n  ")}\n`).join("")}`);
  if (planned.length > 0 && written)
    printer.out("Run the tests under the recorder again to see what they execute now.\n");
  if (!written) return exitCodes.unavailable;
  return refusals.length > 0 ? exitCodes.found : exitCodes.fine;
}

/** One fix a queryset; of two that touch the same text the first wins. */
function planFixes(
  session: Session,
  findings: readonly Finding[],
  onlySafe: boolean,
  withhold: (findings: readonly Finding[], reason: string) => void,
): readonly Planned[] {
  const planned: Planned[] = [];
  for (const group of querysetsOf(findings)) {
    const stale = group.find((finding) => finding.stale);
    if (stale !== undefined) {
      withhold(group, `Record the tests again first. ${staleNote(stale)}`);
      continue;
    }
    const result = session.project.fixFor(group);
    if (!result.ok) withhold(group, result.withheld.reason);
    else if (onlySafe && result.fix.safety !== "safe")
      withhold(group, "The fix changes behaviour: apply it by its id.");
    else if (planned.some(({ fix }) => collide(fix.edits, result.fix.edits))) {
      withhold(group, "It touches the same lines as another fix: record the tests again, then fix it.");
    } else planned.push({ findings: group, fix: result.fix });
  }
  return planned;
}

/** Each file is written once, with the edits of all fixes. */
function applyFixes(session: Session, planned: readonly Planned[], printer: Printer): boolean {
  const byFile = groupedBy(
    planned.flatMap(({ fix }) => fix.edits),
    ({ file }) => file,
  );
  const results = [...byFile].map(([file, edits]) => ({ file, edits, result: rewrite(session, file, edits) }));
  for (const { file, edits, result } of results) {
    if (result.ok) printer.out(`Changed ${file} (${formatQuantity(edits.length, "edit")})\n`);
    else printer.err(`querysight: could not change ${file}: ${result.reason}\n`);
  }
  const failed = new Set(results.flatMap(({ file, result }) => (result.ok ? [] : [file])));
  for (const { findings, fix } of planned) {
    if (fix.edits.some(({ file }) => failed.has(file))) continue;
    printer.out(`  ${oneLine(fix.title)}: ${findings.map(({ id }) => id).join(", ")}\n`);
  }
  return failed.size === 0;
}

function rewrite({ root, project }: Session, file: string, edits: readonly TextEdit[]): Rewritten {
  const text = project.texts.read(file);
  if (text === null) return { ok: false, reason: "it cannot be read" };
  return rewriteFile(root, file, text, edits);
}

function collide(a: readonly TextEdit[], b: readonly TextEdit[]): boolean {
  return a.some((one) => b.some((other) => one.file === other.file && overlap(one.range, other.range)));
}

/** Two insertions at one place collide too: their order would be a guess. */
function overlap(a: Range, b: Range): boolean {
  const apart = comparePositions(a.end, b.start) <= 0 || comparePositions(b.end, a.start) <= 0;
  return !apart || comparePositions(a.start, b.start) === 0;
}

function whereOf({ at }: Finding): string {
  const line = at.placement.state === "gone" ? at.site.line : at.placement.range.start.line + 1;
  return `${oneLine(at.path)}:${line}`;
}
