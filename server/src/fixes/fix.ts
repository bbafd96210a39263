import type { TextEdit } from "../text/range.ts";

export interface Fix {
  readonly title: string;
  /** `safe`: changes no result; only these are applied by "fix all". */
  readonly safety: "safe" | "changes-behaviour";
  /** It saves no query, but what each brings: as many run as before. */
  readonly keepsCounts?: boolean;
  /** Never overlapping; sorted by file, then position. Includes the count assertions that would fail only because the count fell. */
  readonly edits: readonly TextEdit[];
}

/** No edit can be made; `reason` is shown to the user and says what to do by hand. */
export interface Withheld {
  readonly reason: string;
}

export type FixResult = { readonly ok: true; readonly fix: Fix } | { readonly ok: false; readonly withheld: Withheld };
