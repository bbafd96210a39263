import type { Place } from "../correlate/correlation.ts";
import type { Range } from "../text/range.ts";
import type { Site } from "../trace/model.ts";

/** What the rules ask of correlate/: where recorded sites stand in today's texts, and what is written there. */
export interface Correlation {
  place(site: Site): Place;
  /** All recorded sites of a file, from whichever recording. */
  sitesNow(path: string): readonly Place[];
  /** True while the statements of all these sites stand unchanged. */
  isFresh(sites: readonly Site[]): boolean;
  /** True while the whole files of these sites are as they were recorded. */
  isUntouched(sites: readonly Site[]): boolean;
  /** The statement that holds a Python site, in the text that it was recorded from; null where that text is not known. */
  recordedStatement(site: Site): { readonly identity: string } | null;
  /** Today's text as Python; null where it is none or cannot be read. */
  pythonFile(path: string): PythonText | null;
  /** Today's text as a template; null where it is none or cannot be read. */
  templateFile(path: string): TemplateText | null;
}

export interface TemplateText {
  /** The loops around a place, innermost first. */
  loopsAround(range: Range): readonly { readonly openRange: Range; readonly body: Range }[];
}

export interface PythonText {
  /** `qualname` is that of the code that runs it. */
  statementAt(range: Range): { readonly identity: string; readonly qualname: string } | null;
  chainAt(range: Range): WrittenChain | null;
  /** The chains that lie wholly within the range. */
  chainsIn(range: Range): readonly WrittenChain[];
  /** The loops that run the range once in each turn, innermost first; `while` loops left out. */
  turnsAround(range: Range): readonly {
    readonly loop: { readonly range: Range; readonly header: Range };
    readonly isBounded: boolean;
  }[];
  /** Whether the innermost loop around the range is always left behind it. */
  leavesLoop(range: Range): boolean;
  /** The chains that the value of the function of that qualified name is made of; null where it can be anything else, unless `some` will do. */
  returnedChains(qualname: string, some?: boolean): readonly WrittenChain[] | null;
}

/** An outermost chain of calls as it is written: `Order.objects.filter(paid=True).first()`. */
export interface WrittenChain {
  readonly range: Range;
  /** What stands before the first method call, without whitespace: `Order.objects`, `super()`, `self`. */
  readonly root: string;
  /** Where the root is itself a call of a bare name: `get_object_or_404(…)`. */
  readonly rootCall: WrittenCall | null;
  /** The method calls, from left to right. */
  readonly calls: readonly WrittenCall[];
  /** Everything behind the leading name, from left to right. */
  readonly links: readonly WrittenLink[];
  /** The name that all of it is assigned to; null where it is no assignment's whole value. */
  readonly target: { readonly text: string } | null;
}

export type WrittenLink =
  | { readonly kind: "attribute" | "call"; readonly name: string; readonly expression: Range }
  | { readonly kind: "subscript" | "await"; readonly expression: Range };

export interface WrittenCall {
  readonly name: string;
  /** The whole expression up to and with this call. */
  readonly expression: Range;
  readonly arguments: readonly {
    readonly text: string;
    readonly keyword: string | null;
    readonly valueRange: Range;
    /** What a plain string literal means; null for anything else. */
    readonly stringValue: string | null;
  }[];
}
