import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";

/** The folder to record: the workspace's Django project; asks where there are several. Undefined where there is none or the question was left. */
export async function pickProject(): Promise<vscode.Uri | undefined> {
  const managers = await vscode.workspace.findFiles(
    "**/manage.py",
    "**/{node_modules,.venv,venv,env,site-packages}/**",
    50,
  );
  const folders = [...new Set(managers.map((uri) => dirname(uri.fsPath)))];
  for (const workspace of vscode.workspace.workspaceFolders ?? []) {
    const inside = folders.some((folder) => folder.startsWith(workspace.uri.fsPath));
    if (!inside && hasTestConfiguration(workspace.uri.fsPath)) folders.push(workspace.uri.fsPath);
  }
  folders.sort((a, b) => a.length - b.length || a.localeCompare(b));
  const [only, ...others] = folders;
  if (!only) {
    void vscode.window.showWarningMessage(
      "Querysight found no manage.py and no pytest configuration in this workspace. Open the folder of a Django project.",
    );
    return undefined;
  }
  if (others.length === 0) return vscode.Uri.file(only);
  const picked = await vscode.window.showQuickPick(
    folders.map((folder) => ({ label: vscode.workspace.asRelativePath(folder, true), folder })),
    { title: "Which project's tests should be recorded?" },
  );
  return picked && vscode.Uri.file(picked.folder);
}

/** Reads a file of a folder by its name; null where there is none. */
export function readIn(folder: string): (name: string) => string | null {
  return (name) => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      return null;
    }
  };
}

function hasTestConfiguration(folder: string): boolean {
  return ["pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "conftest.py"].some((name) =>
    existsSync(join(folder, name)),
  );
}
