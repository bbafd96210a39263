import { basename } from "node:path";
import { Correlator } from "../correlate/correlator.ts";
import type { Project } from "../features/project.ts";
import type { TraceCondition } from "../features/status.ts";
import { alternativesFor, fixFor } from "../fixes/fixFor.ts";
import { analyse } from "../insights/analyse.ts";
import type { Finding } from "../insights/finding.ts";
import { rules } from "../insights/rules.ts";
import { ProjectFiles } from "../project/files.ts";
import { matcher } from "../project/globs.ts";
import { readSettings, type SettingsResult } from "../project/settings.ts";
import type { PythonParser } from "../python/parser.ts";
import { openTrace, type Trace, type TraceOptions } from "../trace/openTrace.ts";
import { CachedReader } from "./cachedReader.ts";
import { FileTexts } from "./fileTexts.ts";
import { withoutIgnoredLines } from "./ignoreComments.ts";
import { sparingIgnored, withoutIgnored } from "./ignored.ts";
import type { OpenBuffers, Session } from "./session.ts";

export interface SessionOptions extends Pick<TraceOptions, "watch" | "workerPath"> {
  readonly parser: PythonParser;
}

const settingsFile = "pyproject.toml";

/** Puts a project's rooms together: its recording, its texts, and what is worked out from both. */
export async function openSession(root: string, buffers: OpenBuffers, options: SessionOptions): Promise<Session> {
  const texts = new FileTexts(root, new ProjectFiles(root), buffers);
  const { parser, ...traceOptions } = options;
  const { pathMappings, keepRuns } = settingsOf(texts).settings;
  const trace = await openTrace(root, { ...traceOptions, pathMappings, keepSuperseded: keepRuns });
  return new ProjectSession(root, texts, trace, parser);
}

class ProjectSession implements Session {
  readonly root: string;
  readonly project: Project;
  readonly #texts: FileTexts;
  readonly #trace: Trace;
  readonly #reader: CachedReader;
  readonly #correlator: Correlator;
  #settings: { readonly text: string | null; readonly result: SettingsResult };
  #found: { readonly key: string; readonly findings: readonly Finding[] } = { key: "", findings: [] };

  constructor(root: string, texts: FileTexts, trace: Trace, parser: PythonParser) {
    this.root = root;
    this.#texts = texts;
    this.#trace = trace;
    this.#reader = new CachedReader(trace.reader);
    this.#correlator = new Correlator(this.#reader, texts, parser);
    this.#settings = { text: texts.read(settingsFile), result: settingsOf(texts) };
    const context = { reader: this.#reader, correlator: this.#correlator };
    this.project = {
      name: basename(root),
      reader: this.#reader,
      correlator: this.#correlator,
      texts,
      findings: () => this.#findings(),
      fixFor: (findings) => sparingIgnored(fixFor(findings, context), this.#isIgnored()),
      alternativesFor: (finding) =>
        alternativesFor(finding, context).filter((fix) => sparingIgnored({ ok: true, fix }, this.#isIgnored()).ok),
    };
  }

  condition(): TraceCondition {
    return this.#trace.state;
  }

  settingsProblems(): readonly string[] {
    return this.#currentSettings().problems.map(({ file, line, message }) => {
      const place = line === null ? file : `${file}:${line}`;
      return place === "" ? message : `${place}: ${message}`;
    });
  }

  textChanged(path: string): boolean {
    return this.#texts.bufferChanged(path);
  }

  filesChanged(): boolean {
    return this.#texts.filesChanged();
  }

  onDidChange(listener: () => void): () => void {
    const subscription = this.#trace.onDidChange(listener);
    return () => subscription.dispose();
  }

  refresh(): Promise<void> {
    return this.#trace.refresh();
  }

  dispose(): Promise<void> {
    return this.#trace.dispose();
  }

  /** Worked out once for each state of recording, texts and settings. */
  #findings(): readonly Finding[] {
    const key = `${this.#reader.generation} ${this.#texts.version}`;
    if (key !== this.#found.key) {
      const { rules: table, perPath } = this.#currentSettings().settings;
      const paths = perPath.map(({ pattern, rules }) => ({ matches: matcher([pattern]), rules }));
      const findings = analyse(this.#reader, this.#correlator, { rules: table, perPath: paths });
      this.#found = { key, findings: withoutIgnored(withoutIgnoredLines(findings, this.#texts), this.#isIgnored()) };
    }
    return this.#found.findings;
  }

  #isIgnored(): (path: string) => boolean {
    return matcher(this.#currentSettings().settings.ignore);
  }

  #currentSettings(): SettingsResult {
    const text = this.#texts.read(settingsFile);
    if (text !== this.#settings.text) this.#settings = { text, result: settingsOf(this.#texts) };
    return this.#settings.result;
  }
}

/** The editor's own settings are switches of its surfaces (lsp/surfaces.ts): they change nothing here. */
function settingsOf(texts: FileTexts): SettingsResult {
  return readSettings(
    texts.read(settingsFile),
    undefined,
    rules.map(({ code }) => code),
  );
}
