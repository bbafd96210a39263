import { join } from "node:path";
import {
  CancellationToken,
  CodeLensRefreshRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceFoldersChangeEvent,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { codeLenses } from "./features/codeLens.ts";
import { endpoints } from "./features/endpoints.ts";
import { inlayHints } from "./features/inlayHint.ts";
import { status } from "./features/status.ts";
import { abilitiesOf, type ClientAbilities } from "./lsp/clientAbilities.ts";
import { answerCodeActions, codeActionKinds, wantsOurs } from "./lsp/codeActionRequest.ts";
import { type Addresses, remembering, source, toCodeLens, toHover, toInlayHint } from "./lsp/convert.ts";
import { Debounced } from "./lsp/debounced.ts";
import { DiagnosticsPublisher } from "./lsp/diagnosticsPublisher.ts";
import { fileOf, OpenDocuments } from "./lsp/openDocuments.ts";
import { runSafe } from "./lsp/runSafe.ts";
import { type FileInProject, Sessions } from "./lsp/sessions.ts";
import { Surfaces } from "./lsp/surfaces.ts";
import { Verifications } from "./lsp/verifications.ts";
import {
  changedNotification,
  type EndpointsResult,
  endpointsRequest,
  type StatusResult,
  statusRequest,
  type VerificationParams,
  type VerificationPlan,
  type VerificationResult,
  type VerificationResultParams,
  verificationPlanRequest,
  verificationResultRequest,
} from "./protocol.ts";
import { giveBackMemory } from "./session/giveBackMemory.ts";
import type { Session, SessionHost } from "./session/session.ts";
import { version } from "./version.ts";

/** How long edits and batches of a running recording are gathered before the client hears of them. */
const settleMs = 300;
/** How long nothing was asked when memory is given back. */
const restMs = 4_000;
/** How often files without a project look for one, where the client watches no files for us. */
const searchMs = 3_000;

/** Recordings that begin and end; texts that change outside the editor. */
const watchedFiles = [
  "**/.querysight/runs/*/run.json",
  "**/pyproject.toml",
  "**/*.{py,html,htm,djhtml,jinja,jinja2,j2}",
] as const;

/** Everything between the connection and the features. Each handler reads the document, asks one feature, converts its answer. */
export function startServer(connection: Connection, host: SessionHost): void {
  const log = connection.console;
  const documents = new TextDocuments(TextDocument);
  const open = new OpenDocuments(documents);
  const surfaces = new Surfaces(connection);
  const verifications = new Verifications();
  const publisher = new DiagnosticsPublisher(connection);
  const changes = new Debounced<Session>(settleMs, announce);
  const rest = new Debounced<"rest">(restMs, giveBackMemory);
  const sessions = new Sessions(
    host,
    (file) => open.textOf(file),
    log,
    (session) => changes.schedule(session),
  );
  let abilities: ClientAbilities;
  /** Sessions that know which files are open. */
  const introduced = new WeakSet<Session>();
  let folders: readonly string[] = [];
  let search: NodeJS.Timeout | undefined;

  connection.onInitialize((params) => {
    abilities = abilitiesOf(params);
    surfaces.canAsk = abilities.configuration;
    folders = foldersOf(params);
    if (folders.some((folder) => host.findRoot(folder) !== null)) setImmediate(() => host.prepare());
    return capabilities();
  });

  connection.onInitialized(() => {
    if (abilities.workspaceFolders) connection.workspace.onDidChangeWorkspaceFolders(follow);
    if (abilities.configurationChanges) {
      void connection.client.register(DidChangeConfigurationNotification.type, { section: source });
    }
    const watchers = watchedFiles.map((globPattern) => ({ globPattern }));
    if (abilities.watchedFiles) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
    else search = setInterval(findProjects, searchMs).unref();
  });

  connection.onDidChangeConfiguration(() => {
    surfaces.forget();
    for (const session of sessions.all()) changes.schedule(session);
  });
  connection.onDidChangeWatchedFiles(({ changes: files }) => {
    const runs = files.filter(({ uri }) => uri.endsWith("/run.json")).flatMap(({ uri }) => fileOf(uri) ?? []);
    const recorded = runs.length > 0;
    // A first recording makes a project of a folder, also while none of its files is open.
    for (const run of runs) void sessions.at(run);
    for (const session of sessions.all()) {
      if (recorded) void session.refresh();
      if (session.filesChanged()) changes.schedule(session);
      openAnewWhereOutdated(session);
    }
  });

  documents.onDidChangeContent(({ document }) => touched(document.uri));
  documents.onDidClose(({ document }) => touched(document.uri));

  connection.onCodeLens(({ textDocument: { uri } }, token) =>
    inProject(uri, "codeLens", token, [], "The lenses", ({ session, path }) => {
      const addresses = remembering(addressesIn(session));
      return codeLenses(session.project, path).map((lens) => toCodeLens(lens, abilities, addresses));
    }),
  );

  connection.onHover(({ textDocument: { uri }, position }, token) =>
    inProject(uri, "hover", token, null, "The hover", async ({ session, path }) => {
      // Loaded when a project first asks for it: the SQL formatter's dialects take 12 MB and as long as all the rest of a start.
      const { hover } = await import("./features/hover.ts");
      const found = hover(session.project, path, position, Date.now());
      return found === null ? null : toHover(found, abilities);
    }),
  );

  connection.languages.inlayHint.on(({ textDocument: { uri }, range }, token) =>
    inProject(uri, "inlayHints", token, [], "The inlay hints", ({ session, path }) =>
      inlayHints(session.project, path, range).map(toInlayHint),
    ),
  );

  connection.onCodeAction((params, token) => {
    if (!abilities.codeActionLiterals || !wantsOurs(params)) return [];
    return inProject(params.textDocument.uri, null, token, [], "The quick fixes", (file) =>
      answerCodeActions(file, params, abilities, addressesIn(file.session)),
    );
  });

  connection.onRequest<EndpointsResult, void>(endpointsRequest, (...sent: unknown[]) =>
    runSafe(
      async () => {
        const all = (await openSessions()).filter((session) => session.condition().kind !== "empty");
        return {
          projects: all.map((session) => endpoints(session.project, uriOfRoot(session), addressesIn(session).uriOf)),
        };
      },
      { projects: [] },
      "The endpoints",
      tokenOf(sent),
      log,
    ),
  );

  connection.onRequest<StatusResult, void>(statusRequest, (...sent: unknown[]) =>
    runSafe(
      async () => {
        const all = await openSessions();
        await Promise.all(all.map((session) => session.settled()));
        return statusOf(all);
      },
      { projects: [] },
      "The status",
      tokenOf(sent),
      log,
    ),
  );

  connection.onRequest<VerificationPlan, void>(
    verificationPlanRequest,
    (params: VerificationParams, ...sent: unknown[]) =>
      runSafe(
        async () => {
          const file = fileOf(params.uri);
          const session = file === null ? null : await sessions.at(file);
          if (file === null || session === null)
            return { kind: "refused", message: "Nothing is recorded here yet." } as const;
          await session.refresh();
          if (session.condition().kind === "empty")
            return { kind: "refused", message: "Nothing is recorded here yet." } as const;
          await session.settled();
          return verifications.plan(session, (await sessions.of(file))?.path ?? "", params, addressesIn(session));
        },
        { kind: "refused", message: "The tests to run could not be found out; the log says why." },
        "Planning a verification",
        tokenOf(sent),
        log,
      ),
  );

  connection.onRequest<VerificationResult, void>(
    verificationResultRequest,
    (params: VerificationResultParams, ...sent: unknown[]) =>
      runSafe(
        async () => {
          const result = await verifications.result(params);
          for (const session of sessions.all()) changes.schedule(session);
          return result;
        },
        {
          verdict: "unknown",
          headline: "The result could not be read; the log says why.",
          details: [],
          output: [],
          run: null,
        },
        "Comparing with the time before",
        tokenOf(sent),
        log,
      ),
  );

  connection.onShutdown(async () => {
    clearInterval(search);
    changes.dispose();
    await sessions.dispose();
  });

  documents.listen(connection);
  connection.listen();

  /**
   * Answers with the fallback where the file has no project or its surface is switched off. What acts on findings, or cannot be asked for
   * again by this client, waits for those of the texts of now; everything else tells what is known.
   */
  function inProject<T>(
    uri: string,
    surface: "codeLens" | "hover" | "inlayHints" | null,
    token: CancellationToken,
    fallback: T,
    what: string,
    answer: (file: FileInProject) => T | Promise<T>,
  ) {
    rest.postpone("rest");
    return runSafe(
      async () => {
        const file = await projectOf(uri);
        if (file === null || token.isCancellationRequested) return fallback;
        if (surface !== null && !(await surfaces.isEnabled(surface, uri))) return fallback;
        if (!isAskedAgain(surface)) await file.session.settled();
        return token.isCancellationRequested ? fallback : answer(file);
      },
      fallback,
      what,
      token,
      log,
    );
  }

  function isAskedAgain(surface: "codeLens" | "hover" | "inlayHints" | null): boolean {
    if (surface === "codeLens") return abilities.codeLensRefresh;
    return surface === "inlayHints" ? abilities.inlayHintRefresh : surface === "hover";
  }

  async function projectOf(uri: string): Promise<FileInProject | null> {
    const file = fileOf(uri);
    return file === null ? null : sessions.of(file);
  }

  function touched(uri: string): void {
    inBackground("Following an edit", async () => {
      const file = await projectOf(uri);
      if (file?.session.textChanged(file.path)) changes.postpone(file.session);
    });
  }

  /** What happens outside of an editor that watches no files: to files that were opened before anything was recorded, and to settings. */
  function findProjects(): void {
    for (const file of open.files()) void sessions.of(file);
    for (const session of sessions.all()) openAnewWhereOutdated(session);
  }

  function openAnewWhereOutdated(session: Session): void {
    if (!session.isOutdated()) return;
    inBackground("Opening the project anew", async () => {
      const opening = sessions.openAgain(session);
      await publisher.withdraw(session);
      await opening;
    });
  }

  function follow({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const gone = new Set(filesOf(removed));
    folders = [...folders.filter((folder) => !gone.has(folder)), ...filesOf(added)];
  }

  /** Those of open files, and those in and around the workspace's folders: whoever asks for all wants to see all. */
  async function openSessions(): Promise<readonly Session[]> {
    const roots = folders.flatMap((folder) => [folder, ...host.findRootsBelow(folder)]);
    await Promise.all(roots.map((root) => sessions.at(root)));
    return sessions.all();
  }

  /** The trace or a text changed: everything shown is asked for again. */
  function announce(session: Session): void {
    if (!sessions.all().includes(session)) return;
    rest.postpone("rest");
    if (!introduced.has(session)) {
      introduced.add(session);
      openAnewWhereOutdated(session);
      // Files that were open before their project had a session.
      for (const file of open.files()) touched(open.uriOf(file));
    }
    inBackground("Publishing the diagnostics", () => publish(session));
    for (const other of sessions.all()) {
      if (other !== session && isSuperseded(other))
        inBackground("Withdrawing diagnostics", () => publisher.withdraw(other));
    }
    inBackground("Telling of a change", async () => {
      if (abilities.codeLensRefresh) await connection.sendRequest(CodeLensRefreshRequest.type);
      if (abilities.inlayHintRefresh) await connection.languages.inlayHint.refresh();
      await connection.sendNotification(changedNotification, statusOf(sessions.all()));
    });
  }

  /** Its folder was read as a project of its own until one around it was recorded, to which its files belong now. */
  function isSuperseded({ root }: Session): boolean {
    return host.findRoot(root) !== root;
  }

  /** What nobody waits for. */
  function inBackground(what: string, work: () => Promise<void>): void {
    void runSafe(work, undefined, what, CancellationToken.None, log);
  }

  async function publish(session: Session): Promise<void> {
    const root = uriOfRoot(session);
    session.readUnrun((await surfaces.isEnabled("static", root)) && (await surfaces.isEnabled("diagnostics", root)));
    const isShown = await surfaces.isEnabled("diagnostics", root);
    const severities = await surfaces.severities(root);
    if (!sessions.all().includes(session)) return;
    if (isShown && !isSuperseded(session)) {
      await publisher.publish(session, severities, abilities, addressesIn(session));
    } else await publisher.withdraw(session);
  }

  function statusOf(all: readonly Session[]): StatusResult {
    return {
      projects: all.map((session) =>
        status(session.project, uriOfRoot(session), session.condition(), session.problems()),
      ),
    };
  }

  function addressesIn({ root }: Session): Addresses {
    return {
      uriOf: (path) => open.uriOf(join(root, path)),
      versionOf: (path) => open.versionOf(join(root, path)),
    };
  }

  function uriOfRoot({ root }: Session): string {
    return open.uriOf(root);
  }
}

function capabilities(): InitializeResult {
  return {
    serverInfo: { name: "querysight", version },
    capabilities: {
      positionEncoding: "utf-16",
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      codeLensProvider: { resolveProvider: false },
      hoverProvider: true,
      inlayHintProvider: { resolveProvider: false },
      codeActionProvider: { codeActionKinds: [...codeActionKinds] },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  return filesOf(workspaceFolders ?? (rootUri ? [{ uri: rootUri }] : []));
}

function filesOf(folders: readonly { readonly uri: string }[]): readonly string[] {
  return folders.flatMap(({ uri }) => fileOf(uri) ?? []);
}

/** A request without parameters: some clients send `null` or `{}` all the same. The token always comes last. */
function tokenOf(sent: readonly unknown[]): CancellationToken {
  const last = sent.at(-1);
  return CancellationToken.is(last) ? last : CancellationToken.None;
}
