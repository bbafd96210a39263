import type { TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { URI } from "vscode-uri";

/** The client's open buffers by file. Clients write one file's address in several ways (`%3A`, drive letters), so files are the key. */
export class OpenDocuments {
  readonly #byFile = new Map<string, TextDocument>();

  constructor(documents: TextDocuments<TextDocument>) {
    documents.onDidOpen(({ document }) => {
      const file = fileOf(document.uri);
      if (file !== null) this.#byFile.set(file, document);
    });
    documents.onDidClose(({ document }) => {
      const file = fileOf(document.uri);
      if (file !== null && this.#byFile.get(file) === document) this.#byFile.delete(file);
    });
  }

  textOf(file: string): string | null {
    return this.#byFile.get(file)?.getText() ?? null;
  }

  versionOf(file: string): number | null {
    return this.#byFile.get(file)?.version ?? null;
  }

  /** The client's own spelling where the file is open. */
  uriOf(file: string): string {
    return this.#byFile.get(file)?.uri ?? URI.file(file).toString();
  }

  files(): readonly string[] {
    return [...this.#byFile.keys()];
  }
}

/** Null for what is no file: untitled buffers, revisions in a diff, … */
export function fileOf(uri: string): string | null {
  const parsed = URI.parse(uri);
  return parsed.scheme === "file" ? parsed.fsPath : null;
}
