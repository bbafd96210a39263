import { type CodeAction, CodeActionKind, type CodeActionParams, CodeActionTriggerKind } from "vscode-languageserver";
import { codeActions } from "../features/codeAction.ts";
import { guardAction } from "../features/guardAction.ts";
import { staticActions } from "../features/staticActions.ts";
import type { ClientAbilities } from "./clientAbilities.ts";
import { type Addresses, source, toCodeActions, toRefactoring } from "./convert.ts";
import type { FileInProject } from "./sessions.ts";

export const codeActionKinds: readonly CodeActionKind[] = [CodeActionKind.QuickFix, CodeActionKind.Refactor];

/** Whether there can be anything of ours in what is asked for. */
export function wantsOurs({ context: { only } }: CodeActionParams): boolean {
  return codeActionKinds.some((kind) => wants(kind, only));
}

/** The fixes; and the guard, which takes a look at the tests, only where a person opened the menu. */
export function answerCodeActions(
  { session: { project }, path }: FileInProject,
  { range, context: { only, diagnostics, triggerKind } }: CodeActionParams,
  abilities: ClientAbilities,
  addresses: Addresses,
): CodeAction[] {
  const ours = diagnostics.filter((diagnostic) => diagnostic.source === source);
  const named = ours.flatMap(({ data }) => findingIdIn(data) ?? []);
  const fixes = wants(CodeActionKind.QuickFix, only)
    ? [...codeActions(project, path, range, named), ...staticActions(project, path, range, named)]
    : [];
  const isAsked = only !== undefined || triggerKind !== CodeActionTriggerKind.Automatic;
  const guard = isAsked && wants(CodeActionKind.Refactor, only) ? guardAction(project, path, range) : null;
  return [
    ...fixes.flatMap((action) => {
      const cured = ours.filter(({ data }) => action.findingIds.includes(findingIdIn(data) ?? ""));
      return toCodeActions(action, cured, abilities, addresses);
    }),
    ...(guard === null ? [] : [toRefactoring(guard, abilities, addresses)]),
  ];
}

/** A kind is asked for by its name or by one above it: `""`, `refactor` for `refactor.extract`. */
function wants(kind: CodeActionKind, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((asked) => asked === "" || asked === kind || kind.startsWith(`${asked}.`));
}

/** A client may hand back a diagnostic of an older server, or without its data. */
function findingIdIn(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("findingId" in data)) return null;
  return typeof data.findingId === "string" ? data.findingId : null;
}
