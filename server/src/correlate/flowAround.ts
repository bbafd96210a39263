import type { PythonFile } from "../python/pythonFile.ts";
import { comparePositions } from "../text/range.ts";
import type { Alignment } from "./alignment.ts";
import { enclosingStatements } from "./scopeTree.ts";

/** The part of a recorded statement that something was recorded for, by its index and the tokens of the part. */
export interface RecordedPart {
  readonly index: number;
  readonly tokens: () => readonly string[];
}

/** A statement that stands in one of two texts alone, by its index there. */
interface Change {
  readonly index: number;
  readonly kind: string;
  /** The loops around a jump; of anything else none are looked for. */
  readonly loops: readonly number[];
  /** What it assigns: names and dotted names, as their tokens stand with a space between. */
  readonly targets: readonly string[];
}

const none: readonly Change[] = [];
const jumps: ReadonlySet<string> = new Set(["break", "continue", "return", "raise"]);

/**
 * What came or went since the recording and decides how often a statement runs or on what, though the statement itself is as it was: the loops around
 * it, what leaves them early, and assignments to the names that it reads. A condition is none of these: what was executed within it is what it
 * executes when it holds.
 */
export class FlowAround {
  readonly #before: PythonFile;
  readonly #today: PythonFile;
  readonly #alignment: Alignment;
  /** By the function that they stand in: thousands of sites ask for those of their own. */
  #added: ReadonlyMap<string, readonly Change[]> | null = null;
  #removed: ReadonlyMap<string, readonly Change[]> | null = null;

  constructor(before: PythonFile, today: PythonFile, alignment: Alignment) {
    this.#before = before;
    this.#today = today;
    this.#alignment = alignment;
  }

  /**
   * The line (from 0) of a loop of the same function that stands around the statement today and did not when it was recorded, or of which the header was edited
   * since; of a jump or an assignment that was written since; of one that was taken away, the line of the statement itself. Null where all is as it was.
   *
   * @param now the index of today's statement
   */
  editedLine({ index, tokens }: RecordedPart, now: number): number | null {
    const recorded = loopsAround(this.#before, index);
    const around = loopsAround(this.#today, now);
    const expected = recorded.map((each) => this.#alignment[each] ?? -1);
    if (expected.length !== around.length || expected.some((each, depth) => each !== around[depth]))
      return this.#lineOf(around.find((each) => !expected.includes(each)) ?? now);
    const added = this.#addedNow.get(this.#today.said(now)?.qualname ?? "") ?? none;
    const removed = this.#removedNow.get(this.#before.said(index)?.qualname ?? "") ?? none;
    if (added.length === 0 && removed.length === 0) return null;
    const jump = jumpThatChanged(
      added.filter(({ loops }) => loops.some((loop) => around.includes(loop))),
      removed.filter(({ loops }) => loops.some((loop) => recorded.includes(loop))),
    );
    if (jump !== null) return this.#lineOf(jump?.index ?? now);
    const read = [spaced(tokens()), ...recorded.map((loop) => readByLoop(this.#before, loop))];
    const assigns = ({ targets }: Change) => targets.some((target) => read.some((text) => reads(text, target)));
    const written = added.find((change) => change.index < now && assigns(change));
    const isEdited = written !== undefined || removed.some((change) => change.index < index && assigns(change));
    return isEdited ? this.#lineOf(written?.index ?? now) : null;
  }

  #lineOf(statement: number): number | null {
    return this.#today.statement(statement)?.header.start.line ?? null;
  }

  get #addedNow(): ReadonlyMap<string, readonly Change[]> {
    if (this.#added === null) {
      const standing = new Uint8Array(this.#today.statementCount);
      for (let index = 0; index < this.#alignment.length; index++) {
        const now = this.#alignment[index] ?? -1;
        if (now >= 0) standing[now] = 1;
      }
      this.#added = changesIn(this.#today, (index) => standing[index] === 0);
    }
    return this.#added;
  }

  /** What cannot be seen behind something half typed is not taken away. */
  get #removedNow(): ReadonlyMap<string, readonly Change[]> {
    this.#removed ??= this.#today.hasErrors
      ? new Map()
      : changesIn(this.#before, (index) => (this.#alignment[index] ?? -1) < 0);
    return this.#removed;
  }
}

/** By the qualified name of the code that runs them. */
function changesIn(file: PythonFile, isChange: (index: number) => boolean): ReadonlyMap<string, readonly Change[]> {
  const changes = new Map<string, Change[]>();
  for (let index = 0; index < file.statementCount; index++) {
    if (!isChange(index)) continue;
    const { kind = "", qualname = "" } = file.said(index) ?? {};
    const targets = kind === "expression" ? targetsOf(file, index) : [];
    const loops = jumps.has(kind) ? loopsAround(file, index) : [];
    if (targets.length === 0 && loops.length === 0) continue;
    const known = changes.get(qualname);
    const change = { index, kind, loops, targets };
    if (known === undefined) changes.set(qualname, [change]);
    else known.push(change);
  }
  return changes;
}

/** A jump that came, where more or fewer of a kind stand there than did; undefined of one that went; null where none did. */
function jumpThatChanged(added: readonly Change[], removed: readonly Change[]): Change | undefined | null {
  for (const kind of jumps) {
    const written = added.filter((each) => each.kind === kind);
    if (written.length !== removed.filter((each) => each.kind === kind).length) return written[0];
  }
  return null;
}

/** `orders`, `self . queryset`; none of an augmented assignment, nor of one to an item. */
function targetsOf(file: PythonFile, index: number): readonly string[] {
  const tokens = file.said(index)?.tokens.map(({ text }) => text) ?? [];
  const value = lastOutside(tokens, "=");
  const targets: string[] = [];
  for (let at = 0; at < value; at++) {
    const token = tokens[at] ?? "";
    if (token === ":") at = tokens.indexOf("=", at);
    else if (token === ".") targets.push(`${targets.pop()} . ${tokens[++at]}`);
    else if (token === "[" || token === "(") return [];
    else if (/^[\p{L}_]/u.test(token)) targets.push(token);
  }
  return targets;
}

/** Outside of all brackets; -1 where there is none. */
function lastOutside(tokens: readonly string[], token: string): number {
  let depth = 0;
  return tokens.findLastIndex((each) => {
    if (each === ")" || each === "]" || each === "}") depth += 1;
    else if (each === "(" || each === "[" || each === "{") depth -= 1;
    return depth === 0 && each === token;
  });
}

/** What decides how many turns a loop takes. */
function readByLoop(file: PythonFile, loop: number): string {
  const tokens = file.said(loop)?.tokens.map(({ text }) => text) ?? [];
  return spaced(tokens.slice(tokens.indexOf("in") + 1));
}

function spaced(tokens: readonly string[]): string {
  return ` ${tokens.join(" ")} `;
}

function reads(read: string, target: string): boolean {
  for (let at = read.indexOf(` ${target} `); at >= 0; at = read.indexOf(` ${target} `, at + 1)) {
    if (read[at - 1] !== "." && !read.startsWith(" = ", at + target.length + 1)) return true;
  }
  return false;
}

/** Innermost first, up to the function or class. What stands in a loop's `else` is run once at most. */
function loopsAround(file: PythonFile, index: number): readonly number[] {
  const enclosing = enclosingStatements(file);
  const own = file.statement(index)?.header.start;
  const holds = (loop: number) => {
    const body = file.statement(loop)?.body ?? null;
    return body === null || own === undefined || comparePositions(own, body.end) < 0;
  };
  const found: number[] = [];
  for (let each = enclosing[index] ?? -1; each >= 0; each = enclosing[each] ?? -1) {
    const kind = file.said(each)?.kind;
    if (kind === "function" || kind === "class") break;
    if ((kind === "for" || kind === "while") && holds(each)) found.push(each);
  }
  return found;
}
