import { join } from "node:path";
import * as vscode from "vscode";
import { LanguageClient, State, TransportKind } from "vscode-languageclient/node";
import {
  type ClientOptions,
  changedNotification,
  type EndpointsResult,
  endpointsRequest,
  type StatusResult,
  serverEnvironment,
  statusRequest,
  type VerificationParams,
  type VerificationPlan,
  type VerificationResult,
  type VerificationResultParams,
  verificationPlanRequest,
  verificationResultRequest,
} from "../../server/src/protocol.ts";

/** Python and whatever may be a Django or Jinja template; the server answers nothing for files without recorded sites. */
const documentSelector = [
  { scheme: "file", language: "python" },
  { scheme: "file", pattern: "**/*.{html,htm,djhtml,jinja,jinja2,j2,txt,xml}" },
];

/** The language server's process, and the questions the views ask it. */
export class Server {
  readonly #client: LanguageClient;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Something new can be asked for: the server started, a trace changed. */
  readonly onDidChange = this.#changed.event;

  constructor(extensionPath: string, log: vscode.LogOutputChannel) {
    const module = join(extensionPath, "dist", "server.js");
    const options: ClientOptions = { commands: true };
    this.#client = new LanguageClient(
      "querysight",
      "Querysight",
      {
        run: { module, transport: TransportKind.ipc, options: { env: serverEnvironment } },
        debug: {
          module,
          transport: TransportKind.ipc,
          options: { env: serverEnvironment, execArgv: ["--nolazy", "--inspect=6019"] },
        },
      },
      {
        documentSelector,
        outputChannel: log,
        initializationOptions: options,
        synchronize: { configurationSection: "querysight" },
      },
    );
    this.#client.onNotification(changedNotification, () => this.#changed.fire());
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) this.#changed.fire();
    });
  }

  start(): Promise<void> {
    return this.#client.start();
  }

  async stop(): Promise<void> {
    await this.#client.stop();
  }

  async restart(): Promise<void> {
    await this.#client.restart();
  }

  /** Makes the views ask again; the server looks for new recordings when it is asked. */
  lookAgain(): void {
    this.#changed.fire();
  }

  async endpoints(): Promise<EndpointsResult> {
    return (await this.#ask<EndpointsResult>(endpointsRequest)) ?? { projects: [] };
  }

  async status(): Promise<StatusResult> {
    return (await this.#ask<StatusResult>(statusRequest)) ?? { projects: [] };
  }

  async verificationPlan(params: VerificationParams): Promise<VerificationPlan> {
    const message = "The language server is not running: see the log.";
    return (await this.#ask<VerificationPlan>(verificationPlanRequest, params)) ?? { kind: "refused", message };
  }

  async verificationResult(params: VerificationResultParams): Promise<VerificationResult> {
    const headline = "The language server is not running, so nothing is verified: see the log.";
    const none = { verdict: "unknown", headline, details: [], output: [], run: null } as const;
    return (await this.#ask<VerificationResult>(verificationResultRequest, params)) ?? none;
  }

  /** A view that asks while the server starts or has died gets nothing; `onDidChange` makes it ask again. */
  async #ask<Result>(method: string, params?: object): Promise<Result | undefined> {
    if (this.#client.state !== State.Running) return undefined;
    try {
      return await (params
        ? this.#client.sendRequest<Result>(method, params)
        : this.#client.sendRequest<Result>(method));
    } catch (error) {
      this.#client.error(`${method} failed`, error, false);
      return undefined;
    }
  }
}
