import { oneSpaced, type TemplateFile, type TemplateNode } from "../templates/djangoTemplate.ts";
import type { Site } from "../trace/model.ts";
import { type Alignment, align } from "./alignment.ts";
import type { Placement } from "./correlation.ts";

const gone: Placement = { state: "gone" };

/** A site in the text that it was recorded from; the line where no tag of it can be found (a tag library's own syntax). */
export function placeUnchangedTag(site: Site, file: TemplateFile): Placement {
  const line = site.line - 1;
  const range = file.nodeAtLine(line, site.token)?.range ?? lineRange(line, file);
  return range === null ? gone : { state: "fresh", range, statement: range };
}

/** A site in today's text; `alignment` says which of today's tags (by index) is which recorded one. */
export function placeMovedTag(
  site: Site,
  recorded: TemplateFile,
  today: TemplateFile,
  alignment: Alignment,
): Placement {
  const before = recorded.nodeAtLine(site.line - 1, site.token);
  const now = before === null ? undefined : today.tags[alignment[recorded.tags.indexOf(before)] ?? -1];
  return now === undefined ? gone : { state: "moved", range: now.range, statement: now.range };
}

/** Which of today's tags each recorded one is, by its text, its block and its order. */
export function alignTags(recorded: TemplateFile, today: TemplateFile): Alignment {
  return align(recorded.tags.map(keyOf), today.tags.map(keyOf));
}

function keyOf(node: TemplateNode): string {
  return `${node.block}\n${node.kind} ${oneSpaced(node.text)}`;
}

function lineRange(line: number, file: TemplateFile) {
  if (line < 0 || line >= file.lines.lineCount) return null;
  const text = file.lines.lineText(line);
  const start = text.length - text.trimStart().length;
  return { start: { line, character: start }, end: { line, character: Math.max(start, text.trimEnd().length) } };
}
