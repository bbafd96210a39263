import type { ParsedBlock } from "../python/parsedBlock.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { below, comparePositions, type Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";
import type { ComparedPython } from "./comparedPython.ts";
import type { LocatedSite, Part, PartContents, PartLoop, Placement, StandingSite } from "./correlation.ts";
import { ownStatement } from "./pythonPlacement.ts";

/** The sites of one recorded text. */
export interface RecordedSites {
  readonly sites: readonly Site[];
  /** For each of them its place among all that were recorded under the file's name. */
  readonly orders: readonly number[];
  /** Beside today's; null where the text is today's. */
  readonly compared: ComparedPython | null;
  place(site: Site): Placement;
  /** See `Correlator.around`. */
  around(site: Site): Range | null;
}

interface Sites {
  readonly standing: readonly StandingSite[];
  readonly located: readonly LocatedSite[];
}

interface GrowingSites {
  readonly standing: StandingSite[];
  readonly located: LocatedSite[];
}

/** The sites of one block of a recorded text. */
interface BlockSites {
  readonly block: number;
  readonly sites: readonly Site[];
  readonly orders: readonly number[];
  /** What they are wherever the whole block stands. */
  whole: Sites | null;
}

/**
 * Puts a file's parts together at each key that is typed. What stands in a block that was not edited is the same object as at the last key, however
 * far the block was moved: so is all that others keep by it.
 */
export class PartsOfFile {
  readonly #last = new WeakMap<ParsedBlock, { readonly from: readonly Sites[]; readonly contents: PartContents }>();
  readonly #grouped = new WeakMap<
    readonly Site[],
    { readonly before: PythonFile; readonly groups: readonly BlockSites[] }
  >();

  /** @returns in the order of their lines; a block in which no site stands has none */
  of(today: PythonFile, recorded: readonly RecordedSites[]): readonly Part[] {
    const blocks: Sites[][] = [];
    const loose: GrowingSites[] = [];
    for (const each of recorded) {
      const { compared } = each;
      if (compared === null) {
        for (const [index, site] of each.sites.entries()) addSite(loose, today, each, site, each.orders[index] ?? 0);
        continue;
      }
      for (const group of this.#groupsOf(each, compared.before)) {
        const now = compared.standingAs(group.block);
        if (now < 0) {
          for (const [index, site] of group.sites.entries())
            addSite(loose, today, each, site, group.orders[index] ?? 0);
          continue;
        }
        group.whole ??= wholeBlock(group, each, today.lineOfBlock(now));
        add(blocks, now, group.whole);
      }
    }
    for (const [block, sites] of loose.entries()) if (sites !== undefined) add(blocks, block, sites);
    const parts: Part[] = [];
    for (const [index, sites] of blocks.entries()) {
      const block = today.blocks[index];
      if (sites === undefined || block === undefined) continue;
      parts.push({ line: today.lineOfBlock(index), contents: this.#contentsOf(block, sites) });
    }
    return parts;
  }

  #contentsOf(block: ParsedBlock, from: readonly Sites[]): PartContents {
    const last = this.#last.get(block);
    const isSame = from.length === last?.from.length && from.every((each, index) => each === last.from[index]);
    if (last !== undefined && isSame) return last.contents;
    const made: PartContents = {
      language: "python",
      loops: loopsOf(block),
      definitions: block.definitions,
      ...merged(from),
    };
    const contents = last !== undefined && isEqual(last.contents, made) ? last.contents : made;
    this.#last.set(block, { from, contents });
    return contents;
  }

  #groupsOf({ sites, orders }: RecordedSites, before: PythonFile): readonly BlockSites[] {
    const known = this.#grouped.get(sites);
    if (known?.before === before) return known.groups;
    const groups = new Map<number, BlockSites & { readonly sites: Site[]; readonly orders: number[] }>();
    for (const [index, site] of sites.entries()) {
      const block = ownStatement(site, before)?.block;
      if (block === undefined) continue;
      const group = groups.get(block) ?? { block, sites: [], orders: [], whole: null };
      group.sites.push(site);
      group.orders.push(orders[index] ?? 0);
      groups.set(block, group);
    }
    this.#grouped.set(sites, { before, groups: [...groups.values()] });
    return [...groups.values()];
  }
}

/** On the block's own lines. */
function loopsOf(block: ParsedBlock): readonly PartLoop[] {
  let loops = loopsByBlock.get(block);
  if (loops === undefined) {
    loops = block.loops.map((loop) => ({ ...loop, statement: block.ranges(loop.statement) }));
    loopsByBlock.set(block, loops);
  }
  return loops;
}

const loopsByBlock = new WeakMap<ParsedBlock, readonly PartLoop[]>();

function add(blocks: Sites[][], block: number, sites: Sites): void {
  const known = blocks[block];
  if (known === undefined) blocks[block] = [sites];
  else known.push(sites);
}

/** Of a text of which the parts are not read by themselves. */
export function wholeFile(
  outline: PartContents extends infer Contents
    ? Contents extends PartContents
      ? Omit<Contents, "standing" | "located">
      : never
    : never,
  recorded: readonly RecordedSites[],
): Part {
  const found = recorded.map(({ sites, orders, place, around }) => {
    const own: GrowingSites = { standing: [], located: [] };
    for (const [index, site] of sites.entries()) {
      const { standing, located } = whereabouts(site, orders[index] ?? 0, place(site), around);
      if (standing !== null) own.standing.push(standing);
      if (located !== null) own.located.push(located);
    }
    return own;
  });
  return { line: 0, contents: { ...outline, ...merged(found) } };
}

/** @param line where the block begins today */
function wholeBlock({ sites, orders }: BlockSites, { place, around }: RecordedSites, line: number): Sites {
  const found: GrowingSites = { standing: [], located: [] };
  for (const [index, site] of sites.entries()) {
    const { standing, located } = whereabouts(site, orders[index] ?? 0, place(site), around);
    if (standing !== null) found.standing.push(standingBelow(standing, -line));
    if (located !== null) found.located.push({ ...located, at: below(located.at, -line) });
  }
  return found;
}

/** Into the blocks of today's text in which it stands; what it is located by may be in another. */
function addSite(blocks: GrowingSites[], today: PythonFile, recorded: RecordedSites, site: Site, order: number): void {
  const { standing, located } = whereabouts(site, order, recorded.place(site), recorded.around);
  const sitesAt = ({ start }: Range) => {
    const block = today.blockOfLine(start.line);
    const sites = blocks[block] ?? { standing: [], located: [] };
    blocks[block] = sites;
    return { sites, line: today.lineOfBlock(block) };
  };
  if (standing !== null) {
    const { sites, line } = sitesAt(standing.statement);
    sites.standing.push(standingBelow(standing, -line));
  }
  if (located !== null) {
    const { sites, line } = sitesAt(located.at);
    sites.located.push({ ...located, at: below(located.at, -line) });
  }
}

function whereabouts(site: Site, order: number, placement: Placement, around: (site: Site) => Range | null) {
  const isGone = placement.state === "gone";
  const at = isGone || placement.hidden ? around(site) : placement.range;
  return {
    standing:
      isGone || placement.hidesLoop ? null : { site, order, range: placement.range, statement: placement.statement },
    located: at === null ? null : { site, order, at, isGone },
  };
}

function standingBelow({ site, order, range, statement }: StandingSite, lines: number): StandingSite {
  return { site, order, range: below(range, lines), statement: below(statement, lines) };
}

function merged(from: readonly Sites[]): Sites {
  return {
    standing: from.flatMap(({ standing }) => standing).sort((a, b) => a.order - b.order),
    located: from
      .flatMap(({ located }) => located)
      .sort((a, b) => comparePositions(a.at.start, b.at.start) || a.order - b.order),
  };
}

function isEqual(one: PartContents, other: PartContents): boolean {
  return (
    one.loops === other.loops &&
    one.standing.length === other.standing.length &&
    one.located.length === other.located.length &&
    one.standing.every((each, index) => {
      const that = other.standing[index] as StandingSite;
      return each.site === that.site && isSame(each.range, that.range) && isSame(each.statement, that.statement);
    }) &&
    one.located.every((each, index) => {
      const that = other.located[index] as LocatedSite;
      return each.site === that.site && each.isGone === that.isGone && isSame(each.at, that.at);
    })
  );
}

function isSame(one: Range, other: Range): boolean {
  return comparePositions(one.start, other.start) === 0 && comparePositions(one.end, other.end) === 0;
}
