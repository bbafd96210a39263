/** What stands between two byte offsets is to become `text`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Bytes: Python's offsets count them, and line ends stay as they are. */
export function edited(data: Buffer, spans: readonly Span[]): Buffer {
  let result = data;
  for (const { start, end, text } of spans.toSorted((a, b) => b.start - a.start)) {
    result = Buffer.concat([result.subarray(0, start), Buffer.from(text), result.subarray(end)]);
  }
  return result;
}
