import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

/** The part of the Python extension's API that is used: https://github.com/microsoft/vscode-python/wiki/Python-Environment-APIs */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource: vscode.Uri): { readonly path: string };
    resolveEnvironment(path: {
      readonly path: string;
    }): Promise<{ readonly executable?: { readonly uri?: vscode.Uri } } | undefined>;
  };
}

/** The interpreter that runs a project's tests: the setting, else the Python extension's active environment, else the project's own. */
export async function findInterpreter(folder: vscode.Uri): Promise<string> {
  const setting = vscode.workspace.getConfiguration("querysight", folder).get("python.interpreter", "").trim();
  if (setting) return setting;
  return (await activeEnvironment(folder)) ?? ownEnvironment(folder.fsPath) ?? "python3";
}

async function activeEnvironment(folder: vscode.Uri): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  if (!extension) return undefined;
  try {
    const { environments } = extension.isActive ? extension.exports : await extension.activate();
    if (!environments) return undefined;
    const resolved = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(folder));
    return resolved?.executable?.uri?.fsPath;
  } catch {
    // An older or failing Python extension must not keep a project with its own environment from being recorded.
    return undefined;
  }
}

function ownEnvironment(folder: string): string | undefined {
  const inside = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return [".venv", "venv", "env"].map((name) => join(folder, name, ...inside)).find(existsSync);
}
