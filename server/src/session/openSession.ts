import { basename, join } from "node:path";
import { Correlator } from "../correlate/correlator.ts";
import type { MeasuredBefore, Project } from "../features/project.ts";
import type { TraceCondition } from "../features/status.ts";
import type { FixResult } from "../fixes/fix.ts";
import { alternativesFor, fixFor } from "../fixes/fixFor.ts";
import { guardFor } from "../fixes/guard.ts";
import { staticFixFor } from "../fixes/staticFix.ts";
import { ProjectFiles } from "../project/files.ts";
import type { PythonParser } from "../python/parser.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { openTrace, type Trace, type TraceOptions } from "../trace/openTrace.ts";
import { CachedReader } from "./cachedReader.ts";
import { FileTexts } from "./fileTexts.ts";
import { ProjectFindings } from "./findings.ts";
import { FindingsAside } from "./findingsAside.ts";
import { sparingIgnored } from "./ignored.ts";
import { MovedProjectFiles } from "./movedFiles.ts";
import { ProjectSettings } from "./projectSettings.ts";
import type { OpenBuffers, Session } from "./session.ts";
import { VerifiedCounts } from "./verifiedCounts.ts";

export interface SessionOptions extends Pick<TraceOptions, "watch" | "workerPath"> {
  readonly parser: PythonParser;
  /** Findings are worked out in a thread of their own: for an editor, that is not to wait. Else when they are asked for. */
  readonly aside?: boolean;
}

/** Puts a project's rooms together: its recording, its texts, and what is worked out from both. */
export async function openSession(root: string, buffers: OpenBuffers, options: SessionOptions): Promise<Session> {
  const files = new ProjectFiles(root);
  const texts = new FileTexts(root, files, buffers);
  const { parser, aside = false, ...traceOptions } = options;
  const settings = new ProjectSettings(texts);
  const { pathMappings, keepRuns } = settings.current.settings;
  const openedWith = settings.ofStore();
  const trace = await openTrace(root, { ...traceOptions, pathMappings, keepSuperseded: keepRuns });
  // What was saved meanwhile nobody may tell again.
  texts.filesChanged();
  return new ProjectSession({ root, files, texts, buffers, settings, openedWith, trace, parser }, aside);
}

interface Parts {
  readonly root: string;
  readonly files: ProjectFiles;
  readonly texts: FileTexts;
  readonly buffers: OpenBuffers;
  readonly settings: ProjectSettings;
  /** See ProjectSettings.ofStore. */
  readonly openedWith: string | null;
  readonly trace: Trace;
  readonly parser: PythonParser;
}

class ProjectSession implements Session {
  readonly root: string;
  readonly project: Project;
  readonly #texts: FileTexts;
  readonly #moved: MovedProjectFiles;
  readonly #trace: Trace;
  readonly #settings: ProjectSettings;
  readonly #openedWith: string | null;
  readonly #aside: FindingsAside | null;
  readonly #verified: VerifiedCounts;
  readonly #listeners = new Set<() => void>();

  constructor({ root, files, texts, buffers, settings, openedWith, trace, parser }: Parts, aside: boolean) {
    this.root = root;
    this.#texts = texts;
    this.#trace = trace;
    this.#settings = settings;
    this.#openedWith = openedWith;
    this.#verified = new VerifiedCounts(texts);
    const reader = new CachedReader(trace.reader);
    this.#moved = new MovedProjectFiles(root, files, reader);
    const correlator = new Correlator(reader, texts, parser, this.#moved);
    this.#aside = aside
      ? new FindingsAside({
          root,
          texts,
          bufferOf: (path) => buffers(join(root, path)),
          store: () => trace.store,
          onDidChange: () => this.#tell(),
        })
      : null;
    trace.onDidChange(() => {
      reader.changed();
      this.#aside?.changed();
      this.#tell();
    });
    const findings = this.#aside ?? new ProjectFindings(reader, texts, correlator, settings);
    const context = { reader, correlator };
    this.project = {
      name: basename(root),
      reader,
      correlator,
      texts,
      findings: () => findings.current,
      asFound: () => findings.found,
      placeNow: (place) => findings.placeNow(place),
      staticFindings: () => this.#aside?.unrun ?? [],
      staticFixFor: (wanted) => this.#staticFixFor(wanted, correlator),
      fixFor: (wanted) => sparingIgnored(fixFor(wanted, context), settings.isIgnored),
      alternativesFor: (finding) =>
        alternativesFor(finding, context).filter((fix) => sparingIgnored({ ok: true, fix }, settings.isIgnored).ok),
      guardFor: (scopeId) => guardFor(scopeId, context),
      measuredBefore: (path) => this.#verified.of(path),
    };
  }

  condition(): TraceCondition {
    return this.#trace.state;
  }

  problems(): readonly string[] {
    const settings = this.#settings.current.problems.map(({ file, line, message }) => {
      const place = line === null ? file : `${file}:${line}`;
      return place === "" ? message : `${place}: ${message}`;
    });
    const problem = this.#aside?.problem ?? null;
    return problem === null ? settings : [...settings, problem];
  }

  isOutdated(): boolean {
    const now = this.#settings.ofStore();
    return now !== null && now !== this.#openedWith;
  }

  readUnrun(enabled: boolean): void {
    this.#aside?.readUnrun(enabled);
  }

  textChanged(path: string): boolean {
    this.#aside?.bufferChanged(path);
    return this.#texts.bufferChanged(path);
  }

  filesChanged(): boolean {
    this.#aside?.changed();
    this.#moved.filesChanged();
    return this.#texts.filesChanged();
  }

  async settled(): Promise<void> {
    await this.#aside?.settled();
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  remember(path: string, measured: ReadonlyMap<string, MeasuredBefore>): void {
    this.#verified.remember(path, measured);
  }

  refresh(): Promise<void> {
    return this.#trace.refresh();
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#aside?.dispose(), this.#trace.dispose()]);
  }

  #staticFixFor(findings: readonly StaticFinding[], correlator: Correlator): FixResult {
    const [first] = findings;
    const file = first === undefined ? null : correlator.pythonFile(first.at.path);
    if (file === null) return { ok: false, withheld: { reason: "The file cannot be read any more." } };
    return sparingIgnored(staticFixFor(findings, file), this.#settings.isIgnored);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
