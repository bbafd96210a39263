import { plainApi } from "./message.ts";
import { findPerRow } from "./perRow.ts";
import type { Rule } from "./rule.ts";

const aggregates: ReadonlySet<string> = new Set(["count", "exists", "aggregate"]);

/** Related rows that are counted, added up or asked for with a query for every row. */
export const aggregatePerRow: Rule = {
  code: "aggregate-per-row",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "aggregate-per-row",
      concerns: ({ row: { cause } }) => cause.refined && isAggregate(cause.api),
    }),
};

/** @param api as the recorder names it */
export function isAggregate(api: string | null): boolean {
  return aggregates.has(plainApi(api));
}
