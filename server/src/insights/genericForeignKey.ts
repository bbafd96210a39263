import { findPerRow } from "./perRow.ts";
import type { Rule } from "./rule.ts";

/** What a generic foreign key points at, loaded with a query for every row: Django joins none, and prefetches a query for each model. */
export const genericForeignKey: Rule = {
  code: "generic-foreign-key",
  find: (evidence) =>
    findPerRow(evidence, {
      code: "generic-foreign-key",
      concerns: ({ row }) => row.cause.kind === "generic_foreign_key",
    }),
};
