import type { VerificationResult } from "../../../server/src/protocol.ts";

/** What a notification says: one paragraph, the rest stands in the output. */
export function messageOf({ headline, details, output }: VerificationResult): string {
  const last = output.at(-1);
  if (last !== undefined) return `${headline} ${last}`;
  const [first, ...more] = details;
  if (first === undefined) return headline;
  return more.length === 0 ? `${headline} ${first}` : `${headline} ${first}, and ${more.length} more in the output.`;
}

/** Nothing is wrong that a person would have to look at. */
export function isGood({ verdict }: VerificationResult): boolean {
  return verdict === "fell" || verdict === "held";
}
