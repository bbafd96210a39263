import { isAggregate } from "./aggregatePerRow.ts";
import { findPerRow } from "./perRow.ts";
import type { Rule } from "./rule.ts";

/** Related rows that are filtered, ordered or cut with a query for every row: a plain prefetch would not serve them, or one that is there is defeated. */
export const filteredPrefetch: Rule = {
  code: "filtered-prefetch",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "filtered-prefetch",
      concerns: ({ row: { cause } }) => cause.refined && !isAggregate(cause.api),
    }),
};
