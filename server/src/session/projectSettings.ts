import { rules } from "../insights/rules.ts";
import { matcher } from "../project/globs.ts";
import { readSettings, type SettingsResult } from "../project/settings.ts";
import type { FileTexts } from "./fileTexts.ts";

const settingsFile = "pyproject.toml";

/** What a project's own file says, read again once it changed. The editor's settings are switches of its surfaces (lsp/surfaces.ts): they change nothing here. */
export class ProjectSettings {
  readonly #texts: FileTexts;
  #read: { readonly text: string | null; readonly result: SettingsResult } | null = null;

  constructor(texts: FileTexts) {
    this.#texts = texts;
  }

  get current(): SettingsResult {
    const text = this.#texts.read(settingsFile);
    if (this.#read === null || text !== this.#read.text) {
      const codes = rules.map(({ code }) => code);
      this.#read = { text, result: readSettings(text, undefined, codes) };
    }
    return this.#read.result;
  }

  get isIgnored(): (path: string) => boolean {
    return matcher(this.current.settings.ignore);
  }
}
