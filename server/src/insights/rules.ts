import type { TraceReader } from "../trace/model.ts";
import type { Finding, RuleCode, Severity } from "./finding.ts";
import { findNPlusOne } from "./nPlusOne.ts";
import type { Correlation } from "./ports.ts";

/** One rule. `find` is pure, and silent about what it cannot read. */
export interface Rule {
  readonly code: RuleCode;
  readonly find: (reader: TraceReader, correlator: Correlation) => readonly Finding[];
}

export const rules: readonly Rule[] = [{ code: "n-plus-one", find: findNPlusOne }];

/** What the project configured; what is left out keeps the rule's own default. */
export interface RuleSettings {
  /** By rule; `off` silences it. Hints stay hints: a suspicion is never raised. */
  readonly severities?: Readonly<Partial<Record<RuleCode, Severity | "off">>>;
}
