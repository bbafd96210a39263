/** Longer than any line that a recorder writes: a file's text of 2 MiB, each character escaped, is 12 MiB. */
const MAX_LINE = 48 * 1024 * 1024;

const LINE_END = 0x0a;

export interface Lines {
  /** Whole lines without their ends; null stands for one that was too long to hold. */
  readonly lines: readonly (string | null)[];
  /** Bytes from the start of the reading to the end of the last whole line. */
  readonly consumed: number;
}

/**
 * Whole lines from `offset` on, about `budget` bytes of them, fewer at the end of the data. A line longer than the budget is read to its end.
 *
 * @param read fills the buffer from a byte offset and answers how many bytes it got, 0 at the end
 */
export function readLines(
  read: (offset: number, into: Uint8Array) => number,
  offset: number,
  budget: number,
  maxLine = MAX_LINE,
): Lines {
  const lines: (string | null)[] = [];
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(budget, 1024 * 1024)));
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let seen = 0;
  let consumed = 0;
  while (consumed < budget) {
    const got = read(offset + seen, chunk);
    if (got === 0) break;
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end !== -1 && end < got; end = chunk.indexOf(LINE_END, start)) {
      const length = pendingBytes + end - start;
      lines.push(length > maxLine ? null : decode(pending, chunk.subarray(start, end)));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      consumed = seen + start;
    }
    pendingBytes += got - start;
    // An endless line is measured, not kept.
    if (pendingBytes <= maxLine) pending.push(Buffer.from(chunk.subarray(start, got)));
    else pending = [];
    seen += got;
  }
  return { lines, consumed };
}

function decode(before: readonly Buffer[], last: Buffer): string {
  return before.length === 0 ? last.toString("utf8") : Buffer.concat([...before, last]).toString("utf8");
}
