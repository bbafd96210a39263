import type { Correlator } from "../correlate/correlator.ts";
import { factsOf } from "../insights/traceFacts.ts";
import type { PythonParser } from "../python/parser.ts";
import { isWorthReading, StaticAnalysis } from "../static/analysis.ts";
import type { StaticFinding } from "../static/staticFinding.ts";
import { containsRange, type Range } from "../text/range.ts";
import type { TraceReader } from "../trace/model.ts";
import type { FileTexts } from "./fileTexts.ts";
import type { ProjectSettings } from "./projectSettings.ts";
import { staticConfigured } from "./staticConfigured.ts";
import { StaticModules } from "./staticModules.ts";

export interface StaticFindingsParts {
  readonly reader: TraceReader;
  readonly correlator: Correlator;
  readonly settings: ProjectSettings;
  readonly parser: PythonParser;
  /** Their own: what is read for the models' sake must not make the recording's findings be worked out anew. */
  readonly texts: FileTexts;
}

/** What reading finds in the files that are open, worked out once for each state of recording, texts and settings. */
export class StaticFindings {
  readonly #parts: StaticFindingsParts;
  readonly #modules: StaticModules;
  #found: { readonly key: string; readonly findings: readonly StaticFinding[] } = { key: "", findings: [] };

  constructor(parts: StaticFindingsParts) {
    this.#parts = parts;
    this.#modules = new StaticModules(parts.texts, parts.parser);
  }

  /** The same object while nothing changed. Files that these import from are read as well, and nothing else. */
  of(paths: readonly string[]): readonly StaticFinding[] {
    const { reader, texts, settings } = this.#parts;
    // Settings are among the texts.
    const key = [reader.generation, texts.version, ...paths].join("\n");
    if (key !== this.#found.key) {
      const found = this.#read(paths);
      const findings = staticConfigured(found, settings, texts);
      const isSame = JSON.stringify(findings) === JSON.stringify(this.#found.findings);
      this.#found = { key, findings: isSame ? this.#found.findings : findings };
    }
    return this.#found.findings;
  }

  #read(paths: readonly string[]): readonly StaticFinding[] {
    const { reader, texts, correlator, parser } = this.#parts;
    const { schema } = factsOf(reader);
    const analysis = new StaticAnalysis({
      modules: this.#modules,
      schema,
      modelModules: null,
      isRecorded: (path, range) => isRecorded(correlator, path, range),
    });
    return paths.flatMap((path) => {
      const text = path.endsWith(".py") ? texts.read(path) : null;
      if (text === null || !isWorthReading(path, text)) return [];
      return analysis.findings(parser.parse(text), path);
    });
  }
}

/** A recorded test ran something there that stands as it did then. */
export function isRecorded(correlator: Pick<Correlator, "sitesNow">, path: string, range: Range): boolean {
  return correlator
    .sitesNow(path)
    .some(({ placement }) => placement.state !== "gone" && containsRange(range, placement.range));
}
