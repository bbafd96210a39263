import { curesOf, querysetsOf } from "../features/codeAction.ts";
import { staleNote } from "../features/diagnostics.ts";
import type { Fix } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";
import type { Session } from "../session/session.ts";
import { comparePositions, type Range, type TextEdit } from "../text/range.ts";

export interface Planned {
  readonly findings: readonly Finding[];
  readonly fix: Fix;
}

/** Why a finding was not fixed, and whether that leaves something undone that was asked for. */
export interface Refusal {
  readonly findings: readonly Finding[];
  readonly reason: string;
  readonly missed: boolean;
}

/** One fix a queryset; of two that touch the same text, one for both or, where that cannot be, the first. */
export function planFixes(
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
    return { findings, reason: `Record the tests again first. ${staleNote(session.project, stale)}`, missed: true };
  }
  const result = session.project.fixFor(findings);
  // With --all, what has no edit, or none that is safe, was not asked for.
  if (!result.ok) return { findings, reason: result.withheld.reason, missed: !all };
  if (all && findings.every(({ confidence }) => confidence === "suspected")) {
    return { findings, reason: "Seen with a row or two only: apply it by its id if there can be more.", missed: false };
  }
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

function collide(a: readonly TextEdit[], b: readonly TextEdit[]): boolean {
  return a.some((one) => b.some((other) => one.file === other.file && overlap(one.range, other.range)));
}

/** Two insertions at one place collide too, as their order would be a guess; and one at the edge of what is replaced, which it may go on with. */
function overlap(a: Range, b: Range): boolean {
  const [first, second] = comparePositions(a.start, b.start) <= 0 ? [a, b] : [b, a];
  const gap = comparePositions(first.end, second.start);
  if (gap !== 0) return gap > 0 || comparePositions(a.start, b.start) === 0;
  const isInsertion = ({ start, end }: Range) => comparePositions(start, end) === 0;
  return isInsertion(a) || isInsertion(b);
}
