/** A file of which the text is known. */
export interface NamedText {
  readonly path: string;
  readonly text: string;
}

/** The least part of the larger file's lines that the other has too. */
const leastShared = 0.6;
/** Any other file that comes so near makes it a guess. */
const rivalShare = 0.8;
/** Files of fewer lines than these say too little to be known by them. */
const leastLines = 3;

/**
 * Which of the files that were never recorded is the recorded one, under another name: the one with its very text, else the one that is far nearer to it
 * than any other.
 *
 * @param standing recorded files that are still there, of which a candidate may be a copy
 * @returns null where there is none, or no telling
 */
export function movedFile(
  recorded: string,
  candidates: readonly NamedText[],
  standing: readonly string[],
): string | null {
  const lines = countLines(recorded);
  if (lines.size < leastLines) return null;
  const same = candidates.filter(({ text }) => unified(text) === unified(recorded));
  if (same.length > 0) return same.length === 1 ? (same[0]?.path ?? null) : null;
  const shares = candidates
    .map((candidate) => ({ candidate, share: shared(lines, countLines(candidate.text)) }))
    .sort((a, b) => b.share - a.share);
  const [best, rival] = shares;
  if (best === undefined || best.share < leastShared) return null;
  const isNear = (share: number) => share >= best.share * rivalShare;
  if (rival !== undefined && isNear(rival.share)) return null;
  const own = countLines(best.candidate.text);
  return standing.some((text) => isNear(shared(countLines(text), own))) ? null : best.candidate.path;
}

interface Lines {
  readonly counts: ReadonlyMap<string, number>;
  readonly size: number;
}

/** Lines that say something, however they are indented. */
function countLines(text: string): Lines {
  const counts = new Map<string, number>();
  let size = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const code = line.trim();
    if (code === "") continue;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    size += 1;
  }
  return { counts, size };
}

function shared(one: Lines, other: Lines): number {
  let count = 0;
  for (const [line, times] of one.counts) count += Math.min(times, other.counts.get(line) ?? 0);
  return count / Math.max(1, one.size, other.size);
}

function unified(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
