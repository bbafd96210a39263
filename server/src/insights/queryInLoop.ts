import { isGet } from "./getInLoop.ts";
import { findLoopQueries, isWrittenWithin, type LoopQuery, oneOf } from "./loopQueries.ts";
import { plainApi } from "./message.ts";
import type { Rule } from "./rule.ts";
import { modelWords, plural } from "./words.ts";

/** A query that a loop asks in each of its turns for something else: a filter, a check, a count, raw SQL, in a property, template tag or permission check. */
export const queryInLoop: Rule = {
  code: "query-in-loop",
  find: (evidence) =>
    findLoopQueries(evidence, {
      code: "query-in-loop",
      concerns: (query) => !isGet(query) && !isWrittenWithin(evidence, query),
      verb: verbOf,
      remedy: (_evidence, [query]) => ({ kind: "advice", text: query === undefined ? "" : adviceFor(query) }),
    }),
};

function verbOf(query: LoopQuery): string {
  const { kind, api, target, model } = query.row.cause;
  if (kind !== "queryset") return "runs SQL";
  const many = plural(modelWords(target ?? model));
  switch (plainApi(api)) {
    case "count":
      return `counts ${many}`;
    case "exists":
    case "contains":
      return `asks whether there are ${many}`;
    case "aggregate":
      return `adds up ${many}`;
    case "first":
    case "last":
    case "latest":
    case "earliest":
      return `looks up ${oneOf(query)}`;
    default:
      return `loads ${many}`;
  }
}

function adviceFor({ row }: LoopQuery): string {
  const { kind, api, target, model } = row.cause;
  if (kind !== "queryset")
    return "Ask for all of them with one statement before the loop, and keep the answer in a dict.";
  const many = plural(modelWords(target ?? model));
  switch (plainApi(api)) {
    case "count":
    case "aggregate":
      return `Ask once before the loop: filter(…__in=…).values(…).annotate(…) gives the number for each, to keep in a dict.`;
    case "exists":
    case "contains":
      return `Ask once before the loop: filter(…__in=…).values_list(…, flat=True) gives the values for which there are ${many}, to keep in a set.`;
    default:
      return `Load the ${many} of all turns before the loop, with filter(…__in=…), and keep them in a dict.`;
  }
}
