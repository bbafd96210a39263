import type { Part, Place, TextSource } from "../correlate/correlation.ts";
import type { Fix, FixResult } from "../fixes/fix.ts";
import type { Finding } from "../insights/finding.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import type { Position, Range } from "../text/range.ts";
import type { RecordedFile, Site, TraceReader } from "../trace/model.ts";

/**
 * One recorded project as the features see it. They do no IO and know neither LSP nor the store's tables; paths are
 * relative to the project and POSIX, positions are LSP's.
 */
export interface Project {
  /** The folder's name, for people. */
  readonly name: string;
  readonly reader: TraceReader;
  readonly correlator: Correlation;
  readonly texts: TextSource;
  /** Of today's trace and texts; computed once for both. */
  findings(): readonly Finding[];
  /** The same findings, each with the places of the texts in which it was found: the same list until others are found, whatever is typed meanwhile. */
  asFound(): readonly Finding[];
  /** Where a place of a finding in `asFound` stands now. */
  placeNow(place: Place): Place;
  /** What reading alone tells of the open files' code that no test ran. */
  staticFindings(): readonly StaticFinding[];
  /** One edit for those that share a queryset. */
  staticFixFor(findings: readonly StaticFinding[]): FixResult;
  /** One edit for findings that share a queryset. */
  fixFor(findings: readonly Finding[]): FixResult;
  /** The other ways to cure a finding, each an edit of its own. */
  alternativesFor(finding: Finding): readonly Fix[];
  /** Has a test keep the number of queries of this scope. */
  guardFor(scopeId: number): FixResult;
  /** What verified fixes changed in a file as it reads now: by where a statement starts (`positionKey`). */
  measuredBefore(path: string): ReadonlyMap<string, MeasuredBefore>;
}

/** Queries before a fix, and after it: the former may be told only while the latter still holds. */
export interface MeasuredBefore {
  readonly before: number;
  readonly after: number;
}

export function positionKey({ line, character }: Position): string {
  return `${line}:${character}`;
}

/** What features ask of correlate/. */
export interface Correlation {
  place(site: Site): Place;
  /** All recorded sites of a file, each where it stands now. */
  sitesNow(path: string): readonly Place[];
  /** The same part by part, in the order of their lines; a part in which no site stands is left out. */
  partsNow(path: string): readonly Part[];
  /** Today's place of the innermost statement or tag that stood around a site and still stands: where to look for what became of it. */
  around(site: Site): Range | null;
  /** The line (from 1) of a site today; of one whose statement was edited or removed, about where that was. */
  lineNow(site: Site): number;
  /** As last recorded; null for a file of which nothing was. */
  languageOf(path: string): RecordedFile["language"] | null;
  /** True while the statements of all these sites stand unchanged. */
  isFresh(sites: readonly Site[]): boolean;
  /** See Correlator. */
  editedAround(site: Site): number | null;
  /** Today's text read as Python, whatever it is; null where it cannot be read. */
  pythonFile(path: string): PythonOutline | null;
  templateFile(path: string): TemplateOutline | null;
}

export interface PythonOutline {
  readonly loops: readonly PythonLoop[];
  /** Whether a comment may stand at the end of a line (from 0). */
  takesComment(line: number): boolean;
  /** Classes and functions, decorators included, in document order. */
  readonly definitions: readonly { readonly kind: "class" | "function"; readonly range: Range }[];
  /** The statement whose header holds the range, else the innermost one around it. */
  statementAt(range: Range): { readonly range: Range } | null;
}

export interface PythonLoop {
  readonly range: Range;
  readonly header: Range;
  /** What runs in each turn; it ends before `else`. */
  readonly body: Range;
  /** Where a lens stands. */
  readonly lens: Range;
  /** What is iterated over, evaluated once in each run; null for `while`. */
  readonly iterable: Range | null;
  /** The statement that holds it: itself, but for comprehensions and generators. */
  readonly statement: { readonly range: Range };
}

export interface TemplateOutline {
  readonly loops: readonly TemplateLoop[];
}

export interface TemplateLoop {
  /** From its opening to its closing tag, both included. */
  readonly range: Range;
  readonly openRange: Range;
  /** From `{% empty %}` on; null where there is none. */
  readonly empty: Range | null;
  /** Nothing closes it: what follows may be none of its body. */
  readonly isOpen: boolean;
}
