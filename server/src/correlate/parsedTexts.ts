import type { PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import { parseTemplate, type TemplateFile } from "../templates/djangoTemplate.ts";
import type { TemplateLanguage } from "../templates/lexer.ts";
import { contentHash } from "../text/hash.ts";

/** A text with the hash that it is known by. */
export interface HashedText {
  readonly text: string;
  readonly hash: string;
}

/** Hashed once it is asked for: a text that is being typed mostly is not. */
export class LazilyHashed implements HashedText {
  readonly text: string;
  #hash: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get hash(): string {
    this.#hash ??= contentHash(this.text);
    return this.#hash;
  }
}

/** Characters of source whose trees are kept (a tree takes some fifty times its text): the longest unused go first. */
const mostCharacters = 2_000_000;

/** Parses each text once while it is in use, whichever path it stands at and whether it was recorded or is today's. */
export class ParsedTexts {
  readonly #parser: PythonParser;
  readonly #kept = new Map<string, PythonFile | TemplateFile>();
  #characters = 0;

  constructor(parser: PythonParser) {
    this.#parser = parser;
  }

  python({ text, hash }: HashedText): PythonFile {
    return this.#get(`python ${hash}`, () => this.#parser.parse(text));
  }

  /** What was parsed, and is still kept. */
  knownPython({ hash }: HashedText): PythonFile | null {
    return (this.#kept.get(`python ${hash}`) as PythonFile | undefined) ?? null;
  }

  /** Another state of a file. It is not kept: with the next key it is another one again. */
  pythonAgain(text: string, before: PythonFile): PythonFile {
    return this.#parser.parse(text, before);
  }

  template({ text, hash }: HashedText, language: TemplateLanguage): TemplateFile {
    return this.#get(`${language} ${hash}`, () => parseTemplate(text, language));
  }

  #get<File extends PythonFile | TemplateFile>(key: string, parse: () => File): File {
    const file = (this.#kept.get(key) as File | undefined) ?? parse();
    if (!this.#kept.delete(key)) this.#characters += file.text.length;
    this.#kept.set(key, file);
    for (const [oldest, { text }] of this.#kept) {
      if (this.#characters <= mostCharacters || oldest === key) break;
      this.#kept.delete(oldest);
      this.#characters -= text.length;
    }
    return file;
  }
}
