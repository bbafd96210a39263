import type { Connection } from "vscode-languageserver";

export type Surface = "codeLens" | "hover" | "inlayHints" | "diagnostics";

/** The editor's off switches (`querysight.<surface>.enabled`), by the file they are asked for. All on where the client cannot say. */
export class EditorSettings {
  /** Set once the client's abilities are known. */
  canAsk = false;
  readonly #connection: Connection;
  readonly #known = new Map<string, Promise<Readonly<Record<Surface, boolean>>>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async isEnabled(surface: Surface, uri: string): Promise<boolean> {
    if (!this.canAsk) return true;
    let settings = this.#known.get(uri);
    if (settings === undefined) {
      settings = this.#ask(uri);
      this.#known.set(uri, settings);
    }
    return (await settings)[surface];
  }

  /** After a change: asked again when next needed. */
  forget(): void {
    this.#known.clear();
  }

  async #ask(uri: string): Promise<Readonly<Record<Surface, boolean>>> {
    let sent: unknown = null;
    try {
      sent = await this.#connection.workspace.getConfiguration({ scopeUri: uri, section: "querysight" });
    } catch (error) {
      this.#connection.console.warn(`The client did not give its settings: ${String(error)}`);
    }
    return {
      codeLens: isOn(sent, "codeLens"),
      hover: isOn(sent, "hover"),
      inlayHints: isOn(sent, "inlayHints"),
      diagnostics: isOn(sent, "diagnostics"),
    };
  }
}

function isOn(settings: unknown, surface: Surface): boolean {
  const group = memberOf(settings, surface);
  return memberOf(group, "enabled") !== false;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
