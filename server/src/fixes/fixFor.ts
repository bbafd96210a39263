import { type Curable, changedBy, type Finding, type Remedy } from "../insights/finding.ts";
import { placeKey } from "../insights/identity.ts";
import { comparePositions, containsRange, type TextEdit } from "../text/range.ts";
import type { Change, FixContext } from "./change.ts";
import { adaptCountAssertions } from "./countAssertions.ts";
import { combined } from "./effect.ts";
import type { Fix, FixResult } from "./fix.ts";
import { importEdits } from "./importing.ts";
import { kindOf } from "./kinds.ts";

/** One edit for all findings, by the best remedy of each: see {@link fixForRemedies}. */
export function fixFor(findings: readonly Finding[], context: FixContext): FixResult {
  return fixForRemedies(
    findings.map(({ remedy }) => remedy),
    context,
  );
}

/** The other ways to cure a finding that can be made, each an edit of its own. */
export function alternativesFor({ alternatives }: Finding, context: FixContext): readonly Fix[] {
  return alternatives.flatMap((remedy) => {
    const result = fixForRemedies([remedy], context);
    return result.ok ? [result.fix] : [];
  });
}

/**
 * One edit for all remedies, merged where they change the same expression, or the reason why there is none. Mere advice is left out
 * of it. Given remedies at several expressions, it is all of them or nothing: counts that tests assert fall by what they save together.
 */
function fixForRemedies(remedies: readonly Remedy[], context: FixContext): FixResult {
  const curable = remedies.filter((remedy) => remedy.kind !== "advice");
  if (curable.length === 0) {
    const advice = remedies.flatMap((remedy) => (remedy.kind === "advice" ? [remedy.text] : []));
    return withheld([...new Set(advice)].join(" ") || "There is nothing to change.");
  }
  if (curable.some((remedy) => curable.some((other) => takesAway(other, remedy)))) {
    return withheld("One of them changes what another takes away: fix one, record the tests again, then the other.");
  }
  const changes: Change[] = [];
  for (const [first, ...others] of byExpression(curable)) {
    if (first === undefined) continue;
    const change = kindOf(first).change([first, ...others], context);
    if ("reason" in change) return withheld(change.reason);
    changes.push(change);
  }
  const imports = importEdits(
    changes.flatMap((change) => change.imports ?? []),
    context,
  );
  if ("reason" in imports) return withheld(imports.reason);
  const fix = fixOf(changes, imports, context);
  return fix === null
    ? withheld("Two of them change the same text: fix one, record the tests again, then the other.")
    : { ok: true, fix };
}

/** The queryset that one remedy changes is what another replaces by a list or a number: the items of a loop within a loop. */
function takesAway(other: Curable, { chain }: Curable): boolean {
  if (!("use" in other) || other.use.path !== chain.path) return false;
  const use = other.use.placement;
  const changed = chain.placement;
  return use.state !== "gone" && changed.state !== "gone" && containsRange(use.range, changed.range);
}

/** Those of one kind that change one expression; expressions stay in the order in which they come first. */
function byExpression(remedies: readonly Curable[]): readonly (readonly Curable[])[] {
  const groups = Map.groupBy(remedies, ({ chain }) => placeKey(chain));
  return [...groups.values()].flatMap((group) => [...Map.groupBy(group, ({ kind }) => kind).values()]);
}

/** What remedies must share to become one edit: the expression, and whether they may change a result. Null for advice. */
export function editKey(remedy: Remedy): string | null {
  const place = changedBy(remedy);
  if (remedy.kind === "advice" || place === null) return null;
  const { isSafe, standsAlone = false } = kindOf(remedy);
  return `${placeKey(place)} ${isSafe} ${standsAlone ? remedy.kind : ""}`;
}

/** What one would like to do, where no edit can be made; null for advice alone. */
export function wishOf(remedies: readonly Remedy[]): string | null {
  const groups = Map.groupBy(
    remedies.filter((remedy) => remedy.kind !== "advice"),
    ({ kind }) => kind,
  );
  const wishes = [...groups.values()].flatMap((group) =>
    group[0] === undefined ? [] : [kindOf(group[0]).wish(group)],
  );
  return wishes.length === 0 ? null : wishes.join("; ");
}

function fixOf(
  changes: readonly Change[],
  imports: readonly TextEdit[],
  { reader, correlator }: FixContext,
): Fix | null {
  const { edits, conflicts } = adaptCountAssertions(reader, correlator, combined(changes.map(({ effect }) => effect)));
  const title = changes.map((change, index) => (index === 0 ? change.title : lowerFirst(change.title))).join(", ");
  const all = joined([...imports, ...changes.flatMap((change) => change.edits), ...edits]);
  if (all === null) return null;
  const isSafe = conflicts.length === 0 && changes.every(({ safety }) => safety === "safe");
  return {
    title: conflicts.length === 0 ? title : `${title} (${conflicts.join("; ")})`,
    safety: isSafe ? "safe" : "changes-behaviour",
    ...(changes.every(({ keepsCounts = false }) => keepsCounts) ? { keepsCounts: true } : {}),
    edits: sorted(all),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Insertions at one position as one edit: not every client keeps the order of several. Null where one text is replaced in two ways. */
function joined(edits: readonly TextEdit[]): readonly TextEdit[] | null {
  const result: TextEdit[] = [];
  for (const edit of edits) {
    const index = result.findIndex(({ file, range }) => file === edit.file && isSamePlace(range, edit.range));
    const same = result[index];
    if (same === undefined) result.push(edit);
    else if (comparePositions(edit.range.start, edit.range.end) === 0)
      result[index] = { ...same, newText: same.newText + edit.newText };
    else if (same.newText !== edit.newText) return null;
  }
  return result;
}

function isSamePlace(a: TextEdit["range"], b: TextEdit["range"]): boolean {
  return comparePositions(a.start, b.start) === 0 && comparePositions(a.end, b.end) === 0;
}

function sorted(edits: readonly TextEdit[]): readonly TextEdit[] {
  return [...edits].sort(
    (a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || comparePositions(a.range.start, b.range.start),
  );
}

function withheld(reason: string): FixResult {
  return { ok: false, withheld: { reason } };
}
