import { formatCount, formatQuantity, formatQueries } from "../features/format.ts";
import { oneLine } from "../features/untrusted.ts";
import type { Change, Comparison } from "./compare.ts";

/** A comparison in words: a line that says it all, and what else is worth knowing, a line each. */
export interface ComparisonText {
  readonly headline: string;
  readonly details: readonly string[];
}

const listed = 10;

export function comparisonText(comparison: Comparison): ComparisonText {
  const { changes, failing, missing, unsteady } = comparison;
  const ran = testsRan(comparison);
  const more = comparison.verdict === "broken" ? changes : changes.slice(1);
  return {
    headline: headline(comparison, ran),
    details: [
      ...more.slice(0, listed).map(changeText),
      ...list("Failed before the change too:", failing),
      ...list("Did not run this time:", missing),
      ...list("Changed too, though it does not run the edited code (its number differs from run to run):", unsteady),
    ],
  };
}

function headline(comparison: Comparison, ran: string): string {
  const { verdict, changes, costliest, broken } = comparison;
  const [most] = changes;
  switch (verdict) {
    case "broken":
      return `${formatQuantity(broken.length, "test")} broke: ${names(broken.map(({ test }) => test))}.`;
    case "fell":
    case "rose": {
      const counts = most === undefined ? "" : changeText(most);
      return verdict === "fell" ? `${counts}, ${ran}.` : `More queries than before: ${counts}, ${ran}.`;
    }
    case "same":
    case "held": {
      const still =
        costliest === null ? "" : `: ${oneLine(costliest.name)} still runs ${formatQueries(costliest.after)}`;
      const what = verdict === "same" ? "Nothing changed" : "As many queries as before, which bring less";
      return `${what}${still}, ${ran}.`;
    }
    case "incomparable":
      return `No number can be compared: no test that runs the edited code ended as it had before (${ran}).`;
    case "not-run":
      return "None of the tests ran to its end, so nothing is verified.";
  }
}

/** `GET /orders/: 101 -> 2 queries` */
function changeText({ name, before, after }: Change): string {
  return `${oneLine(name)}: ${formatCount(before)} -> ${formatQueries(after)}`;
}

function testsRan({ passed, failing, broken }: Comparison): string {
  const parts = [`${formatQuantity(passed, "test")} passed`];
  const failed = failing.length + broken.length;
  if (failed > 0) parts.push(`${formatCount(failed)} failed`);
  return parts.join(", ");
}

function list(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${heading} ${names(lines)}`];
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, listed).map((name) => oneLine(name));
  return [...shown, ...(all.length > shown.length ? [`${formatCount(all.length - shown.length)} more`] : [])].join(
    ", ",
  );
}
