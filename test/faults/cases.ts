/** A hundred thousand cases, by what is broken; `QUERYSIGHT_FUZZ=10` tries ten times as many, with other seeds. */
const shares = { lines: 88_000, manifests: 5_000, segments: 4_600, recordings: 1_200, sources: 1_200 } as const;

const times = Number(process.env["QUERYSIGHT_FUZZ"] ?? 1);

/** Ms that a test of many cases may take on a busy machine. */
export const patience = 300_000 * Math.max(1, times);

/** @param together cases that are tried in one run of the property */
export function cases(kind: keyof typeof shares, together = 1): { readonly numRuns: number; readonly seed?: number } {
  const numRuns = Math.ceil((shares[kind] * times) / together);
  // The same ones in CI, so that what it says holds still; others by hand.
  return times === 1 ? { numRuns, seed: 1 } : { numRuns };
}
