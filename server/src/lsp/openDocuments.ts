import type { TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { URI } from "vscode-uri";

/** The client's open buffers by file. Clients write one file's address in several ways (`%3A`, drive letters), so files are the key. */
export class OpenDocuments {
  readonly #documents: TextDocuments<TextDocument>;

  constructor(documents: TextDocuments<TextDocument>) {
    this.#documents = documents;
  }

  textOf(file: string): string | null {
    return this.#at(file)?.getText() ?? null;
  }

  versionOf(file: string): number | null {
    return this.#at(file)?.version ?? null;
  }

  /** The client's own spelling where the file is open. */
  uriOf(file: string): string {
    return this.#at(file)?.uri ?? URI.file(file).toString();
  }

  files(): readonly string[] {
    return this.#documents.all().flatMap(({ uri }) => fileOf(uri) ?? []);
  }

  #at(file: string): TextDocument | undefined {
    const plain = this.#documents.get(URI.file(file).toString());
    return plain ?? this.#documents.all().find(({ uri }) => fileOf(uri) === file);
  }
}

/** Null for what is no file: untitled buffers, revisions in a diff, … */
export function fileOf(uri: string): string | null {
  const parsed = URI.parse(uri);
  return parsed.scheme === "file" ? parsed.fsPath : null;
}
