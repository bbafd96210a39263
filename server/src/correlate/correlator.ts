import type { PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import type { TemplateFile } from "../templates/djangoTemplate.ts";
import { contentHash, withoutBom } from "../text/hash.ts";
import type { Range } from "../text/range.ts";
import type { RecordedFile, Site, TraceReader } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import { type MovedFiles, type Place, type Placement, type TextSource, unmoved } from "./correlation.ts";
import { type HashedText, ParsedTexts } from "./parsedTexts.ts";
import { lineNow, placeAround, placeMoved, placeUnchanged, recordedStatement } from "./pythonPlacement.ts";
import { alignStatements } from "./statementAlignment.ts";
import { alignTags, placeAroundTag, placeMovedTag, placeUnchangedTag, tagLineNow } from "./templatePlacement.ts";

/** Today's text of one path, and what was worked out for it. A changed text gets a new one. */
interface Version extends HashedText {
  /** As the source gave it, to see whether it is still the same. */
  readonly source: string;
  /** By what places a site: the recorded text's hash and its position there. */
  readonly placements: Map<string, Placement>;
  /** The same of what stands around it. */
  readonly around: Map<string, Range | null>;
  /** By the recorded text's hash. */
  readonly alignments: Map<string, Alignment>;
}

/** A recorded text beside today's. */
type Compared =
  | {
      readonly kind: "python";
      readonly before: PythonFile;
      readonly today: PythonFile;
      readonly alignment: Alignment;
    }
  | {
      readonly kind: "template";
      readonly before: TemplateFile;
      readonly today: TemplateFile;
      readonly alignment: Alignment;
    };

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
  readonly #moved: MovedFiles;
  readonly #parsed: ParsedTexts;
  readonly #today = new Map<string, Version>();
  /** Of the reader's generation `#generation`. */
  readonly #recorded = new Map<number, RecordedFile | null>();
  readonly #recordedTexts = new Map<number, HashedText | null>();
  #generation = -1;
  #compared: {
    readonly recorded: RecordedFile;
    readonly version: Version;
    readonly compared: Compared | null;
  } | null = null;
  /** The same sites are asked for again and again: on many stacks, and with every key. */
  #placed = new WeakMap<Site, { readonly version: Version | null; readonly placement: Placement }>();

  constructor(reader: TraceReader, texts: TextSource, parser: PythonParser, moved: MovedFiles = unmoved) {
    this.#reader = reader;
    this.#texts = texts;
    this.#moved = moved;
    this.#parsed = new ParsedTexts(parser);
  }

  place(site: Site): Place {
    return { site, path: this.#moved.now(site.path), placement: this.#placement(site) };
  }

  /** All sites recorded in any version of the file, under whatever name, in the store's order; those that are gone too. */
  sitesNow(path: string): readonly Place[] {
    return this.#moved.before(path).flatMap((before) => {
      this.#follow();
      const now = this.#moved.now(before);
      const version = this.#version(before);
      return this.#reader
        .sitesIn(before)
        .map((site) => ({ site, path: now, placement: this.#placementIn(site, version) }));
    });
  }

  /** As last recorded; null for a file of which nothing was. */
  languageOf(path: string): RecordedFile["language"] | null {
    const [file] = this.#moved.before(path).flatMap((before) => this.#reader.filesAt(before));
    return file?.language ?? null;
  }

  /** Today's place of the innermost statement or tag that stood around a site and still stands: where to look for what became of it. */
  around(site: Site): Range | null {
    const recorded = this.#recordedFile(site);
    const version = this.#version(site.path);
    if (recorded === null || recorded.changedWhileRecording || version === null) return null;
    const key = positionIn(recorded, site);
    let range = version.around.get(key);
    if (range === undefined) {
      const compared = this.#compare(recorded, version);
      range = compared === null ? null : around(site, compared);
      version.around.set(key, range);
    }
    return range;
  }

  /** The line (from 1) of a site today; of one whose statement was edited or removed, about where that was. */
  lineNow(site: Site): number {
    const placement = this.#placement(site);
    if (placement.state !== "gone") return placement.range.start.line + 1;
    const recorded = this.#recordedFile(site);
    const version = this.#version(site.path);
    const compared =
      recorded === null || recorded.changedWhileRecording || version === null ? null : this.#compare(recorded, version);
    const line = compared === null ? null : editedLine(site, compared);
    return line === null ? site.line : line + 1;
  }

  /** Whether the statements of all these sites stand unchanged today: then what was recorded through them still counts. */
  isFresh(sites: readonly Site[]): boolean {
    const versions = new Map<string, Version | null>();
    return sites.every((site) => {
      let version = versions.get(site.path);
      if (version === undefined) {
        version = this.#version(site.path);
        versions.set(site.path, version);
      }
      return this.#isUnchanged(site, version) || this.#placementIn(site, version).state !== "gone";
    });
  }

  /** Whether the whole files of these sites are as they were recorded: then nothing in them was added either. */
  isUntouched(sites: readonly Site[]): boolean {
    return sites.every((site) => this.#isUnchanged(site, this.#version(site.path)));
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
    return this.#parsed.template(version, this.languageOf(path) === "jinja" ? "jinja" : "django-template");
  }

  /** In a file that was not edited everything stands: it need not be read for that. */
  #isUnchanged(site: Site, version: Version | null): boolean {
    const recorded = this.#recordedFile(site);
    return recorded !== null && !recorded.changedWhileRecording && recorded.hash === version?.hash;
  }

  #placement(site: Site): Placement {
    this.#follow();
    return this.#placementIn(site, this.#version(site.path));
  }

  #placementIn(site: Site, version: Version | null): Placement {
    const last = this.#placed.get(site);
    if (last !== undefined && last.version === version) return last.placement;
    const placement = this.#findPlacement(site, version);
    this.#placed.set(site, { version, placement });
    return placement;
  }

  #findPlacement(site: Site, version: Version | null): Placement {
    const recorded = this.#recordedFile(site);
    if (recorded === null || recorded.changedWhileRecording || version === null) return gone;
    // A moved Python site is found by what is kept of it: see placeMoved().
    if (recorded.language === "python" && recorded.hash !== version.hash)
      return this.#placeMoved(site, recorded, version);
    const key = positionIn(recorded, site);
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

  #placeMoved(site: Site, recorded: RecordedFile, version: Version): Placement {
    const compared = this.#compare(recorded, version);
    if (compared === null) return gone;
    return compared.kind === "python"
      ? placeMoved(site, compared.before, compared.today, compared.alignment)
      : placeMovedTag(site, compared.before, compared.today, compared.alignment);
  }

  /** Sites come file by file. */
  #compare(recorded: RecordedFile, version: Version): Compared | null {
    const last = this.#compared;
    if (last !== null && last.recorded === recorded && last.version === version) return last.compared;
    const compared = this.#findCompared(recorded, version);
    this.#compared = { recorded, version, compared };
    return compared;
  }

  #findCompared({ id, language }: RecordedFile, version: Version): Compared | null {
    const recorded = this.#recordedText(id);
    if (recorded === null) return null;
    if (language === "python") {
      const before = this.#parsed.python(recorded);
      const today = this.#parsed.python(version);
      const alignment = alignmentOf(version, recorded, () => alignStatements(before, today));
      return { kind: "python", before, today, alignment };
    }
    const before = this.#parsed.template(recorded, language);
    const today = this.#parsed.template(version, language);
    const alignment = alignmentOf(version, recorded, () => alignTags(before, today));
    return { kind: "template", before, today, alignment };
  }

  #version(path: string): Version | null {
    const source = this.#texts.read(this.#moved.now(path));
    if (source === null) {
      this.#today.delete(path);
      return null;
    }
    const known = this.#today.get(path);
    if (known?.source === source) return known;
    const text = withoutBom(source);
    const version = {
      source,
      text,
      hash: contentHash(text),
      placements: new Map(),
      around: new Map(),
      alignments: new Map(),
    };
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
    this.#compared = null;
    this.#placed = new WeakMap();
  }
}

/** What places a site in any text. */
function positionIn({ hash }: RecordedFile, { line, column, endLine, endColumn, token }: Site): string {
  return [hash, line, column, endLine, endColumn, token].join(" ");
}

function around(site: Site, { kind, before, today, alignment }: Compared): Range | null {
  return kind === "python"
    ? placeAround(site, before, today, alignment)
    : placeAroundTag(site, before, today, alignment);
}

function editedLine(site: Site, { kind, before, today, alignment }: Compared): number | null {
  return kind === "python" ? lineNow(site, before, today, alignment) : tagLineNow(site, before, today, alignment);
}

function alignmentOf(version: Version, recorded: HashedText, align: () => Alignment): Alignment {
  let alignment = version.alignments.get(recorded.hash);
  if (alignment === undefined) {
    alignment = align();
    version.alignments.set(recorded.hash, alignment);
  }
  return alignment;
}
