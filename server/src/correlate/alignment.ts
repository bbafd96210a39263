/** For each recorded index the index of today's equal; null or -1 where there is none or none can be told from another. */
export type Alignment = ArrayLike<number | null>;

/** A statement or tag of a text, in its order. */
export interface Item {
  /** What it says: equal on both sides for what may be the same. */
  readonly key: string;
  /** The index of the item that it stands in; -1 at the outermost level. */
  readonly parent: number;
}

type Match = (number | null)[];

/**
 * Finds the recorded items among today's. What occurs once on both sides is the same, wherever it stands now. Equals are told apart by what stands
 * around them: by the item that they stand in, and by the ones before and behind them that kept their order. Where one of several equals came or
 * went and their surroundings do not tell which, all that it could be are null: better no place than a wrong one.
 */
export function align(recorded: readonly Item[], today: readonly Item[]): readonly (number | null)[] {
  if (isSame(recorded, today)) return recorded.map((_, index) => index);
  const result: Match = recorded.map(() => null);
  const back: Match = today.map(() => null);
  const pair = (one: number, other: number): void => {
    result[one] = other;
    back[other] = one;
  };
  const found = indexesByKey(today.keys(), today);
  for (const [key, [only, ...others]] of indexesByKey(recorded.keys(), recorded)) {
    const [now, ...more] = found.get(key) ?? [];
    if (only !== undefined && now !== undefined && others.length === 0 && more.length === 0) pair(only, now);
  }
  // What is paired in one round tells in the next what stands in it.
  for (let before = -1, pairs = countOf(result); pairs > before; before = pairs, pairs = countOf(result)) {
    const inRecorded = flattened(recorded, result);
    const inToday = flattened(today, back);
    for (const [parent, children] of inRecorded) {
      const other = parent === -1 ? -1 : (result[parent] ?? null);
      if (other !== null) alignBlock(children, inToday.get(other) ?? [], { recorded, today, result, back, pair });
    }
  }
  return result;
}

function isSame(recorded: readonly Item[], today: readonly Item[]): boolean {
  return (
    recorded.length === today.length &&
    recorded.every(({ key, parent }, index) => key === today[index]?.key && parent === today[index]?.parent)
  );
}

function countOf(match: Match): number {
  return match.reduce<number>((count, index) => (index === null ? count : count + 1), 0);
}

function indexesByKey(indexes: Iterable<number>, items: readonly Item[]): ReadonlyMap<string, readonly number[]> {
  return Map.groupBy(indexes, (index) => items[index]?.key ?? "");
}

/** What stands in each paired item, and at the outermost level; what is not paired hides nothing, since it may have come or gone around the rest. */
function flattened(items: readonly Item[], match: Match): ReadonlyMap<number, readonly number[]> {
  const owners: number[] = [];
  return Map.groupBy(items.keys(), (index) => {
    const parent = items[index]?.parent ?? -1;
    const owner = parent === -1 || match[parent] !== null ? parent : (owners[parent] ?? -1);
    owners[index] = owner;
    return owner;
  });
}

interface Sides {
  readonly recorded: readonly Item[];
  readonly today: readonly Item[];
  readonly result: Match;
  readonly back: Match;
  readonly pair: (recorded: number, today: number) => void;
}

/** Between two neighbours that stand on both sides, equals that are equally many are the same. */
function alignBlock(before: readonly number[], now: readonly number[], sides: Sides): void {
  const { recorded, today, result, back, pair } = sides;
  const anchors = anchorsOf(before, now, result);
  let [start, nowStart] = [0, 0];
  for (const [end, nowEnd] of [...anchors, [before.length, now.length] as const]) {
    const free = before.slice(start, end).filter((index) => result[index] === null);
    if (free.length > 0) {
      const unpaired = now.slice(nowStart, nowEnd).filter((index) => back[index] === null);
      const others = indexesByKey(unpaired, today);
      for (const [key, equals] of indexesByKey(free, recorded)) {
        const found = others.get(key) ?? [];
        if (found.length === equals.length)
          for (const [at, index] of equals.entries()) pair(index, found[at] as number);
      }
    }
    start = end + 1;
    nowStart = nowEnd + 1;
  }
}

/** Positions in both blocks of the pairs that stand in the same order on both sides; none of which another such choice would leave out. */
function anchorsOf(
  before: readonly number[],
  now: readonly number[],
  result: Match,
): readonly (readonly [number, number])[] {
  const positions = new Map(now.map((index, position) => [index, position]));
  const pairs = before.flatMap((index, position) => {
    const other = positions.get(result[index] ?? -1);
    return other === undefined ? [] : [[position, other] as const];
  });
  const others = pairs.map(([, other]) => other);
  const up = risingLengths(others);
  const down = risingLengths(others.toReversed().map((other) => -other)).toReversed();
  const longest = up.reduce((most, length) => Math.max(most, length), 0);
  const inLongest = pairs.map((_, index) => (up[index] ?? 0) + (down[index] ?? 0) - 1 === longest);
  const rivals = new Map<number, number>();
  for (const [index, is] of inLongest.entries()) {
    const length = up[index] ?? 0;
    if (is) rivals.set(length, (rivals.get(length) ?? 0) + 1);
  }
  return pairs.filter((_, index) => inLongest[index] && rivals.get(up[index] ?? 0) === 1);
}

/** For each number how long the longest rising subsequence is that ends with it. */
function risingLengths(numbers: readonly number[]): readonly number[] {
  /** The least last number of a rising subsequence of each length. */
  const least: number[] = [];
  return numbers.map((number) => {
    let low = 0;
    let high = least.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((least[middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    least[low] = number;
    return low + 1;
  });
}
