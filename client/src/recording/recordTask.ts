import * as vscode from "vscode";
import { recordWords } from "../../../server/src/recording/recordWords.ts";
import { projectFacts, testCommand } from "../../../server/src/recording/testCommand.ts";
import { recorderEnvironment } from "./environment.ts";
import { findInterpreter } from "./interpreter.ts";
import { pickProject, readIn } from "./project.ts";

/**
 * Runs the project's own tests under the recorder, as a task whose output the user sees. `onDidEnd` is called when the run is over: a file
 * watcher may be late, or off.
 */
export async function recordAllTests(
  extensionPath: string,
  log: vscode.LogOutputChannel,
  onDidEnd: () => void,
): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage("Recording runs the project's tests, which needs a trusted workspace.");
    return;
  }
  const folder = await pickProject();
  if (!folder) return;

  const settings = vscode.workspace.getConfiguration("querysight", folder);
  const python = await findInterpreter(folder);
  const command = testCommand(
    settings.get<string | string[]>("record.command", ""),
    python,
    projectFacts(readIn(folder.fsPath)),
  );
  if (!command) {
    void vscode.window.showWarningMessage(
      "Querysight does not know how this project runs its tests. Set querysight.record.command.",
    );
    return;
  }
  const words = recordWords(command, { parameters: settings.get("record.parameters", true) });
  log.info(`Recording in ${folder.fsPath}: ${python} ${words.join(" ")}`);

  const task = new vscode.Task(
    { type: "querysight", task: "recordAllTests" },
    vscode.workspace.getWorkspaceFolder(folder) ?? vscode.TaskScope.Workspace,
    "Record all tests",
    "Querysight",
    new vscode.ProcessExecution(python, [...words], {
      cwd: folder.fsPath,
      env: { ...recorderEnvironment(extensionPath) },
    }),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  const execution = await vscode.tasks.executeTask(task);
  const ended = vscode.tasks.onDidEndTaskProcess((event) => {
    if (event.execution !== execution) return;
    ended.dispose();
    onDidEnd();
    void reportEnd(event.exitCode, log);
  });
}

async function reportEnd(exitCode: number | undefined, log: vscode.LogOutputChannel): Promise<void> {
  log.info(`Recording ended with exit code ${exitCode ?? "unknown"}.`);
  if (exitCode === 0 || exitCode === undefined) return;
  const choice = await vscode.window.showWarningMessage(
    `The test run ended with exit code ${exitCode}. The tests that passed are recorded; the terminal shows the rest.`,
    "Show Log",
  );
  if (choice) log.show();
}
