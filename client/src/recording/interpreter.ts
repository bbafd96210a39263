import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { ownInterpreters } from "../../../server/src/recording/interpreters.ts";

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
  return (
    (await activeEnvironment(folder)) ?? ownInterpreters(folder.fsPath, process.platform).find(existsSync) ?? "python3"
  );
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
