import { findPerRow } from "./perRow.ts";
import type { Rule } from "./rule.ts";

/** A relation that is loaded with a query for every row, and could be loaded with them. */
export const nPlusOne: Rule = {
  code: "n-plus-one",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "n-plus-one",
      concerns: ({ row: { cause } }) => !cause.refined && cause.kind !== "generic_foreign_key",
    }),
};
