import { curesOf, querysetsOf } from "../features/codeAction.ts";
import { staleNote } from "../features/diagnostics.ts";
import { formatQuantity } from "../features/format.ts";
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

/** Why a finding was not fixed, and whether that leaves something undone that was asked for. */
interface Refusal {
  readonly findings: readonly Finding[];
  readonly reason: string;
  readonly missed: boolean;
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
  const { planned, refusals } = planFixes(session, chosen, ids === "all");
  const written = applyFixes(session, planned, printer);
  if (refusals.length > 0) printer.out(`Not changed:\n${refusals.flatMap(refusalLines).join("")}`);
  if (planned.length > 0 && written)
    printer.out("Run the tests under the recorder again to see what they execute now.\n");
  if (!written) return exitCodes.unavailable;
  return refusals.some(({ missed }) => missed) ? exitCodes.found : exitCodes.fine;
}

function refusalLines({ findings, reason }: Refusal): readonly string[] {
  return findings.map((finding) => `  ${finding.id}  ${whereOf(finding)}\n    ${oneLine(reason, 500)}\n`);
}

/** One fix a queryset; of two that touch the same text, one for both or, where that cannot be, the first. */
function planFixes(
  session: Session,
  chosen: readonly Finding[],
  all: boolean,
): { readonly planned: readonly Planned[]; readonly refusals: readonly Refusal[] } {
  const planned: Planned[] = [];
  const refusals: Refusal[] = [];
  for (const group of groupsToFix(session, chosen, all)) {
    const planning = planFix(session, group, all, planned);
    if ("reason" in planning) {
      refusals.push(planning);
      continue;
    }
    for (const replaced of planning.replaces) planned.splice(planned.indexOf(replaced), 1);
    planned.push(planning);
  }
  return { planned, refusals };
}

/** With `--all` what was seen, each queryset's together; by id what `report` and the lightbulb offer for it. */
function groupsToFix(session: Session, chosen: readonly Finding[], all: boolean): readonly (readonly Finding[])[] {
  if (all) return curesOf(chosen).map(({ cures }) => cures);
  const ids = new Set(chosen.map(({ id }) => id));
  const offered = curesOf(session.project.findings()).filter(({ cures }) => cures.some(({ id }) => ids.has(id)));
  const findings = new Map(offered.flatMap((cure) => cure.findings.map((finding) => [finding.id, finding] as const)));
  return querysetsOf([...findings.values()]);
}

function planFix(
  session: Session,
  findings: readonly Finding[],
  all: boolean,
  planned: readonly Planned[],
): (Planned & { readonly replaces: readonly Planned[] }) | Refusal {
  const stale = findings.find((finding) => finding.stale);
  if (stale !== undefined) {
    return { findings, reason: `Record the tests again first. ${staleNote(stale)}`, missed: true };
  }
  if (all && findings.every(({ confidence }) => confidence === "suspected")) {
    return { findings, reason: "Seen with a single row only: apply it by its id if there can be more.", missed: false };
  }
  const result = session.project.fixFor(findings);
  // With --all, what has no edit, or none that is safe, was not asked for.
  if (!result.ok) return { findings, reason: result.withheld.reason, missed: !all };
  const behaves = { findings, reason: "The fix changes behaviour: apply it by its id.", missed: false };
  if (all && result.fix.safety !== "safe") return behaves;

  const replaces = planned.filter(({ fix }) => collide(fix.edits, result.fix.edits));
  if (replaces.length === 0) return { findings, fix: result.fix, replaces };
  const together = [...replaces.flatMap((other) => other.findings), ...findings];
  const joint = session.project.fixFor(together);
  const collides =
    joint.ok && planned.some((other) => !replaces.includes(other) && collide(other.fix.edits, joint.fix.edits));
  if (!joint.ok || collides || (all && joint.fix.safety !== "safe")) {
    const reason = "It touches the same lines as another fix: record the tests again, then fix it.";
    return { findings, reason, missed: true };
  }
  return { findings: together, fix: joint.fix, replaces };
}

/** Each file is written once, with the edits of all fixes. */
function applyFixes(session: Session, planned: readonly Planned[], printer: Printer): boolean {
  const byFile = Map.groupBy(
    planned.flatMap(({ fix }) => fix.edits),
    ({ file }) => file,
  );
  const results = [...byFile].map(([file, edits]) => ({ file, edits, result: rewrite(session, file, edits) }));
  for (const { file, edits, result } of results) {
    if (result.ok) printer.out(`Changed ${oneLine(file)} (${formatQuantity(edits.length, "edit")})\n`);
    else printer.err(`querysight: could not change ${oneLine(file)}: ${oneLine(result.reason, 500)}\n`);
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
