import { classAt, statementsOf } from "../python/classBody.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Range } from "../text/range.ts";
import type { Site, SiteKind } from "../trace/model.ts";

const kinds: ReadonlySet<SiteKind> = new Set(["view", "model_admin", "inline_admin"]);

/** The site is a class for which Django makes the queryset, as it is written nowhere. */
export function standsForClass({ kind }: Site): boolean {
  return kinds.has(kind);
}

/** What in the class of a view or of the admin decides which rows Django asks for, and how. */
const deciding: ReadonlySet<string> = new Set([
  ...["model", "queryset", "get_queryset"],
  ...["list_display", "get_list_display", "list_select_related", "get_list_select_related"],
]);

/**
 * Whether two states of a class say the same of its queryset. A site that stands for such a class is one line of it, and any of these members
 * would make another queryset of what was recorded there.
 */
export function makesTheSameQueryset(recorded: PythonFile, before: Range, today: PythonFile, now: Range): boolean {
  const saidBefore = said(recorded, before);
  const saidNow = said(today, now);
  return saidBefore !== null && saidNow !== null && saidBefore.join("\0") === saidNow.join("\0");
}

function said(file: PythonFile, range: Range): readonly string[] | null {
  const body = classAt(file, range);
  return body === null ? null : statementsOf(file, body, deciding);
}
