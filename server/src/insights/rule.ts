import type { Finding, RuleCode } from "./finding.ts";
import type { TraceEvidence } from "./traceEvidence.ts";

/** One rule. `find` is pure, and silent about what it cannot read. */
export interface Rule {
  readonly code: RuleCode;
  readonly find: (evidence: TraceEvidence) => readonly Finding[];
}
