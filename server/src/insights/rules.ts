import { aggregatePerRow } from "./aggregatePerRow.ts";
import { filteredPrefetch } from "./filteredPrefetch.ts";
import type { RuleCode, Severity } from "./finding.ts";
import { nPlusOne } from "./nPlusOne.ts";
import type { Rule } from "./rule.ts";

export const rules: readonly Rule[] = [nPlusOne, filteredPrefetch, aggregatePerRow];

/** What the project configured; what is left out keeps the rule's own default. */
export interface RuleSettings {
  /** By rule; `off` silences it. Hints stay hints: a suspicion is never raised. */
  readonly severities?: Readonly<Partial<Record<RuleCode, Severity | "off">>>;
}
