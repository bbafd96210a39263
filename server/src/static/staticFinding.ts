import type { Place } from "../correlate/correlation.ts";
import type { Advice, EagerLoad, RuleCode } from "../insights/finding.ts";

/**
 * What reading alone tells of code that no recording shows: always a hint. It has the shape of a recorded finding as far as there is no evidence;
 * its places' sites are made up (`id` is -1).
 */
export interface StaticFinding {
  readonly id: string;
  readonly rule: RuleCode;
  readonly message: string;
  /** The expression that would load, row by row. */
  readonly at: Place;
  readonly fires: readonly Place[];
  /** The queryset that gives the rows; null where it is not written at one place. */
  readonly queryset: Place | null;
  /** The header of the loop. */
  readonly loop: Place;
  /** All of each loop that asks: where a test ran one of them, its recording tells. */
  readonly loops: readonly Place[];
  readonly remedy: EagerLoad | Advice;
}
