import type { Place } from "../correlate/correlation.ts";
import type { Correlator } from "../correlate/correlator.ts";
import { analyse } from "../insights/analyse.ts";
import type { Finding } from "../insights/finding.ts";
import { matcher } from "../project/globs.ts";
import type { TraceReader } from "../trace/model.ts";
import type { FileTexts } from "./fileTexts.ts";
import { withoutIgnoredLines } from "./ignoreComments.ts";
import { withoutIgnored } from "./ignored.ts";
import type { ProjectSettings } from "./projectSettings.ts";

/** What the rules find in a project, worked out once for each state of recording, texts and settings. */
export class ProjectFindings {
  readonly #reader: TraceReader;
  readonly #texts: FileTexts;
  readonly #correlator: Correlator;
  readonly #settings: ProjectSettings;
  #found: { readonly key: string; readonly findings: readonly Finding[] } = { key: "", findings: [] };

  constructor(reader: TraceReader, texts: FileTexts, correlator: Correlator, settings: ProjectSettings) {
    this.#reader = reader;
    this.#texts = texts;
    this.#correlator = correlator;
    this.#settings = settings;
  }

  /** The same object while nothing changed. */
  get current(): readonly Finding[] {
    const key = `${this.#reader.generation} ${this.#texts.version}`;
    if (key !== this.#found.key) {
      const { rules, perPath } = this.#settings.current.settings;
      const paths = perPath.map((each) => ({ matches: matcher([each.pattern]), rules: each.rules }));
      const found = analyse(this.#reader, this.#correlator, { rules, perPath: paths });
      const findings = withoutIgnored(withoutIgnoredLines(found, this.#texts), this.#settings.isIgnored);
      this.#found = { key, findings };
    }
    return this.#found.findings;
  }

  /** They are those of the texts of now. */
  get found(): readonly Finding[] {
    return this.current;
  }

  placeNow(place: Place): Place {
    return place;
  }
}
