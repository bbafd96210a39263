import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type Diagnostic,
  DiagnosticSeverity,
  type Hover,
  InlayHintKind,
  type InlayHint as LspInlayHint,
  MarkupKind,
  TextDocumentEdit,
  TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { QuickFix, WithheldFix } from "../features/action.ts";
import type { Lens } from "../features/codeLens.ts";
import type { Diagnostic as FeatureDiagnostic } from "../features/diagnostics.ts";
import { renderMarkdown, renderPlainText } from "../features/document.ts";
import type { GuardAction } from "../features/guardAction.ts";
import type { Hover as FeatureHover } from "../features/hover.ts";
import type { InlayHint } from "../features/inlayHint.ts";
import type { Severity } from "../insights/finding.ts";
import { commandNames, type FindingsArgument, type ShowArgument } from "../protocol.ts";
import type { TextEdit as ProjectEdit } from "../text/range.ts";
import type { ClientAbilities } from "./clientAbilities.ts";

/** From editor terms to LSP's. A project's paths become addresses here, and nowhere before. */
export interface Addresses {
  uriOf(path: string): string;
  /** Of an open document; null for one that is not open. */
  versionOf(path: string): number | null;
}

/** For one answer: thousands of lenses lead to few files. */
export function remembering({ uriOf, versionOf }: Addresses): Addresses {
  const uris = new Map<string, string>();
  return {
    versionOf,
    uriOf: (path) => {
      const uri = uris.get(path) ?? uriOf(path);
      uris.set(path, uri);
      return uri;
    },
  };
}

export const source = "querysight";

/** A lens without a command id shows as text in every client. What was made of the same lens before is taken again while it leads to the same places. */
export function toCodeLens(lens: Lens, abilities: ClientAbilities, { uriOf }: Addresses): CodeLens {
  const { range, title } = lens;
  const known = converted.get(lens);
  if (!abilities.commands) {
    const made = known ?? { range, command: { title, command: "" } };
    if (known === undefined) converted.set(lens, made);
    return made;
  }
  const { places, findingIds } = lens;
  const uris = places.map(({ place }) => uriOf(place.path));
  const before = known === undefined ? undefined : convertedFrom.get(known);
  if (known !== undefined && before?.places === places && uris.every((uri, index) => uri === before.uris[index])) {
    return known;
  }
  const argument: ShowArgument = {
    title,
    places: places.flatMap(({ place: { path, placement }, label }, index) => {
      if (placement.state === "gone") return [];
      const description = `${path}:${placement.range.start.line + 1}`;
      return [{ uri: uris[index] ?? "", range: placement.range, label, description }];
    }),
    findings: findingIds.length === 0 ? null : { project: uriOf(""), findingIds },
  };
  const made = { range, command: { title, command: commandNames.show, arguments: [argument] } };
  converted.set(lens, made);
  convertedFrom.set(made, { places, uris });
  return made;
}

const converted = new WeakMap<Lens, CodeLens>();
const convertedFrom = new WeakMap<CodeLens, { readonly places: Lens["places"]; readonly uris: readonly string[] }>();

export function toHover({ range, blocks }: FeatureHover, abilities: ClientAbilities): Hover {
  const contents = abilities.markdownHover
    ? { kind: MarkupKind.Markdown, value: renderMarkdown(blocks) }
    : { kind: MarkupKind.PlainText, value: renderPlainText(blocks) };
  return { range, contents };
}

export function toInlayHint({ position, label }: InlayHint): LspInlayHint {
  return { position, label, kind: InlayHintKind.Type, paddingLeft: true };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function toDiagnostic(
  diagnostic: FeatureDiagnostic,
  abilities: ClientAbilities,
  { uriOf }: Addresses,
): Diagnostic {
  const { range, severity, code, message, data, related } = diagnostic;
  const converted: Diagnostic = { range, severity: severities[severity], code, source, message, data };
  if (!abilities.relatedInformation || related.length === 0) return converted;
  return {
    ...converted,
    relatedInformation: related.map(({ path, range, message }) => ({ location: { uri: uriOf(path), range }, message })),
  };
}

/** An edit by itself, then the same with its tests; where an edit came between, the tests alone. */
export function toCodeActions(
  action: QuickFix | WithheldFix,
  diagnostics: readonly Diagnostic[],
  abilities: ClientAbilities,
  addresses: Addresses,
): readonly CodeAction[] {
  const { title, findingIds } = action;
  const common = { kind: CodeActionKind.QuickFix, diagnostics: [...diagnostics] };
  const argument: FindingsArgument = { project: addresses.uriOf(""), findingIds, title };
  const run = (title: string, command: string): readonly CodeAction[] =>
    abilities.commands ? [{ ...common, title, command: { title, command, arguments: [argument] } }] : [];
  if (action.kind === "withheld") {
    const disabled = abilities.disabledActions ? [{ ...common, title, disabled: { reason: action.reason } }] : [];
    return [...disabled, ...(action.stale ? run("Rerun the tests that cover this", commandNames.rerunTests) : [])];
  }
  const edit = toWorkspaceEdit(action.edits, abilities, addresses);
  return [
    { ...common, title, isPreferred: action.preferred, edit },
    ...(action.verifiable ? run(`${title}, and verify`, commandNames.applyAndVerify) : []),
  ];
}

export function toRefactoring(
  { title, edits }: GuardAction,
  abilities: ClientAbilities,
  addresses: Addresses,
): CodeAction {
  return { title, kind: CodeActionKind.Refactor, edit: toWorkspaceEdit(edits, abilities, addresses) };
}

/** With versions where the client checks them: an edit made for an older text of a buffer is then refused, not misplaced. */
function toWorkspaceEdit(
  edits: readonly ProjectEdit[],
  abilities: ClientAbilities,
  addresses: Addresses,
): WorkspaceEdit {
  const files = [...Map.groupBy(edits, ({ file }) => file)].map(([file, group]) => ({
    uri: addresses.uriOf(file),
    version: addresses.versionOf(file),
    edits: group.map(({ range, newText }) => TextEdit.replace(range, newText)),
  }));
  if (!abilities.documentChanges) return { changes: Object.fromEntries(files.map(({ uri, edits }) => [uri, edits])) };
  return { documentChanges: files.map(({ uri, version, edits }) => TextDocumentEdit.create({ uri, version }, edits)) };
}
