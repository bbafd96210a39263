import type { PythonParser } from "../python/parser.ts";
import type { PythonFile } from "../python/pythonFile.ts";
import type { Statement } from "../python/statements.ts";
import type { TemplateFile } from "../templates/djangoTemplate.ts";
import { withoutBom } from "../text/hash.ts";
import type { Range } from "../text/range.ts";
import type { RecordedFile, Site, TraceReader } from "../trace/model.ts";
import type { Alignment } from "./alignment.ts";
import { ComparedPython } from "./comparedPython.ts";
import { type MovedFiles, type Part, type Place, type Placement, type TextSource, unmoved } from "./correlation.ts";
import { type HashedText, LazilyHashed, ParsedTexts } from "./parsedTexts.ts";
import { PartsOfFile, type RecordedSites, wholeFile } from "./parts.ts";
import { lineNow, placeAround, placeUnchanged, recordedStatement } from "./pythonPlacement.ts";
import {
  alignTags,
  editedAroundTag,
  placeAroundTag,
  placeMovedTag,
  placeUnchangedTag,
  tagLineNow,
} from "./templatePlacement.ts";

/** Today's text of one path, and what was worked out for it. A changed text gets a new one. */
class Version extends LazilyHashed {
  /** As the source gave it, to see whether it is still the same. */
  readonly source: string;
  /** By what places a site: the recorded text's hash and its position there. */
  readonly placements = new Map<string, Placement>();
  /** The same of what stands around it. */
  readonly around = new Map<string, Range | null>();
  /** By the recorded text's hash. */
  readonly compared = new Map<string, Compared>();
  /** Whether this is the recorded text, by the hash that its segment gives. */
  readonly isRecorded = new Map<string, boolean>();
  /** Once it is parsed with the help of the text before it, which then goes. */
  python: PythonFile | null = null;
  before: PythonFile | null;

  constructor(source: string, before: PythonFile | null) {
    super(withoutBom(source));
    this.source = source;
    this.before = before;
  }
}

/** A recorded text beside today's. */
type Compared =
  | ComparedPython
  | {
      readonly kind: "template";
      readonly before: TemplateFile;
      readonly today: TemplateFile;
      readonly alignment: Alignment;
    };

/** A recorded file as it stands now. */
interface FileNow {
  /** Today's. */
  readonly path: string;
  readonly version: Version | null;
  /** The whole file is as it was recorded. */
  readonly isUnchanged: boolean;
  /** Null for templates, and for what cannot be compared. */
  readonly compared: ComparedPython | null;
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
  readonly #moved: MovedFiles;
  readonly #parsed: ParsedTexts;
  readonly #today = new Map<string, Version>();
  /** Of the reader's generation `#generation`. */
  readonly #recorded = new Map<number, RecordedFile | null>();
  readonly #recordedTexts = new Map<number, HashedText | null>();
  #generation = -1;
  /** By the recorded file's id. */
  readonly #compared = new Map<number, { readonly version: Version; readonly compared: Compared | null }>();
  readonly #parts = new Map<string, PartsOfFile>();
  #sitesByFile = new WeakMap<readonly Site[], readonly SitesOfFile[]>();
  /** By the recorded file's id. Thousands of sites are asked for in a turn of the event loop, and texts do not change within one without a word. */
  #filesNow: { readonly version: number; readonly byId: Map<number, FileNow> } | null = null;
  /** The same sites are asked for again and again: on many stacks, and with every key. */
  #placed = new WeakMap<Site, { readonly version: Version | null; readonly placement: Placement }>();

  constructor(reader: TraceReader, texts: TextSource, parser: PythonParser, moved: MovedFiles = unmoved) {
    this.#reader = reader;
    this.#texts = texts;
    this.#moved = moved;
    this.#parsed = new ParsedTexts(parser);
  }

  place(site: Site): Place {
    const { path, version, compared } = this.#fileNow(site, this.#filesOfNow());
    return { site, path, placement: compared?.place(site) ?? this.#placementIn(site, version) };
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

  /** The same part by part, in the order of their lines; a part in which no site stands is left out. */
  partsNow(path: string): readonly Part[] {
    const recorded = this.#moved.before(path).flatMap((before) => {
      this.#follow();
      const version = this.#version(before);
      return version === null
        ? []
        : this.#sitesOf(before).map((of) => ({ ...this.#recordedSites(of, version), version }));
    });
    const [first] = recorded;
    if (first === undefined) return [];
    if (recorded.every(({ language }) => language === "python")) {
      const parts = this.#parts.get(path) ?? new PartsOfFile();
      this.#parts.set(path, parts);
      return parts.of(this.#python(first.version), recorded);
    }
    const file = this.pythonFile(path);
    const outline =
      this.languageOf(path) === "python"
        ? { language: "python" as const, loops: file?.loops ?? [], definitions: file?.definitions ?? [] }
        : { language: "template" as const, loops: this.templateFile(path)?.loops ?? [] };
    return [wholeFile(outline, recorded)];
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

  /**
   * Whether the statements of all these sites stand unchanged today, in the loops that they stood in: then what was recorded through them still counts.
   */
  isFresh(sites: readonly Site[]): boolean {
    const files = this.#filesOfNow();
    return sites.every((site) => {
      const { version, isUnchanged, compared } = this.#fileNow(site, files);
      if (isUnchanged) return true;
      if (compared !== null) return compared.finds(site) && compared.editedAround(site) === null;
      return this.#placementIn(site, version).state !== "gone" && this.editedAround(site) === null;
    });
  }

  /**
   * The line (from 1) of a loop around a site that was written or edited since it was recorded, or of the site itself where one was taken away; null where
   * the loops around it are those that were. Of a site that is gone it is not known.
   */
  editedAround(site: Site): number | null {
    const recorded = this.#recordedFile(site);
    const version = this.#version(site.path);
    if (recorded === null || recorded.changedWhileRecording || version === null) return null;
    if (this.#isRecorded(version, recorded)) return null;
    const compared = this.#compare(recorded, version);
    const line =
      compared === null || compared.kind === "python"
        ? compared?.editedAround(site)
        : editedAroundTag(site, compared.before, compared.today, compared.alignment);
    return line === null || line === undefined ? null : line + 1;
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
    if (today !== null && this.#isRecorded(today, recorded)) return recordedStatement(site, this.#python(today));
    const text = this.#recordedText(recorded.id);
    return text === null ? null : recordedStatement(site, this.#parsed.python(text));
  }

  /** Today's text as Python; null where there is none. */
  pythonFile(path: string): PythonFile | null {
    const version = this.#version(path);
    return version === null ? null : this.#python(version);
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
    if (recorded === null || recorded.changedWhileRecording || version === null) return false;
    return this.#isRecorded(version, recorded);
  }

  /** To compare two texts is far less than to hash one. */
  #isRecorded(version: Version, { id, hash }: RecordedFile): boolean {
    let known = version.isRecorded.get(hash);
    if (known === undefined) {
      const recorded = this.#recordedTexts.get(id);
      known = recorded ? withoutBom(recorded.text) === version.text : version.hash === hash;
      version.isRecorded.set(hash, known);
    }
    return known;
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
    const isRecorded = this.#isRecorded(version, recorded);
    // A moved Python site is found by what is kept of it: see pythonPlacement.ts.
    if (recorded.language === "python" && !isRecorded) return this.#placeMoved(site, recorded, version);
    const key = positionIn(recorded, site);
    const known = version.placements.get(key);
    if (known !== undefined) return known;
    const placement = isRecorded
      ? this.#placeUnchanged(site, recorded.language, version)
      : this.#placeMoved(site, recorded, version);
    version.placements.set(key, placement);
    return placement;
  }

  #placeUnchanged(site: Site, language: RecordedFile["language"], version: Version): Placement {
    if (language === "python") return placeUnchanged(site, this.#python(version));
    return placeUnchangedTag(site, this.#parsed.template(version, language));
  }

  #placeMoved(site: Site, recorded: RecordedFile, version: Version): Placement {
    const compared = this.#compare(recorded, version);
    if (compared === null) return gone;
    return compared.kind === "python"
      ? compared.place(site)
      : placeMovedTag(site, compared.before, compared.today, compared.alignment);
  }

  #compare(recorded: RecordedFile, version: Version): Compared | null {
    const last = this.#compared.get(recorded.id);
    if (last?.version === version) return last.compared;
    const compared = this.#findCompared(recorded, version);
    this.#compared.set(recorded.id, { version, compared });
    return compared;
  }

  #findCompared({ id, language }: RecordedFile, version: Version): Compared | null {
    const recorded = this.#recordedText(id);
    if (recorded === null) return null;
    const known = version.compared.get(`${language} ${recorded.hash}`);
    if (known !== undefined) return known;
    const compared = this.#compareTexts(recorded, version, language);
    version.compared.set(`${language} ${recorded.hash}`, compared);
    return compared;
  }

  #compareTexts(recorded: HashedText, version: Version, language: RecordedFile["language"]): Compared {
    if (language === "python") return new ComparedPython(this.#parsed.python(recorded), this.#python(version));
    const before = this.#parsed.template(recorded, language);
    const today = this.#parsed.template(version, language);
    return { kind: "template", before, today, alignment: alignTags(before, today) };
  }

  /** A text that is being typed is read with the help of the one before. */
  #python(version: Version): PythonFile {
    if (version.python !== null) return version.python;
    if (version.before === null) return this.#parsed.python(version);
    version.python = this.#parsed.pythonAgain(version.text, version.before);
    version.before = null;
    return version.python;
  }

  /** The sites of a path, text by text. */
  #sitesOf(path: string): readonly SitesOfFile[] {
    const sites = this.#reader.sitesIn(path);
    let known = this.#sitesByFile.get(sites);
    if (known === undefined) {
      const orders = new Map(sites.map((site, order) => [site, order]));
      known = [...Map.groupBy(sites, ({ fileId }) => fileId).values()].map((of) => ({
        sites: of,
        orders: of.map((site) => orders.get(site) ?? 0),
      }));
      this.#sitesByFile.set(sites, known);
    }
    return known;
  }

  #recordedSites({ sites, orders }: SitesOfFile, version: Version) {
    const [site] = sites;
    const recorded = site === undefined ? null : this.#recordedFile(site);
    const isUnchanged = site !== undefined && this.#isUnchanged(site, version);
    const compared =
      recorded === null || recorded.changedWhileRecording || isUnchanged ? null : this.#compare(recorded, version);
    return {
      sites,
      orders,
      language: recorded?.language ?? "python",
      compared: compared?.kind === "python" ? compared : null,
      place: (each: Site) => this.#placementIn(each, version),
      around: (each: Site) => this.around(each),
    };
  }

  #filesOfNow(): Map<number, FileNow> {
    this.#follow();
    const { version } = this.#texts;
    if (version === undefined) return new Map();
    if (this.#filesNow?.version !== version) {
      if (this.#filesNow === null)
        setImmediate(() => {
          this.#filesNow = null;
        });
      this.#filesNow = { version, byId: new Map() };
    }
    return this.#filesNow.byId;
  }

  #fileNow(site: Site, files: Map<number, FileNow>): FileNow {
    let file = files.get(site.fileId);
    if (file === undefined) {
      const recorded = this.#recordedFile(site);
      const version = this.#version(site.path);
      const isUnchanged = this.#isUnchanged(site, version);
      const isLost = recorded === null || recorded.changedWhileRecording || version === null || isUnchanged;
      const compared = isLost || recorded.language !== "python" ? null : this.#compare(recorded, version);
      file = {
        path: this.#moved.now(site.path),
        version,
        isUnchanged,
        compared: compared?.kind === "python" ? compared : null,
      };
      files.set(site.fileId, file);
    }
    return file;
  }

  #version(path: string): Version | null {
    const source = this.#texts.read(this.#moved.now(path));
    if (source === null) {
      this.#today.delete(path);
      return null;
    }
    const known = this.#today.get(path);
    if (known?.source === source) return known;
    this.#filesNow = null;
    const before = known === undefined ? null : (known.python ?? known.before ?? this.#parsed.knownPython(known));
    const version = new Version(source, before);
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
      recorded = text === null ? null : new LazilyHashed(text);
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
    this.#compared.clear();
    this.#filesNow = null;
    this.#sitesByFile = new WeakMap();
    this.#placed = new WeakMap();
  }
}

/** Sites of one text, and where they come among all of its path. */
type SitesOfFile = Pick<RecordedSites, "sites" | "orders">;

/** What places a site in any text. */
function positionIn({ hash }: RecordedFile, { line, column, endLine, endColumn, token }: Site): string {
  return [hash, line, column, endLine, endColumn, token].join(" ");
}

function around(site: Site, compared: Compared): Range | null {
  const { alignment } = compared;
  return compared.kind === "python"
    ? placeAround(site, compared.before, compared.today, alignment)
    : placeAroundTag(site, compared.before, compared.today, alignment);
}

function editedLine(site: Site, compared: Compared): number | null {
  const { alignment } = compared;
  return compared.kind === "python"
    ? lineNow(site, compared.before, compared.today, alignment)
    : tagLineNow(site, compared.before, compared.today, alignment);
}
