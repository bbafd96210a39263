import type { Correlator } from "../correlate/correlator.ts";
import type { Curable } from "../insights/finding.ts";
import type { Importable } from "../python/imports.ts";
import type { TextEdit } from "../text/range.ts";
import type { TraceReader } from "../trace/model.ts";
import type { Effect } from "./effect.ts";
import type { Fix } from "./fix.ts";

export interface FixContext {
  readonly reader: TraceReader;
  readonly correlator: Correlator;
}

/** Names that a file is to know. */
export interface Imports {
  readonly path: string;
  readonly wanted: readonly Importable[];
}

/** What one kind of edit does at one expression. */
export interface Change {
  /** In words, behind a verb of its own: `Add select_related("customer") in shop/views.py`. */
  readonly title: string;
  readonly safety: Fix["safety"];
  /** Those at one position in the order in which they are to stand. */
  readonly edits: readonly TextEdit[];
  /** What its text uses, under the names that {@link importing} gave: added once for all changes of a fix. */
  readonly imports?: readonly Imports[];
  readonly effect: Effect;
  /** It saves no query, but what each brings. */
  readonly keepsCounts?: boolean;
}

/** Why there is no edit, in words for the user. */
export interface Refusal {
  readonly reason: string;
}

/** One kind of edit. Remedies of one kind that change the same expression are given together and become one change. Never throws. */
export interface FixKind<Remedy extends Curable> {
  /** Whether it changes no result. A kind that can tell only from the code says no: "fix all" leaves it alone. */
  readonly isSafe: boolean;
  /** Never one edit with those of other kinds: one may be wanted without the other, or be possible where the other is not. */
  readonly standsAlone?: boolean;
  change(remedies: readonly [Remedy, ...Remedy[]], context: FixContext): Change | Refusal;
  /** What one would like to do, where it cannot be done: `Load customer, items eagerly`. */
  wish(remedies: readonly Remedy[]): string;
}
