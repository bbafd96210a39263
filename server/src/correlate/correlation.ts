import type { DefinitionFacts } from "../python/definitions.ts";
import type { LoopFacts } from "../python/loops.ts";
import type { TemplateLoop } from "../templates/djangoTemplate.ts";
import type { Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";

/**
 * Where a recorded site stands in today's text.
 *
 * - `fresh`: the statement that holds it is unchanged (the whole file is, or the statement's identity matched).
 * - `moved`: found by identity in a changed file; the statement itself stands unchanged.
 * - `gone`: its statement was edited or removed; nothing may be shown on a line for it.
 *
 * `hidden`: what is half typed before it hides it from the parser. Its lines stand where they are said to, but what seems to stand around them today (a
 * loop above, of which the body never ends) says nothing: only what stood around them when they were recorded does.
 */
export type Placement =
  | {
      readonly state: "fresh" | "moved";
      readonly range: Range;
      readonly statement: Range;
      readonly hidden?: true;
      /** Its statement is a loop, or holds one, that cannot be seen today: what was asked at the site alone is not what a reader takes its number for. */
      readonly hidesLoop?: true;
    }
  | { readonly state: "gone" };

/** A site with the place it has now; `path` is relative to the project and POSIX, and that of today, should the file have another name. */
export interface Place {
  readonly site: Site;
  readonly path: string;
  readonly placement: Placement;
}

/** A stretch of today's text that is read by itself, and what was recorded in it. A template is one, a Python text has many (python/blocks.ts). */
export interface Part {
  /** Where it begins, from 0: all that it contains counts its lines from there. */
  readonly line: number;
  /** The same object while neither its text nor what stands in it changed, wherever the part stands. */
  readonly contents: PartContents;
}

export type PartContents = {
  /** By `order`; those that are gone are left out, and those of loops that are hidden. */
  readonly standing: readonly StandingSite[];
  /** By where they are located. */
  readonly located: readonly LocatedSite[];
} & (
  | {
      readonly language: "python";
      readonly loops: readonly PartLoop[];
      /** In document order. */
      readonly definitions: readonly Pick<DefinitionFacts, "kind" | "range">[];
    }
  | { readonly language: "template"; readonly loops: readonly TemplateLoop[] }
);

export type PartLoop = LoopFacts & { readonly statement: { readonly range: Range } };

export interface StandingSite {
  readonly site: Site;
  /** Among all sites of the file, as the store has them. */
  readonly order: number;
  readonly range: Range;
  readonly statement: Range;
}

/** A site in the text of now, for asking which loops it stands in. */
export interface LocatedSite {
  readonly site: Site;
  readonly order: number;
  /** Where it stands; of one whose statement was edited or is hidden, the statement around it that still stands. */
  readonly at: Range;
  readonly isGone: boolean;
}

/** Today's texts: open buffers first, then the files on disk. Never reads outside the project; null where there is nothing to read. */
export interface TextSource {
  read(path: string): string | null;
  /** Grows whenever what was read of any path may be another text now; where it is missing, each text is compared each time. */
  readonly version?: number;
}

/** Recorded files that stand under another name today. */
export interface MovedFiles {
  /** Today's path of a recorded one: the same, but for a file that is gone while its contents stand elsewhere. */
  now(path: string): string;
  /** The recorded paths of what stands at today's path. */
  before(path: string): readonly string[];
}

/** Every file has the name that it had. */
export const unmoved: MovedFiles = { now: (path) => path, before: (path) => [path] };
