import { aggregatePerRow } from "./aggregatePerRow.ts";
import { deferredField } from "./deferredField.ts";
import { filteredPrefetch } from "./filteredPrefetch.ts";
import type { RuleCode, Severity } from "./finding.ts";
import { genericForeignKey } from "./genericForeignKey.ts";
import { getInLoop } from "./getInLoop.ts";
import { nPlusOne } from "./nPlusOne.ts";
import { queryInLoop } from "./queryInLoop.ts";
import type { Rule } from "./rule.ts";
import { unusedEagerLoading } from "./unusedEagerLoading.ts";

export const rules: readonly Rule[] = [
  nPlusOne,
  filteredPrefetch,
  genericForeignKey,
  aggregatePerRow,
  getInLoop,
  queryInLoop,
  deferredField,
  unusedEagerLoading,
];

/** What the project configured; what is left out keeps the rule's own default. */
export interface RuleSettings {
  readonly rules?: RulesTable;
  /** Of those that match a finding's file the last one that says something counts, and counts for more than `rules`. */
  readonly perPath?: readonly { readonly matches: (path: string) => boolean; readonly rules: RulesTable }[];
}

export type RulesTable = Readonly<Partial<Record<RuleCode, RuleSetting>>>;

export interface RuleSetting {
  /** `off` silences the rule. Hints stay hints: a suspicion is never raised. */
  readonly severity?: Severity | "off";
  /** Findings of fewer queries in their costliest scope are left out. */
  readonly minQueries?: number;
}
