import type { PythonFile } from "../python/pythonFile.ts";
import { comparePositions } from "../text/range.ts";
import type { Site } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import type { Placement } from "./correlation.ts";
import { ownStatement, placeMoved, placeStanding } from "./pythonPlacement.ts";
import { enclosingStatements, isSameBlock } from "./scopeTree.ts";
import { alignStatements } from "./statementAlignment.ts";

const gone: Placement = { state: "gone" };

/** A recorded Python text beside today's. While somebody types, nearly all blocks of the one stand in the other: their sites are placed with them. */
export class ComparedPython {
  readonly kind = "python";
  readonly before: PythonFile;
  readonly today: PythonFile;
  /** Of recorded statements to today's, both by their index. */
  readonly alignment: Alignment;
  /** For each recorded block the one of today that it is, statement by statement; -1 where there is none. */
  readonly #standing: Int32Array;

  constructor(before: PythonFile, today: PythonFile) {
    this.before = before;
    this.today = today;
    this.alignment = alignStatements(before, today);
    this.#standing = standingBlocks(before, today, this.alignment);
  }

  place(site: Site): Placement {
    const own = ownStatement(site, this.before);
    if (own === null) return gone;
    const now = this.standingAs(own.block);
    if (now < 0) return placeMoved(site, this.before, this.today, this.alignment);
    return placeStanding(own, site, this.today.lineOfBlock(now) - this.before.lineOfBlock(own.block));
  }

  /** Whether `place` finds it. */
  finds(site: Site): boolean {
    const own = ownStatement(site, this.before);
    if (own === null) return false;
    const isWhole = this.standingAs(own.block) >= 0 && own.unmoved !== null;
    return (isWhole ? own.unmoved : this.place(site))?.state !== "gone";
  }

  /**
   * The line (from 0) of a loop of the same function that stands around a site today and did not when it was recorded, or of which the header was edited
   * since; of a loop that was taken away, the line of the site's own statement. Null where the loops around it are those that were.
   */
  editedAround(site: Site): number | null {
    const own = ownStatement(site, this.before);
    if (own === null || this.standingAs(own.block) >= 0) return null;
    const now = this.alignment[own.index] ?? -1;
    return now < 0 ? null : editedAround(this, own.index, now);
  }

  /** Today's block that a recorded one is; -1 where something in it was edited, or cannot be told from something else. */
  standingAs(block: number): number {
    return this.#standing[block] ?? -1;
  }
}

function editedAround({ before, today, alignment }: ComparedPython, index: number, now: number): number | null {
  const recorded = loopsAround(before, index);
  const around = loopsAround(today, now);
  const expected = recorded.map((each) => alignment[each] ?? -1);
  if (expected.length === around.length && expected.every((each, depth) => each === around[depth])) return null;
  const added = around.find((each) => !expected.includes(each)) ?? now;
  return today.statement(added)?.header.start.line ?? null;
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

function standingBlocks(before: PythonFile, today: PythonFile, alignment: Alignment): Int32Array {
  return Int32Array.from(before.blocks, (block, index) => {
    const first = before.firstStatement(index);
    const firstNow = alignment[first] ?? -1;
    const now = first < before.statementCount ? today.blockOfStatement(firstNow) : -1;
    const other = today.blocks[now];
    if (other === undefined || today.firstStatement(now) !== firstNow || !isSameBlock(block, other)) return -1;
    for (let step = 1; step < block.statements.length; step++) {
      if (alignment[first + step] !== firstNow + step) return -1;
    }
    return now;
  });
}
