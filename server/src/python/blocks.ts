import type { CommonEnds } from "../text/commonEnds.ts";
import { LineScan } from "./lineScan.ts";

const newline = 0x0a;
const carriageReturn = 0x0d;
const hash = 0x23;
const at = 0x40;

/** Simple statements (imports, constants) stand together in one block up to this many characters. */
const simpleRun = 2_000;

const definition = /(?:async[ \t]+def|def|class)\b/y;
const compound = /(?:async|def|class|if|for|while|with|try|match)\b/y;
const clause = /(?:elif|else|except|finally)\b/y;

/**
 * Cuts a Python text where statements of the module itself begin: before each definition with its decorators, before and behind each other
 * compound statement, and between simple ones where there are many. Each part can be parsed by itself, so that what is typed in one
 * function costs the parsing of that function, and a syntax error stays in it.
 *
 * It reads no more than strings, comments, brackets and line ends. Where a bracket is not closed, the next definition at the margin ends what it
 * holds: no expression has one.
 *
 * @returns the offsets at which blocks begin; the first is 0
 */
export function blockStarts(text: string): readonly number[] {
  return cutBlocks(text).starts;
}

/** Where a text is cut, and what it takes to cut it again once some of it was edited. */
export interface Cuts {
  readonly starts: readonly number[];
  /** For each start: no bracket stood open before it, so that what comes behind does not depend on what stands before. */
  readonly isFree: readonly boolean[];
  /** Where a format string begins that never ends: that it does not was seen by reading all behind it. */
  readonly unended: readonly number[];
}

export function cutBlocks(text: string): Cuts {
  const scan = new BlockScan(text, 0);
  scan.run();
  return scan;
}

/**
 * The same for a text of which another state was cut before: reads on from before the edit, until it meets a cut of then.
 *
 * @param common what both texts have in common
 */
export function cutAgain(text: string, before: string, cuts: Cuts, common: CommonEnds): Cuts {
  const { starts, isFree } = cuts;
  const edited = Math.min(common.start, ...cuts.unended);
  // What the line of a cut begins with tells whether it is one: so not from the last one, of which the line may be edited.
  let [from, last] = [0, 0];
  for (let index = 1; index < starts.length && (starts[index] ?? 0) <= edited; index++) {
    if (isFree[index]) [from, last] = [last, index];
  }
  const shift = text.length - before.length;
  const end = text.length - common.end;
  const places = new Map<number, number>();
  for (let index = starts.length - 1; index >= 0 && (starts[index] ?? 0) + shift >= end; index--) {
    if (isFree[index]) places.set((starts[index] ?? 0) + shift, index);
  }
  const scan = new BlockScan(text, starts[from] ?? 0);
  const met = scan.run((start) => places.has(start));
  const rest = met === null ? starts.length : (places.get(met) ?? 0) + 1;
  return {
    starts: [...starts.slice(0, from), ...scan.starts, ...starts.slice(rest).map((start) => start + shift)],
    isFree: [...isFree.slice(0, from), ...scan.isFree, ...isFree.slice(rest)],
    unended: [
      ...scan.unended,
      ...cuts.unended.filter((start) => met !== null && start + shift >= met).map((start) => start + shift),
    ],
  };
}

class BlockScan extends LineScan implements Cuts {
  readonly starts: number[];
  readonly isFree: boolean[] = [true];
  /** The block so far is a run of simple statements. */
  #isSimple = true;
  /** Its last statement at the margin is a decorator, or none has begun yet. */
  #isHeld = true;
  /** Where the decorators above this line begin, while nothing else stands between. */
  #decorators: number | null = null;

  /** @param from where to begin: a start that is free */
  constructor(text: string, from: number) {
    super(text);
    this.starts = [from];
  }

  /** Reads to the end, or to a free start of which `isKnown` says so: answers that one. */
  run(isKnown: (start: number) => boolean = () => false): number | null {
    let line = this.starts[0] ?? 0;
    let isContinued = false;
    while (line < this.text.length) {
      if (!isContinued) this.#beginLine(line);
      if (this.isFree.at(-1) && this.starts.at(-1) === line && isKnown(line)) return line;
      const end = this.skipLine(line);
      isContinued = end < 0;
      line = Math.abs(end);
    }
    return null;
  }

  #beginLine(line: number): void {
    const first = this.behindContinuations(line);
    const code = this.text.charCodeAt(first);
    if (this.depth > 0) {
      if (!this.matches(definition, first)) {
        if (code !== at) this.#decorators = null;
        else this.#decorators ??= line;
        return;
      }
      this.depth = 0;
      this.#cut(this.#decorators ?? line, false);
    }
    if (code === newline || code === carriageReturn || code === hash) return;
    if (code === 0x20 || code === 0x09 || code === 0x0c) {
      this.#isSimple = false;
      return;
    }
    if (code === 0x29 || code === 0x5d || code === 0x7d || this.matches(clause, first)) return;
    const isCompound = code === at || this.matches(compound, first);
    const isFull = line - (this.starts.at(-1) ?? 0) >= simpleRun;
    if (!this.#isHeld && (isCompound || !this.#isSimple || isFull)) this.#cut(line, true);
    this.#isSimple = !isCompound;
    this.#isHeld = code === at;
  }

  #cut(offset: number, isFree: boolean): void {
    if (offset > (this.starts.at(-1) ?? 0)) {
      this.starts.push(offset);
      this.isFree.push(isFree);
    }
    this.#isHeld = true;
    this.#decorators = null;
  }
}
