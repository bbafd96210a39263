import type { PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import type { TemplateFile } from "../templates/djangoTemplate.ts";
import { contentHash, withoutBom } from "../text/hash.ts";
import type { RecordedFile, Site, TraceReader } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import type { Place, Placement, TextSource } from "./correlation.ts";
import { type HashedText, ParsedTexts } from "./parsedTexts.ts";
import { placeMoved, placeUnchanged, recordedStatement } from "./pythonPlacement.ts";
import { alignStatements } from "./statementAlignment.ts";
import { alignTags, placeMovedTag, placeUnchangedTag } from "./templatePlacement.ts";

/** Today's text of one path, and what was worked out for it. A changed text gets a new one. */
interface Version extends HashedText {
  /** As the source gave it, to see whether it is still the same. */
  readonly source: string;
  /** By what places a site: the recorded text's hash and its position there. */
  readonly placements: Map<string, Placement>;
  /** By the recorded text's hash. */
  readonly alignments: Map<string, Alignment>;
}

const gone: Placement = { state: "gone" };

/**
 * Finds recorded sites in today's texts.
 *
 * The text source is asked at each call, so it must answer from memory; everything else is kept: a text is parsed once, a changed
 * text is compared with a recorded one once, a site is placed once per text. Nothing here throws on any text or record.
 */
export class Correlator {
  readonly #reader: TraceReader;
  readonly #texts: TextSource;
  readonly #parsed: ParsedTexts;
  readonly #today = new Map<string, Version>();
  /** Of the reader's generation `#generation`. */
  readonly #recorded = new Map<number, RecordedFile | null>();
  readonly #recordedTexts = new Map<number, HashedText | null>();
  #generation = -1;
  /** The same sites are asked for again and again: on many stacks, and with every key. */
  #placed = new WeakMap<Site, { readonly version: Version | null; readonly placement: Placement }>();

  constructor(reader: TraceReader, texts: TextSource, parser: PythonParser) {
    this.#reader = reader;
    this.#texts = texts;
    this.#parsed = new ParsedTexts(parser);
  }

  place(site: Site): Place {
    return { site, path: site.path, placement: this.#placement(site) };
  }

  /** All sites recorded in any version of the file, in the store's order; those that are gone too. */
  sitesNow(path: string): readonly Place[] {
    return this.#reader.sitesIn(path).map((site) => this.place(site));
  }

  /** Whether the statements of all these sites stand unchanged today: then what was recorded through them still counts. */
  isFresh(sites: readonly Site[]): boolean {
    return sites.every((site) => this.#isUnchanged(site) || this.#placement(site).state !== "gone");
  }

  /** Whether the whole files of these sites are as they were recorded: then nothing in them was added either. */
  isUntouched(sites: readonly Site[]): boolean {
    return sites.every((site) => this.#isUnchanged(site));
  }

  /** The statement that holds a Python site, in the text that it was recorded from; null where that text is not known. */
  recordedStatement(site: Site): Statement | null {
    const recorded = this.#recordedFile(site);
    if (recorded === null || recorded.language !== "python" || recorded.changedWhileRecording) return null;
    const today = this.#version(site.path);
    const text = today?.hash === recorded.hash ? today : this.#recordedText(recorded.id);
    return text === null ? null : recordedStatement(site, this.#parsed.python(text));
  }

  /** Today's text as Python; null where there is none. */
  pythonFile(path: string): PythonFile | null {
    const version = this.#version(path);
    return version === null ? null : this.#parsed.python(version);
  }

  /** Today's text as a template; null where there is none. Its language is as last recorded, Django's where it never was. */
  templateFile(path: string): TemplateFile | null {
    const version = this.#version(path);
    if (version === null) return null;
    const isJinja = this.#reader.filesAt(path)[0]?.language === "jinja";
    return this.#parsed.template(version, isJinja ? "jinja" : "django-template");
  }

  /** In a file that was not edited everything stands: it need not be read for that. */
  #isUnchanged(site: Site): boolean {
    const recorded = this.#recordedFile(site);
    return recorded !== null && !recorded.changedWhileRecording && recorded.hash === this.#version(site.path)?.hash;
  }

  #placement(site: Site): Placement {
    this.#follow();
    const version = this.#version(site.path);
    const last = this.#placed.get(site);
    if (last !== undefined && last.version === version) return last.placement;
    const placement = this.#findPlacement(site, version);
    this.#placed.set(site, { version, placement });
    return placement;
  }

  #findPlacement(site: Site, version: Version | null): Placement {
    const recorded = this.#recordedFile(site);
    if (recorded === null || recorded.changedWhileRecording || version === null) return gone;
    const key = [recorded.hash, site.line, site.column, site.endLine, site.endColumn, site.token].join(" ");
    const known = version.placements.get(key);
    if (known !== undefined) return known;
    const placement =
      recorded.hash === version.hash
        ? this.#placeUnchanged(site, recorded.language, version)
        : this.#placeMoved(site, recorded, version);
    version.placements.set(key, placement);
    return placement;
  }

  #placeUnchanged(site: Site, language: RecordedFile["language"], version: Version): Placement {
    if (language === "python") return placeUnchanged(site, this.#parsed.python(version));
    return placeUnchangedTag(site, this.#parsed.template(version, language));
  }

  #placeMoved(site: Site, { id, language }: RecordedFile, version: Version): Placement {
    const recorded = this.#recordedText(id);
    if (recorded === null) return gone;
    if (language === "python") {
      const before = this.#parsed.python(recorded);
      const today = this.#parsed.python(version);
      return placeMoved(
        site,
        before,
        today,
        alignmentOf(version, recorded, () => alignStatements(before, today)),
      );
    }
    const before = this.#parsed.template(recorded, language);
    const today = this.#parsed.template(version, language);
    return placeMovedTag(
      site,
      before,
      today,
      alignmentOf(version, recorded, () => alignTags(before, today)),
    );
  }

  #version(path: string): Version | null {
    const source = this.#texts.read(path);
    if (source === null) {
      this.#today.delete(path);
      return null;
    }
    const known = this.#today.get(path);
    if (known?.source === source) return known;
    const text = withoutBom(source);
    const version = { source, text, hash: contentHash(text), placements: new Map(), alignments: new Map() };
    this.#today.set(path, version);
    return version;
  }

  #recordedFile(site: Site): RecordedFile | null {
    this.#follow();
    let file = this.#recorded.get(site.fileId);
    if (file === undefined) {
      file = this.#reader.filesAt(site.path).find(({ id }) => id === site.fileId) ?? null;
      this.#recorded.set(site.fileId, file);
    }
    return file;
  }

  /** The hash is worked out anew: what a segment claims must not stand for another text. */
  #recordedText(fileId: number): HashedText | null {
    let recorded = this.#recordedTexts.get(fileId);
    if (recorded === undefined) {
      const text = this.#reader.text(fileId);
      recorded = text === null ? null : { text, hash: contentHash(text) };
      this.#recordedTexts.set(fileId, recorded);
    }
    return recorded;
  }

  /** The store's ids may mean something else after an ingest. */
  #follow(): void {
    if (this.#reader.generation === this.#generation) return;
    this.#generation = this.#reader.generation;
    this.#recorded.clear();
    this.#recordedTexts.clear();
    this.#placed = new WeakMap();
  }
}

function alignmentOf(version: Version, recorded: HashedText, align: () => Alignment): Alignment {
  let alignment = version.alignments.get(recorded.hash);
  if (alignment === undefined) {
    alignment = align();
    version.alignments.set(recorded.hash, alignment);
  }
  return alignment;
}
