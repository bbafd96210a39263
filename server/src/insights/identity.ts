import type { Place } from "../correlate/correlation.ts";
import { contentHash } from "../text/hash.ts";
import type { Correlation } from "./ports.ts";

/** Equal for places that stand at one spot of today's text, from whichever recording; sites that are gone keep to themselves. */
export function placeKey({ path, placement, site }: Place): string {
  if (placement.state === "gone") return `${path}#${site.qualname}:${site.line}:${site.column ?? ""}`;
  const { start, end } = placement.range;
  return `${path}@${start.line}:${start.character}-${end.line}:${end.character}`;
}

/**
 * What was written at a place when it was recorded, whatever stood above it in the file: path, qualified name, and the statement's identity
 * (for a template the tag's text). Never a line number; and never today's text, so that an edit does not rename what it makes stale.
 */
export function statementKey(correlator: Correlation, { path, site }: Place): string {
  const statement = site.kind === "python" ? correlator.recordedStatement(site)?.identity : null;
  return [path, site.qualname, statement ?? site.token ?? ""].join("\n");
}

/** Twelve hexadecimal digits; two findings of one project that share them are told apart by their order (`…-2`). */
export function findingId(parts: readonly string[]): string {
  return contentHash(parts.join("\0")).slice(0, 12);
}

/** The same findings in the same order, with ids that are unique. */
export function withUniqueIds<T extends { readonly id: string }>(findings: readonly T[]): readonly T[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const times = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, times);
    return times === 1 ? finding : { ...finding, id: `${finding.id}-${times}` };
  });
}
