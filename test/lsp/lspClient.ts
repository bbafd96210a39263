import { type ChildProcess, fork, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionRequest,
  type CodeLens,
  CodeLensRefreshRequest,
  CodeLensRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  FileChangeType,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type InlayHint,
  InlayHintRefreshRequest,
  InlayHintRequest,
  IPCMessageReader,
  IPCMessageWriter,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { URI } from "vscode-uri";
import {
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
import { built } from "./dist.ts";

export interface ClientOptions {
  /** Workspace folders. */
  readonly folders: readonly string[];
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  readonly transport?: "stdio" | "node-ipc";
}

/** What VS Code announces of what the server looks at. */
export const fullCapabilities: ClientCapabilities = {
  textDocument: {
    hover: { contentFormat: ["markdown", "plaintext"] },
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } },
      disabledSupport: true,
      isPreferredSupport: true,
      dataSupport: true,
    },
    publishDiagnostics: { relatedInformation: true, dataSupport: true },
  },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true },
    codeLens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
};

const patienceMs = 20_000;

/** An editor without a screen: it speaks LSP to the bundled server and remembers what it was sent. */
export class LspClient {
  readonly initialized: InitializeResult;
  /** The newest by file. */
  readonly diagnostics = new Map<string, readonly Diagnostic[]>();
  /** Of `querysight/changed`, oldest first. */
  readonly changes: StatusResult[] = [];
  lensRefreshes = 0;
  registered: readonly string[] = [];
  /** What `workspace/configuration` answers for the section `querysight`. */
  settings: unknown = {};
  readonly #process: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #versions = new Map<string, number>();
  readonly #waiting = new Set<() => void>();

  private constructor(process: ChildProcess, connection: ProtocolConnection, initialized: InitializeResult) {
    this.#process = process;
    this.#connection = connection;
    this.initialized = initialized;
  }

  static async start(options: ClientOptions): Promise<LspClient> {
    const child = startServer(options.transport ?? "stdio");
    const connection = connectTo(child, options.transport ?? "stdio");
    connection.listen();
    const folders = options.folders.map((folder) => ({ uri: URI.file(folder).toString(), name: folder }));
    const initialized = await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: options.capabilities ?? fullCapabilities,
      initializationOptions: options.initializationOptions,
      workspaceFolders: folders,
    });
    const client = new LspClient(child, connection, initialized);
    client.#listen();
    await connection.sendNotification(InitializedNotification.type, {});
    return client;
  }

  /** Of the server's process. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  async open(file: string, text = readFileSync(file, "utf8"), languageId = "python"): Promise<void> {
    this.#versions.set(file, 1);
    const uri = URI.file(file).toString();
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** One change as typing makes it: only the replaced range is sent. */
  async change(file: string, range: Range, text: string): Promise<void> {
    const version = (this.#versions.get(file) ?? 1) + 1;
    this.#versions.set(file, version);
    await this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: URI.file(file).toString(), version },
      contentChanges: [{ range, text }],
    });
  }

  async close(file: string): Promise<void> {
    await this.#connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: documentOf(file) });
  }

  /** As an editor that watches files for the server. */
  async fileChanged(file: string): Promise<void> {
    await this.#connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: URI.file(file).toString(), type: FileChangeType.Changed }],
    });
  }

  async codeLenses(file: string): Promise<readonly CodeLens[]> {
    return (await this.#connection.sendRequest(CodeLensRequest.type, { textDocument: documentOf(file) })) ?? [];
  }

  /** `line: title`, lines from 1. */
  async lensTitles(file: string): Promise<readonly string[]> {
    return (await this.codeLenses(file)).map(({ range, command }) => `${range.start.line + 1}: ${command?.title}`);
  }

  hover(file: string, position: Position): Promise<Hover | null> {
    return this.#connection.sendRequest(HoverRequest.type, { textDocument: documentOf(file), position });
  }

  async inlayHints(file: string): Promise<readonly InlayHint[]> {
    const range = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };
    return (await this.#connection.sendRequest(InlayHintRequest.type, { textDocument: documentOf(file), range })) ?? [];
  }

  async codeActions(
    file: string,
    range: Range,
    diagnostics: readonly Diagnostic[] = [],
  ): Promise<readonly CodeAction[]> {
    const context = { diagnostics: [...diagnostics] };
    const params = { textDocument: documentOf(file), range, context };
    const found = (await this.#connection.sendRequest(CodeActionRequest.type, params)) ?? [];
    return found.filter((action): action is CodeAction => "kind" in action);
  }

  endpoints(): Promise<EndpointsResult> {
    return this.#connection.sendRequest<EndpointsResult>(endpointsRequest);
  }

  status(): Promise<StatusResult> {
    return this.#connection.sendRequest<StatusResult>(statusRequest);
  }

  verificationPlan(params: VerificationParams): Promise<VerificationPlan> {
    return this.#connection.sendRequest<VerificationPlan>(verificationPlanRequest, params);
  }

  verificationResult(params: VerificationResultParams): Promise<VerificationResult> {
    return this.#connection.sendRequest<VerificationResult>(verificationResultRequest, params);
  }

  async configure(settings: unknown): Promise<void> {
    this.settings = settings;
    await this.#connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  /** Resolves once the answer is truthy; asked again after each message of the server, and now and then. */
  async until<T>(what: string, answer: () => T | Promise<T>): Promise<NonNullable<T>> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const found = await answer();
      if (found) return found;
      if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
      await this.#nextMessage(250);
    }
  }

  /** Ends the session as the protocol says; resolves with the server's exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#process.once("exit", resolve));
    await this.#connection.sendRequest(ShutdownRequest.type);
    await this.#connection.sendNotification(ExitNotification.type);
    const code = await ended;
    this.#connection.dispose();
    return code;
  }

  #listen(): void {
    const heard = (): void => {
      for (const wake of this.#waiting) wake();
    };
    this.#connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.diagnostics.set(URI.parse(uri).fsPath, diagnostics);
      heard();
    });
    this.#connection.onNotification(changedNotification, (status: StatusResult) => {
      this.changes.push(status);
      heard();
    });
    this.#connection.onRequest(CodeLensRefreshRequest.type, () => {
      this.lensRefreshes += 1;
      heard();
    });
    this.#connection.onRequest(InlayHintRefreshRequest.type, () => undefined);
    this.#connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => this.settings));
    this.#connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registered = [...this.registered, ...registrations.map(({ method }) => method)];
    });
  }

  #nextMessage(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }
}

export function inFolder(root: string, path: string): string {
  return join(root, ...path.split("/"));
}

function documentOf(file: string): { readonly uri: string } {
  return { uri: URI.file(file).toString() };
}

function startServer(transport: "stdio" | "node-ipc"): ChildProcess {
  const server = built("server.js");
  const env = { ...process.env, ...serverEnvironment };
  if (transport === "node-ipc") return fork(server, ["--node-ipc"], { silent: true, env });
  return spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"], env });
}

function connectTo(child: ChildProcess, transport: "stdio" | "node-ipc"): ProtocolConnection {
  if (transport === "node-ipc") {
    return createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
  }
  if (child.stdout === null || child.stdin === null) throw new Error("The server has no streams.");
  return createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
}
