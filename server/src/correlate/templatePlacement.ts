import { oneSpaced, type TemplateFile, type TemplateNode } from "../templates/djangoTemplate.ts";
import { containsRange, type Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";
import { type Alignment, align } from "./alignment.ts";
import type { Placement } from "./correlation.ts";

const gone: Placement = { state: "gone" };

/** A site in the text that it was recorded from; the line where no tag of it can be found (a tag library's own syntax). */
export function placeUnchangedTag(site: Site, file: TemplateFile): Placement {
  const line = site.line - 1;
  const range = spanOf(nodesOf(site, file)) ?? lineRange(line, file);
  return range === null ? gone : { state: "fresh", range, statement: range };
}

/** A site in today's text; `alignment` says which of today's tags (by index) is which recorded one. */
export function placeMovedTag(
  site: Site,
  recorded: TemplateFile,
  today: TemplateFile,
  alignment: Alignment,
): Placement {
  const before = nodesOf(site, recorded);
  const indexes = before.map((node) => alignment[recorded.tags.indexOf(node)] ?? -1);
  const stayTogether = indexes.every((index, position) => index === (indexes[0] ?? -1) + position);
  const range = stayTogether ? spanOf(indexes.flatMap((index) => today.tags[index] ?? [])) : null;
  return range === null || indexes.includes(-1) ? gone : { state: "moved", range, statement: range };
}

/** The same as `ComparedPython.editedAround`. */
export function editedAroundTag(
  site: Site,
  recorded: TemplateFile,
  today: TemplateFile,
  alignment: Alignment,
): number | null {
  const [node] = nodesOf(site, recorded);
  const index = node === undefined ? -1 : recorded.tags.indexOf(node);
  const now = alignment[index] ?? -1;
  if (now < 0) return null;
  const expected = loopsAround(recorded, index).map((each) => alignment[each] ?? -1);
  const around = loopsAround(today, now);
  if (expected.length === around.length && expected.every((each, depth) => each === around[depth])) return null;
  const added = around.find((each) => !expected.includes(each)) ?? now;
  return today.tags[added]?.range.start.line ?? null;
}

/** Innermost first. What stands behind `{% empty %}` is run once at most. */
function loopsAround({ tags, around, loops }: TemplateFile, index: number): readonly number[] {
  const found: number[] = [];
  const own = tags[index]?.range;
  for (let each = around[index] ?? -1; each >= 0; each = around[each] ?? -1) {
    if (!/^(?:async\s+)?for\b/.test(tags[each]?.text.trim() ?? "")) continue;
    const empty = loops.find(({ node }) => node === tags[each])?.empty ?? null;
    if (empty === null || own === undefined || !containsRange(empty, own)) found.push(each);
  }
  return found;
}

/** The tag that a site is; all of its line where only the line was recorded, as for Jinja. */
function nodesOf({ line, token }: Site, file: TemplateFile): readonly TemplateNode[] {
  if (token === null) return file.nodesInLine(line - 1);
  const node = file.nodeAtLine(line - 1, token);
  return node === null ? [] : [node];
}

function spanOf(nodes: readonly TemplateNode[]): Range | null {
  const [first] = nodes;
  const last = nodes.at(-1);
  return first === undefined || last === undefined ? null : { start: first.range.start, end: last.range.end };
}

/**
 * Which of today's tags each recorded one is, by its text and what stands around it. What is half typed may hide tags behind it: where an equal of one
 * stands in sight, and another where no tag is read, none of them can be told to be the recorded one.
 */
export function alignTags(recorded: TemplateFile, today: TemplateFile): Alignment {
  const alignment = align(itemsOf(recorded), itemsOf(today));
  const hidden = hiddenTags(today);
  if (hidden.size === 0) return alignment;
  const hiddenBefore = hiddenTags(recorded);
  return alignment.map((index, place) => {
    const text = oneSpaced(recorded.tags[place]?.text ?? "");
    return (hidden.get(text) ?? 0) > (hiddenBefore.get(text) ?? 0) ? null : index;
  });
}

/** How often what looks like each tag stands where none is read: within another, in a comment. */
function hiddenTags({ text, tags }: TemplateFile): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (piece: string, count: number): void => {
    const key = oneSpaced(piece);
    const sum = (counts.get(key) ?? 0) + count;
    if (sum === 0) counts.delete(key);
    else counts.set(key, sum);
  };
  for (const inside of tagsLookedLike(text)) add(inside, 1);
  for (const tag of tags) add(tag.text, -1);
  return counts;
}

/** No tag that people write is longer: where nothing ends what thousands of lines begin, each would be all that follows. */
const longest = 2_000;

/** What stands between each `{{` or `{%` and the first `}}` or `%}` behind it. */
function* tagsLookedLike(text: string): Iterable<string> {
  const ends = text.matchAll(/[%}]\}/g);
  let end = ends.next();
  for (const { index, 1: opening = "" } of text.matchAll(/(?=(\{[{%][-+]?))/g)) {
    const from = index + opening.length;
    while (end.value !== undefined && end.value.index < from) end = ends.next();
    if (end.value === undefined) return;
    if (end.value.index - from <= longest) yield text.slice(from, end.value.index).replace(/[-+]$/, "");
  }
}

function itemsOf({ tags, around }: TemplateFile) {
  return tags.map(({ kind, text }, index) => ({ key: `${kind} ${oneSpaced(text)}`, parent: around[index] ?? -1 }));
}

/** Today's place of the innermost tag around a site's that still stands; null where there is none. */
export function placeAroundTag(
  site: Site,
  recorded: TemplateFile,
  today: TemplateFile,
  alignment: Alignment,
): Range | null {
  const [node] = nodesOf(site, recorded);
  if (node === undefined) return null;
  const { around } = recorded;
  for (let index = around[recorded.tags.indexOf(node)] ?? -1; index >= 0; index = around[index] ?? -1) {
    const now = today.tags[alignment[index] ?? -1];
    if (now !== undefined) return now.range;
  }
  return null;
}

/** The line (from 0) where a tag that was edited or removed should be in today's text, by its nearest neighbour that stands. */
export function tagLineNow(
  site: Site,
  recorded: TemplateFile,
  today: TemplateFile,
  alignment: Alignment,
): number | null {
  const [node] = nodesOf(site, recorded);
  if (node === undefined) return null;
  const own = recorded.tags.indexOf(node);
  for (let step = 1; own - step >= 0 || own + step < recorded.tags.length; step++) {
    for (const index of [own - step, own + step]) {
      const neighbour = recorded.tags[index];
      const now = today.tags[alignment[index] ?? -1];
      if (neighbour === undefined || now === undefined) continue;
      return Math.min(Math.max(now.line + node.line - neighbour.line, 0), today.lines.lineCount - 1);
    }
  }
  return null;
}

function lineRange(line: number, file: TemplateFile) {
  if (line < 0 || line >= file.lines.lineCount) return null;
  const text = file.lines.lineText(line);
  const start = text.length - text.trimStart().length;
  return { start: { line, character: start }, end: { line, character: Math.max(start, text.trimEnd().length) } };
}
