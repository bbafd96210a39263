import type { PythonFile } from "../python/pythonFile.ts";
import type { Site } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import type { Placement } from "./correlation.ts";
import { FlowAround } from "./flowAround.ts";
import { type OwnStatement, ownStatement, placeMoved, placeStanding } from "./pythonPlacement.ts";
import { isSameBlock } from "./scopeTree.ts";
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
  readonly #flow: FlowAround;

  constructor(before: PythonFile, today: PythonFile) {
    this.before = before;
    this.today = today;
    this.alignment = alignStatements(before, today);
    this.#standing = standingBlocks(before, today, this.alignment);
    this.#flow = new FlowAround(before, today, this.alignment);
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

  /** See FlowAround.editedLine; null of a site that is gone. */
  editedAround(site: Site): number | null {
    const own = ownStatement(site, this.before);
    if (own === null || this.standingAs(own.block) >= 0) return null;
    const now = this.alignment[own.index] ?? -1;
    return now < 0 ? null : this.#flow.editedLine({ index: own.index, tokens: () => readTokens(own) }, now);
  }

  /** Today's block that a recorded one is; -1 where something in it was edited, or cannot be told from something else. */
  standingAs(block: number): number {
    return this.#standing[block] ?? -1;
  }
}

/** Those of the site; of its whole statement where its columns are not known. */
function readTokens({ recorded, before, range }: OwnStatement): readonly string[] {
  const start = range === null ? 0 : recorded.lines.offsetAt(range.start);
  const end = range === null ? Number.POSITIVE_INFINITY : recorded.lines.offsetAt(range.end);
  return before.tokens.filter((token) => token.end > start && token.start < end).map(({ text }) => text);
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
