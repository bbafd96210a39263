/** For each recorded index the index of today's equal, or null where there is none or none can be told from another. */
export type Alignment = readonly (number | null)[];

/** Beyond this many pairs to compare, only keys that occur once on each side are aligned. */
const mostPairs = 1_000_000;

/**
 * Finds the recorded keys among today's, as a line diff does: those in unchanged order first, then the ones that changed places.
 *
 * Keys may repeat. Where one of several equals came or went and their surroundings do not tell which, all that it could be are null:
 * better no place than a wrong one.
 */
export function align(recorded: readonly string[], today: readonly string[]): Alignment {
  const result: (number | null)[] = recorded.map(() => null);
  const surplus = surplusKeys(recorded, today);
  const matches = (a: number, b: number) => recorded[a] === today[b] && !surplus.has(recorded[a] as string);

  let start = 0;
  while (start < recorded.length && start < today.length && matches(start, start)) {
    result[start] = start;
    start++;
  }
  let recordedEnd = recorded.length;
  let todayEnd = today.length;
  while (recordedEnd > start && todayEnd > start && matches(recordedEnd - 1, todayEnd - 1)) {
    result[--recordedEnd] = --todayEnd;
  }
  const middle = alignInOrder(recorded.slice(start, recordedEnd), today.slice(start, todayEnd));
  for (const [index, match] of middle.entries()) {
    if (match !== null) result[start + index] = start + match;
  }
  alignMoved(recorded, today, result, surplus);
  return result;
}

/** Keys that do not occur equally often on both sides. */
function surplusKeys(recorded: readonly string[], today: readonly string[]): ReadonlySet<string> {
  const balance = new Map<string, number>();
  for (const key of recorded) balance.set(key, (balance.get(key) ?? 0) + 1);
  for (const key of today) balance.set(key, (balance.get(key) ?? 0) - 1);
  return new Set([...balance].filter(([, count]) => count !== 0).map(([key]) => key));
}

/** A longest common subsequence, without the pairs that another longest one would make differently. */
function alignInOrder(recorded: readonly string[], today: readonly string[]): Alignment {
  if (recorded.length * today.length > mostPairs) return recorded.map(() => null);
  const lengths = commonLengths(recorded, today);
  const width = today.length + 1;
  const at = (a: number, b: number) => lengths[a * width + b] ?? 0;
  const trace = (prefer: "recorded" | "today"): Alignment => {
    const result: (number | null)[] = recorded.map(() => null);
    for (let a = 0, b = 0; a < recorded.length && b < today.length; ) {
      const skipRecorded = at(a + 1, b) === at(a, b);
      const skipToday = at(a, b + 1) === at(a, b);
      if (recorded[a] === today[b] && !(prefer === "recorded" ? skipRecorded : skipToday)) result[a++] = b++;
      else if (prefer === "recorded" ? skipRecorded : !skipToday) a++;
      else b++;
    }
    return result;
  };
  const one = trace("recorded");
  const other = trace("today");
  return one.map((match, index) => (match === other[index] ? match : null));
}

/** Lengths of the longest common subsequences of all pairs of tails, row by row. */
function commonLengths(recorded: readonly string[], today: readonly string[]): Int32Array {
  const width = today.length + 1;
  const lengths = new Int32Array((recorded.length + 1) * width);
  for (let a = recorded.length - 1; a >= 0; a--) {
    for (let b = today.length - 1; b >= 0; b--) {
      lengths[a * width + b] =
        recorded[a] === today[b]
          ? 1 + (lengths[(a + 1) * width + b + 1] ?? 0)
          : Math.max(lengths[(a + 1) * width + b] ?? 0, lengths[a * width + b + 1] ?? 0);
    }
  }
  return lengths;
}

/** What is left over in equal numbers on both sides changed places: aligned in order. */
function alignMoved(
  recorded: readonly string[],
  today: readonly string[],
  result: (number | null)[],
  surplus: ReadonlySet<string>,
): void {
  const taken = new Set(result);
  const free = new Map<string, number[]>();
  for (const [index, key] of today.entries()) {
    if (!taken.has(index) && !surplus.has(key)) free.set(key, [...(free.get(key) ?? []), index]);
  }
  for (const [index, key] of recorded.entries()) {
    if (result[index] === null) result[index] = free.get(key)?.shift() ?? null;
  }
}
