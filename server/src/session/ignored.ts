import type { FixResult } from "../fixes/fix.ts";
import { changedBy, type Finding } from "../insights/finding.ts";

/** What the setting `ignore` keeps away: findings that happen or are cured in such a file, and edits of one. */

type IsIgnored = (path: string) => boolean;

export function withoutIgnored<T extends Pick<Finding, "at" | "queryset" | "remedy">>(
  findings: readonly T[],
  isIgnored: IsIgnored,
): readonly T[] {
  return findings.filter(({ at, queryset, remedy }) => {
    return ![at.path, queryset?.path, changedBy(remedy)?.path].some(
      (path) => typeof path === "string" && isIgnored(path),
    );
  });
}

/** A fix may also lower counts that tests elsewhere assert: it is made as a whole or not at all. */
export function sparingIgnored(result: FixResult, isIgnored: IsIgnored): FixResult {
  const edit = result.ok ? result.fix.edits.find(({ file }) => isIgnored(file)) : undefined;
  if (edit === undefined) return result;
  return { ok: false, withheld: { reason: `It would edit ${edit.file}, which the settings ignore.` } };
}
