/** A replacement of `[start, end)`; what is longer than what it replaces has no place in the original. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with changes that keep or grow its length, and the way back to the offsets of the text as given. */
export class RepairedText {
  readonly text: string;
  /** The text as given is valid Python, and was only written in another way. */
  readonly isValid: boolean;
  readonly #shifts: readonly { readonly from: number; readonly to: number; readonly original: number }[];

  /** @param changes in document order, not overlapping; none makes the text shorter */
  constructor(original: string, changes: readonly Change[], isValid: boolean) {
    this.isValid = isValid;
    const parts: string[] = [];
    const shifts: { from: number; to: number; original: number }[] = [];
    let taken = 0;
    let length = 0;
    for (const { start, end, text } of changes) {
      parts.push(original.slice(taken, start), text);
      length += start - taken + text.length;
      taken = end;
      if (text.length > end - start)
        shifts.push({ from: length - text.length + end - start, to: length, original: end });
    }
    parts.push(original.slice(taken));
    this.text = parts.join("");
    this.#shifts = shifts;
  }

  /** Where an offset of the repaired text stands in the original; within an insertion, where that was made. */
  original(offset: number): number {
    let low = 0;
    let high = this.#shifts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#shifts[middle]?.from ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    const shift = this.#shifts[low - 1];
    if (shift === undefined) return offset;
    return offset < shift.to ? shift.original : offset - shift.to + shift.original;
  }
}
