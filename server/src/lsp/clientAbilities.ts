import { type InitializeParams, MarkupKind } from "vscode-languageserver";
import type { ClientOptions } from "../protocol.ts";

/** What the client at the other end can take; all false for the barest one. */
export interface ClientAbilities {
  /** It registered the commands of protocol.ts. */
  readonly commands: boolean;
  readonly markdownHover: boolean;
  readonly documentChanges: boolean;
  readonly codeActionLiterals: boolean;
  readonly disabledActions: boolean;
  readonly relatedInformation: boolean;
  readonly configuration: boolean;
  readonly configurationChanges: boolean;
  readonly workspaceFolders: boolean;
  readonly watchedFiles: boolean;
  readonly codeLensRefresh: boolean;
  readonly inlayHintRefresh: boolean;
}

export function abilitiesOf({ capabilities, initializationOptions }: InitializeParams): ClientAbilities {
  const { textDocument, workspace } = capabilities;
  return {
    commands: optionsOf(initializationOptions).commands === true,
    markdownHover: textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) ?? false,
    documentChanges: workspace?.workspaceEdit?.documentChanges ?? false,
    codeActionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    disabledActions: textDocument?.codeAction?.disabledSupport ?? false,
    relatedInformation: textDocument?.publishDiagnostics?.relatedInformation ?? false,
    configuration: workspace?.configuration ?? false,
    configurationChanges: workspace?.didChangeConfiguration?.dynamicRegistration ?? false,
    workspaceFolders: workspace?.workspaceFolders ?? false,
    watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false,
    codeLensRefresh: workspace?.codeLens?.refreshSupport ?? false,
    inlayHintRefresh: workspace?.inlayHint?.refreshSupport ?? false,
  };
}

/** Whoever starts the server may send anything here. */
function optionsOf(sent: unknown): ClientOptions {
  return typeof sent === "object" && sent !== null ? sent : {};
}
