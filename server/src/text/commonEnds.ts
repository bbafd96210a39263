/** What two texts have in common at their beginning and, behind that, at their end: lengths in UTF-16 code units. */
export interface CommonEnds {
  readonly start: number;
  readonly end: number;
}

/** By halves: equal stretches compare fast. */
export function commonEnds(one: string, other: string): CommonEnds {
  const shorter = Math.min(one.length, other.length);
  const start = commonLength(shorter, (length, from) => one.slice(from, length) === other.slice(from, length));
  const end = commonLength(
    shorter - start,
    (length, from) =>
      one.slice(one.length - length, one.length - from) === other.slice(other.length - length, other.length - from),
  );
  return { start, end };
}

/** The longest length up to which all is equal; `isEqual` compares between two lengths. */
function commonLength(limit: number, isEqual: (length: number, from: number) => boolean): number {
  let known = 0;
  let most = limit;
  while (known < most) {
    const length = (known + most + 1) >>> 1;
    if (isEqual(length, known)) known = length;
    else most = length - 1;
  }
  return known;
}
