import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { WorkbenchError } from "./errors.ts";
import { ensureWorkbench } from "./install.ts";
import { quietSettings, type UserSettings } from "./settings.ts";

export interface WorkbenchOptions {
  readonly workspaceFolder: string;
  /** The folder with the extension's package.json, opened in development mode: built, but not packaged. */
  readonly extensionPath: string;
  /** A file that stands open from the start. */
  readonly openFile?: string;
  /** A bundled suite that the extension host runs instead of waiting for a person. */
  readonly extensionTestsPath?: string;
  /** Laid over {@link quietSettings}. */
  readonly userSettings?: UserSettings;
  /** Settings, installed extensions and window state. Without it a temporary folder, removed on stop. */
  readonly serverDataDir?: string;
  /** Without it, a free one. */
  readonly port?: number;
  /** Added to the environment of the extension host and of terminals. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkbenchServer {
  /** Opens the workspace with the extension loaded; holds the token that the server asks for. */
  readonly url: string;
  readonly port: number;
  /** Resolves when the server has ended, by {@link stop} or by itself. */
  readonly exited: Promise<void>;
  /** All that the server has printed so far. */
  log(): string;
  /** Ends the server and everything that it started. May be called twice. */
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;

/**
 * Serves a VS Code workbench on 127.0.0.1, installing it first where needed.
 *
 * @throws WorkbenchError when it cannot be installed, when the port is taken, or when the server does not start.
 */
export async function startWorkbench(options: WorkbenchOptions): Promise<WorkbenchServer> {
  const { serverMain } = await ensureWorkbench();
  if (options.port !== undefined) {
    await checkPort(options.port);
  }
  const data = resolve(options.serverDataDir ?? mkdtempSync(join(tmpdir(), "querysight-workbench-")));
  writeSettings(data, { ...quietSettings, ...options.userSettings });

  // A page in the user's browser can reach every port of this machine, and a workbench runs commands.
  const token = randomUUID();
  const args = [
    serverMain,
    ...["--host", "127.0.0.1", "--port", String(options.port ?? 0), "--connection-token", token],
    ...["--server-data-dir", data, "--extensions-dir", join(data, "extensions"), "--telemetry-level", "off"],
    ...["--accept-server-license-terms", "--enable-smoke-test-driver"],
  ];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    // Its own process group: extension hosts and language servers end with it.
    detached: true,
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      log += chunk;
    });
  }
  const exited = new Promise<void>((done) => {
    child.once("error", () => done());
    child.once("exit", () => done());
  });
  const clear = (): void => {
    if (options.serverDataDir === undefined) {
      rmSync(data, { recursive: true, force: true, maxRetries: 3 });
    }
  };
  const forget = onProcessEnd(() => {
    signalGroup(child, "SIGKILL");
    clear();
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= endGroup(child, exited).then(clear).finally(forget);
    return stopped;
  };

  const port = await listeningPort(child, exited, () => log).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url: workbenchUrl(port, token, options), port, exited, log: () => log, stop };
}

function workbenchUrl(port: number, token: string, options: WorkbenchOptions): string {
  const authority = `127.0.0.1:${port}`;
  const payload = [
    ["extensionDevelopmentPath", `vscode-remote://${authority}${resolve(options.extensionPath)}`],
    ["skipWelcome", "true"],
    ...["openFile", "extensionTestsPath"].flatMap((name) => {
      const path = options[name as "openFile" | "extensionTestsPath"];
      return path === undefined ? [] : [[name, `vscode-remote://${authority}${resolve(path)}`]];
    }),
  ];
  const query = new URLSearchParams({
    tkn: token,
    folder: resolve(options.workspaceFolder),
    payload: JSON.stringify(payload),
  });
  return `http://${authority}/?${query}`;
}

function writeSettings(data: string, settings: UserSettings): void {
  const folder = join(data, "data", "User");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings, undefined, 2));
}

/** The server itself would quietly take another port. */
function checkPort(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "is taken by another program" : `cannot be used (${error.message})`;
      fail(
        new WorkbenchError(
          "port-taken",
          `Port ${port} ${why}. End that program, or choose another port: QUERYSIGHT_PORT=8124 npm start`,
        ),
      );
    });
    probe.listen(port, "127.0.0.1", () => probe.close(() => done()));
  });
}

function listeningPort(child: ChildProcess, exited: Promise<void>, log: () => string): Promise<number> {
  const failure = (what: string): WorkbenchError =>
    new WorkbenchError(
      "start-failed",
      `The workbench's server ${what}. It last said:\n${log().trim().split("\n").slice(-15).join("\n")}`,
    );
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(failure(`was not ready after ${startTimeoutMs / 1000} s`)), startTimeoutMs);
    const look = (): void => {
      const port = /Extension host agent listening on (\d+)/.exec(log())?.[1];
      if (port !== undefined) {
        clearTimeout(timer);
        done(Number(port));
      }
    };
    child.stdout?.on("data", look);
    void exited.then(() => {
      clearTimeout(timer);
      fail(failure(`ended with code ${child.exitCode}`));
    });
  });
}

async function endGroup(child: ChildProcess, exited: Promise<void>): Promise<void> {
  signalGroup(child, "SIGTERM");
  const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopTimeoutMs);
  await exited;
  clearTimeout(timer);
  // Children that outlived their server still carry its group's id.
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

/** A detached group survives Ctrl+C and crashes of this process unless it is ended here. Returns the undo. */
function onProcessEnd(end: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const endAndPassOn = (signal: NodeJS.Signals): void => {
    forget();
    end();
    // Ours was the only listener: without it the signal means again what it always means.
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
  };
  const forget = (): void => {
    process.off("exit", end);
    for (const signal of signals) {
      process.off(signal, endAndPassOn);
    }
  };
  process.on("exit", end);
  for (const signal of signals) {
    process.on(signal, endAndPassOn);
  }
  return forget;
}
