import type { TextEdit } from "../text/range.ts";

export type Action = QuickFix | WithheldFix;

/** One edit (one undo) that cures all its findings. */
export interface QuickFix {
  readonly kind: "fix";
  readonly title: string;
  readonly findingIds: readonly string[];
  readonly edits: readonly TextEdit[];
  /** The best there is, and safe: what a single keypress may apply. */
  readonly preferred: boolean;
  /** It changes what is executed, so the tests can tell whether it is right. */
  readonly verifiable: boolean;
  /** It saves no query, but what each brings. */
  readonly keepsCounts?: boolean;
}

/** What to do by hand, and why no edit is offered. */
export interface WithheldFix {
  readonly kind: "withheld";
  readonly title: string;
  readonly findingIds: readonly string[];
  readonly reason: string;
  /** The code was edited since the recording: running its tests again will tell. */
  readonly stale: boolean;
}
