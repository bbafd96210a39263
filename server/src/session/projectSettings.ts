import { rules } from "../insights/rules.ts";
import { matcher } from "../project/globs.ts";
import { readSettings, type SettingsResult } from "../project/settings.ts";
import type { FileTexts } from "./fileTexts.ts";

const settingsFile = "pyproject.toml";
const codes = rules.map(({ code }) => code);

/** What a project's own file says, read again once it changed. The editor's settings are switches of its surfaces (lsp/surfaces.ts): they change nothing here. */
export class ProjectSettings {
  readonly #texts: FileTexts;
  #read: { readonly text: string | null; readonly result: SettingsResult } | null = null;
  #saved: { readonly text: string | null; readonly ofStore: string | null } | null = null;

  constructor(texts: FileTexts) {
    this.#texts = texts;
  }

  get current(): SettingsResult {
    const text = this.#texts.read(settingsFile);
    if (this.#read === null || text !== this.#read.text) {
      this.#read = { text, result: readSettings(text, undefined, codes) };
    }
    return this.#read.result;
  }

  /** What holds for a store from its opening on, as saved: what is half typed in an editor is not meant yet. Null where the file cannot be read as it should. */
  ofStore(): string | null {
    const text = this.#texts.onDisk(settingsFile);
    if (this.#saved === null || text !== this.#saved.text) {
      const { settings, problems } = readSettings(text, undefined, codes);
      const ofStore = problems.length > 0 ? null : JSON.stringify([settings.pathMappings, settings.keepRuns]);
      this.#saved = { text, ofStore };
    }
    return this.#saved.ofStore;
  }

  get isIgnored(): (path: string) => boolean {
    return matcher(this.current.settings.ignore);
  }
}
