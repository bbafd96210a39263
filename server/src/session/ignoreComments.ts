import type { Place, TextSource } from "../correlate/correlation.ts";
import type { Finding } from "../insights/finding.ts";
import { splitLines } from "../text/columns.ts";

/** `# querysight: ignore` or, of some rules alone, `# querysight: ignore[n-plus-one, query-in-loop]`; in templates within `{# … #}`. */
const comment = /#\s*querysight:\s*ignore(?![\w-])(?:\[([^\]]*)\])?/g;
const ownLine = /^\s*(?:\{#|#)/;

/**
 * What comments in the code keep away. One stands on a line of the expression, or on a line of its own above it. At the queryset it
 * silences the finding; at one of the places where it fires, that place.
 */
export function withoutIgnoredLines<T extends Pick<Finding, "rule" | "queryset" | "fires" | "at">>(
  findings: readonly T[],
  texts: TextSource,
): readonly T[] {
  const known = new Map<string, readonly string[] | null>();
  const linesOf = (path: string): readonly string[] | null => {
    if (!known.has(path)) {
      const text = texts.read(path);
      const lines = text?.includes("querysight:") ? splitLines(text) : null;
      known.set(path, lines !== null && path.endsWith(".py") ? lines.map(withoutStrings) : lines);
    }
    return known.get(path) ?? null;
  };
  return findings.flatMap((finding) => {
    const isIgnored = (place: Place) => isIgnoredAt(linesOf(place.path), place, finding.rule);
    if (finding.queryset !== null && isIgnored(finding.queryset)) return [];
    const fires = finding.fires.filter((place) => !isIgnored(place));
    const [at] = fires;
    if (at === undefined) return [];
    return fires.length === finding.fires.length ? [finding] : [{ ...finding, at, fires }];
  });
}

function isIgnoredAt(lines: readonly string[] | null, { placement }: Place, rule: string): boolean {
  if (lines === null || placement.state === "gone") return false;
  const { start, end } = placement.range;
  if (lines.slice(start.line, end.line + 1).some((line) => names(line, rule))) return true;
  for (let line = start.line - 1; line >= 0 && ownLine.test(lines[line] ?? ""); line -= 1) {
    if (names(lines[line] ?? "", rule)) return true;
  }
  return false;
}

/** What a string in one line says is no comment. */
function withoutStrings(line: string): string {
  return line.replace(/(["'])(?:\\.|(?!\1)[^\\])*\1/g, "$1$1");
}

function names(line: string, rule: string): boolean {
  return [...line.matchAll(comment)].some(
    ([, rules]) => rules === undefined || rules.split(",").some((name) => name.trim() === rule),
  );
}
