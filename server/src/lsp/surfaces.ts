import type { Connection } from "vscode-languageserver";
import type { Severities } from "../features/diagnostics.ts";
import { type EditorSettings, readEditorSettings } from "../project/editorSettings.ts";

export type Surface = "codeLens" | "hover" | "inlayHints" | "diagnostics" | "static";

/** The editor's off switches (`querysight.<surface>.enabled`), by the file they are asked for. All on where the client cannot say. */
export class Surfaces {
  /** Set once the client's abilities are known. */
  canAsk = false;
  readonly #connection: Connection;
  readonly #known = new Map<string, Promise<EditorSettings>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async isEnabled(surface: Surface, uri: string): Promise<boolean> {
    return (await this.#settingsOf(uri))[surface].enabled;
  }

  /** What this person wants of Problems, over what the project says. */
  async severities(uri: string): Promise<Severities> {
    return (await this.#settingsOf(uri)).diagnostics.severities;
  }

  #settingsOf(uri: string): Promise<EditorSettings> {
    let settings = this.#known.get(uri);
    if (settings === undefined) {
      settings = this.canAsk ? this.#ask(uri) : Promise.resolve(readEditorSettings(null).settings);
      this.#known.set(uri, settings);
    }
    return settings;
  }

  /** After a change: asked again when next needed. */
  forget(): void {
    this.#known.clear();
  }

  async #ask(uri: string): Promise<EditorSettings> {
    let sent: unknown = null;
    try {
      sent = await this.#connection.workspace.getConfiguration({ scopeUri: uri, section: "querysight" });
    } catch (error) {
      this.#connection.console.warn(`The client did not give its settings: ${String(error)}`);
    }
    const { settings, problems } = readEditorSettings(sent);
    for (const { message } of problems) this.#connection.console.warn(message);
    return settings;
  }
}
