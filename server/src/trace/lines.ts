/** Longer than any line that a recorder writes: a file's text of 2 MiB, each character escaped, is 12 MiB. */
const MAX_LINE = 48 * 1024 * 1024;

const LINE_END = 0x0a;

/** Fills the buffer from a byte offset of the segment and answers how many bytes it got, 0 at the end. */
export type ReadBytes = (offset: number, into: Uint8Array) => number;

/** One line without its end: `bytes` from `start` up to `end`, where its line end stands. Null stands for one that was too long to hold. */
export type TakeLine = (bytes: Buffer | null, start: number, end: number) => boolean;

/** Whole lines that were read at once. They stand in the reader's buffer, so they are gone with the next reading. */
export interface LineBatch {
  /** Bytes from the start of the reading to the end of the last whole line. */
  readonly consumed: number;
  /** The data ended. */
  readonly atEnd: boolean;
  /** Gives line after line, until `take` answers false; answers whether it got all of them. */
  each(take: TakeLine): boolean;
}

/** Reads whole lines, about `budget` bytes of them at once, into one buffer for all readings. */
export class LineReader {
  readonly #buffer: Buffer;
  readonly #maxLine: number;

  constructor(budget: number, maxLine = MAX_LINE) {
    this.#buffer = Buffer.allocUnsafe(budget);
    this.#maxLine = maxLine;
  }

  /**
   * The whole lines from `offset` on, fewer at the end of the data. A line longer than the budget is read to its end.
   *
   * @param until so many bytes from `offset` at most
   */
  read(read: ReadBytes, offset: number, until = Number.POSITIVE_INFINITY): LineBatch {
    const buffer = this.#buffer.subarray(0, Math.min(this.#buffer.length, until));
    let filled = 0;
    while (filled < buffer.length) {
      const got = read(offset + filled, filled === 0 ? buffer : buffer.subarray(filled));
      if (got === 0) break;
      filled += got;
    }
    const atEnd = filled < this.#buffer.length;
    const consumed = filled === 0 ? 0 : buffer.lastIndexOf(LINE_END, filled - 1) + 1;
    if (consumed === 0 && !atEnd) return this.#longLine(read, offset);
    return { consumed, atEnd, each: (take) => eachLine(buffer, consumed, this.#maxLine, take) };
  }

  /** A line that the buffer has the beginning of. An endless one is measured, not kept. */
  #longLine(read: ReadBytes, offset: number): LineBatch {
    let parts: Buffer[] = [Buffer.from(this.#buffer)];
    let length = this.#buffer.length;
    for (;;) {
      const got = read(offset + length, this.#buffer);
      if (got === 0) return { consumed: 0, atEnd: true, each: () => true };
      const at = this.#buffer.indexOf(LINE_END);
      const taken = at === -1 || at >= got ? got : at + 1;
      length += taken;
      if (length > this.#maxLine + 1) parts = [];
      else parts.push(Buffer.from(this.#buffer.subarray(0, taken)));
      if (taken !== at + 1) continue;
      const line = Buffer.concat(parts);
      return {
        consumed: length,
        atEnd: false,
        each: (take) => (line.length === 0 ? take(null, 0, 0) : take(line, 0, line.length - 1)),
      };
    }
  }
}

function eachLine(bytes: Buffer, length: number, maxLine: number, take: TakeLine): boolean {
  for (let start = 0; start < length; ) {
    const end = bytes.indexOf(LINE_END, start);
    if (!(end - start > maxLine ? take(null, 0, 0) : take(bytes, start, end))) return false;
    start = end + 1;
  }
  return true;
}
