import type { TraceReader } from "../trace/model.ts";
import { configured } from "./configured.ts";
import type { Finding } from "./finding.ts";
import { withUniqueIds } from "./identity.ts";
import type { Correlation } from "./ports.ts";
import { type RuleSettings, rules } from "./rules.ts";
import { TraceEvidence } from "./traceEvidence.ts";

const ranks = { error: 0, warning: 1, information: 2, hint: 3 } as const;

/** Everything that the rules find in the trace, the gravest first, then the costliest. Pure: the same trace and texts give the same findings. */
export function analyse(reader: TraceReader, correlator: Correlation, settings: RuleSettings = {}): readonly Finding[] {
  const evidence = new TraceEvidence(reader, correlator);
  const found = rules.flatMap(({ find }) => find(evidence));
  const wanted = withUniqueIds(found).flatMap((finding) => configured(finding, settings) ?? []);
  return wanted.toSorted(
    (a, b) =>
      ranks[a.severity] - ranks[b.severity] ||
      b.evidence.queries - a.evidence.queries ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}
