import * as vscode from "vscode";
import type { ProjectStatus } from "../../../server/src/protocol.ts";
import type { Server } from "../server.ts";
import { statusText } from "./statusText.ts";

/** The one status item: state of the recording, age of the trace, problems found. A click leads to the log. */
export class LanguageStatus {
  readonly #server: Server;
  readonly #item: vscode.LanguageStatusItem;
  readonly #disposables: vscode.Disposable[] = [];

  constructor(server: Server) {
    this.#server = server;
    this.#item = vscode.languages.createLanguageStatusItem("querysight.status", [
      { language: "python" },
      { pattern: "**/templates/**" },
    ]);
    this.#item.name = "Querysight";
    this.#item.command = { command: "querysight.showLog", title: "Show log" };
    this.#disposables.push(
      this.#item,
      server.onDidChange(() => this.#update()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("querysight.status")) void this.#update();
      }),
    );
  }

  async #update(): Promise<void> {
    const { projects } = await this.#server.status();
    const enabled = vscode.workspace.getConfiguration("querysight").get("status.enabled", true);
    void vscode.commands.executeCommand("setContext", "querysight.state", mostActive(projects));
    const { text, detail, warning } = statusText(projects, Date.now());
    this.#item.text = enabled ? text : "";
    this.#item.detail = enabled ? detail : "";
    this.#item.busy = enabled && projects.some((project) => project.state === "recording");
    this.#item.severity = warning ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

function mostActive(projects: readonly ProjectStatus[]): ProjectStatus["state"] {
  for (const state of ["recording", "ready", "unavailable"] as const) {
    if (projects.some((project) => project.state === state)) return state;
  }
  return "empty";
}
