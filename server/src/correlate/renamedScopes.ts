import type { PythonFile } from "../python/pythonFile.ts";
import { localKey, type Scope, scopesIn } from "./scopeTree.ts";

/** One side of a comparison. */
export interface Side {
  readonly file: PythonFile;
  readonly module: Scope;
  /** The definitions that have no counterpart yet. */
  readonly alone: ReadonlySet<Scope>;
}

/** How often each statement stands in a definition, those of the definitions in it included. */
interface Contents {
  readonly counts: ReadonlyMap<string, number>;
  readonly size: number;
}

/** The least part of the statements that a definition under another name, or in another place, must share with the recorded one. */
const leastShared = 0.5;
/** Any other that comes so near makes it a guess. */
const rivalShare = 0.8;
/** A statement that stands in more definitions than these (`return None`) leads to none of them. */
const mostHolders = 30;

/**
 * Which of the recorded definitions that are alone is which of today's: the same one under another name, or in another class. It must be by far the
 * nearest on either side, those that stand where they stood included: else it may be a copy.
 */
export function pairRenamed(recorded: Side, today: Side): readonly (readonly [Scope, Scope])[] {
  const pairs = nearest(recorded, today);
  const back = nearest(today, recorded);
  return [...pairs].filter(([lost, fresh]) => back.get(fresh) === lost);
}

/** For each definition that is alone the one on the other side that is far nearer than all others, if there is one. */
function nearest(one: Side, other: Side): ReadonlyMap<Scope, Scope> {
  const wanted = new Map([...one.alone].map((scope) => [scope, contentsOf(one.file, scope)]));
  const holders = holdersOf(new Set([...wanted.values()].flatMap(({ counts }) => [...counts.keys()])), other);
  const others = new Map<Scope, Contents>();
  const result = new Map<Scope, Scope>();
  for (const [scope, contents] of wanted) {
    const candidates = new Set<Scope>();
    for (const key of contents.counts.keys()) {
      const known = holders.get(key);
      if (known !== undefined && known.size <= mostHolders) for (const each of known) candidates.add(each);
    }
    const shares = [...candidates]
      .filter(({ kind }) => kind === scope.kind)
      .map((candidate) => {
        const known = others.get(candidate) ?? contentsOf(other.file, candidate);
        others.set(candidate, known);
        return { candidate, share: shared(contents, known) };
      })
      .sort((a, b) => b.share - a.share);
    const [best, rival] = shares;
    if (best === undefined || best.share < leastShared) continue;
    const isFar = rival === undefined || rival.share < best.share * rivalShare || (best.share === 1 && rival.share < 1);
    // One that has its name may be it, edited, and the nearest a copy.
    const namesake = shares.find(({ candidate, share }) => candidate.name === scope.name && share >= leastShared);
    if (isFar && (namesake === undefined || namesake === best)) result.set(scope, best.candidate);
  }
  return result;
}

/** The definitions that each of the statements stands in. */
function holdersOf(keys: ReadonlySet<string>, { file, module }: Side): ReadonlyMap<string, ReadonlySet<Scope>> {
  const holders = new Map<string, Set<Scope>>();
  const visit = (scope: Scope, around: readonly Scope[]): void => {
    for (const index of scope.statements) {
      const key = keyAt(file, index);
      if (!keys.has(key)) continue;
      const known = holders.get(key) ?? new Set();
      for (const each of around) known.add(each);
      holders.set(key, known);
    }
    for (const child of scope.children) visit(child, [...around, child]);
  };
  visit(module, []);
  return holders;
}

/** The part of the larger one's statements that the other has too. */
function shared(one: Contents, other: Contents): number {
  let count = 0;
  for (const [key, times] of one.counts) count += Math.min(times, other.counts.get(key) ?? 0);
  return count / Math.max(one.size, other.size);
}

function contentsOf(file: PythonFile, scope: Scope): Contents {
  const counts = new Map<string, number>();
  let size = 0;
  for (const { statements } of scopesIn(scope)) {
    for (const index of statements) {
      const key = keyAt(file, index);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      size += 1;
    }
  }
  return { counts, size };
}

function keyAt(file: PythonFile, index: number): string {
  const statement = file.said(index);
  return statement === undefined ? "" : localKey(statement);
}
