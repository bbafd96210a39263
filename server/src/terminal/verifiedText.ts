import { oneLine } from "../features/untrusted.ts";
import type { Comparison } from "../verify/compare.ts";
import { comparisonText } from "../verify/comparisonText.ts";
import { lastLines } from "../verify/lastLines.ts";
import { type ExitCode, exitCodes } from "./exitCodes.ts";
import type { Planned, Refusal } from "./planFixes.ts";
import type { Verified } from "./verifyFixes.ts";

const shownLines = 20;

export function verifiedText(verified: Verified | null): string {
  if (verified === null || verified.kind === "unwritten") return "";
  if (verified.kind === "refused") return `Nothing was changed: ${verified.reason}\n`;
  const { applied, undone, restored } = verified;
  const { headline, details } = wordsOf(verified);
  const lines = [headline, ...details.map((line) => `  ${line}`), ...outputOf(verified).map((line) => `  | ${line}`)];
  if (restored.length > 0 && applied.length === 0) lines.push(`Restored ${oneLine(restored.join(", "), 500)}.`);
  else if (undone.length > 0) lines.push(`Taken back, since a test broke: ${titles(undone).join("; ")}.`);
  if (applied.length > 0 && failed(verified)) lines.push("The edits stand, as --keep asks.");
  return `${lines.join("\n")}\n`;
}

/** What `fix --verify --json` prints: docs/terminal.md. */
export function verifiedJson(verified: Verified | null, refusals: readonly Refusal[]) {
  const ran = verified?.kind === "ran" ? verified : null;
  const words = ran === null ? null : wordsOf(ran);
  const comparison = ran?.comparison ?? null;
  return {
    version: 1,
    verdict: verdictOf(verified),
    message: verified?.kind === "refused" ? verified.reason : (words?.headline ?? ""),
    details: words?.details ?? [],
    changes: comparison?.changes ?? [],
    tests: {
      passed: comparison?.passed ?? 0,
      broken: comparison?.broken ?? [],
      failing: comparison?.failing ?? [],
      missing: comparison?.missing ?? [],
    },
    applied: (ran?.applied ?? []).map(described),
    undone: (ran?.undone ?? []).map(described),
    withheld: refusals.flatMap(({ findings, reason }) => findings.map(({ id }) => ({ id, reason }))),
    output: ran === null ? [] : outputOf(ran),
  };
}

export function verifiedExitCode(verified: Verified): ExitCode {
  if (verified.kind === "unwritten") return exitCodes.unavailable;
  if (verified.kind === "refused") return verified.why === "no-tests" ? exitCodes.found : exitCodes.unavailable;
  if (verified.cancelled) return exitCodes.interrupted;
  if (verified.comparison === null) return exitCodes.unavailable;
  if (failed(verified) || verified.undone.length > 0) return exitCodes.broken;
  const { verdict } = verified.comparison;
  return verdict === "fell" || verdict === "held" ? exitCodes.fine : exitCodes.found;
}

type Ran = Extract<Verified, { readonly kind: "ran" }>;

function wordsOf({ comparison, cancelled, reason }: Ran) {
  if (comparison !== null) return comparisonText(comparison);
  const headline = cancelled
    ? "Interrupted, so nothing is verified."
    : `Nothing is verified: ${oneLine(reason ?? "", 500)}`;
  return { headline, details: [] };
}

function verdictOf(
  verified: Verified | null,
): Comparison["verdict"] | "interrupted" | "unavailable" | "nothing-to-fix" {
  if (verified === null) return "nothing-to-fix";
  if (verified.kind === "refused") return verified.why === "no-tests" ? "incomparable" : "unavailable";
  if (verified.kind === "unwritten") return "unavailable";
  if (verified.cancelled) return "interrupted";
  return verified.comparison?.verdict ?? "unavailable";
}

function failed({ comparison }: Ran): boolean {
  return comparison?.verdict === "broken" || comparison?.verdict === "not-run";
}

/** Only where something went wrong: else the tests' own words tell nothing new. */
function outputOf(ran: Ran): readonly string[] {
  if (ran.comparison !== null && !failed(ran)) return [];
  return lastLines(ran.output, shownLines).map((line) => oneLine(line, 300));
}

function described({ findings, fix }: Planned) {
  return {
    ids: findings.map(({ id }) => id),
    title: fix.title,
    files: [...new Set(fix.edits.map(({ file }) => file))],
  };
}

function titles(fixes: readonly Planned[]): readonly string[] {
  return fixes.map(({ fix }) => oneLine(fix.title));
}
