import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import * as vscode from "vscode";
import type {
  FindingsArgument,
  VerificationParams,
  VerificationPlan,
  VerificationResult,
} from "../../../server/src/protocol.ts";
import { commandFor } from "../../../server/src/recording/chooseCommand.ts";
import { recordWords } from "../../../server/src/recording/recordWords.ts";
import { projectFacts } from "../../../server/src/recording/testCommand.ts";
import { recorderEnvironment } from "../recording/environment.ts";
import { findInterpreter } from "../recording/interpreter.ts";
import { readIn } from "../recording/project.ts";
import { runTests } from "../recording/runTests.ts";
import type { Server } from "../server.ts";
import { type AppliedEdits, applyEdits, undoEdits } from "./fileEdits.ts";
import { isGood, messageOf } from "./verifierText.ts";

type Planned = Extract<VerificationPlan, { readonly kind: "planned" }>;

/** Applies a fix and has the tests that run the edited code tell whether it is right; or runs such tests again. */
export class Verifier implements vscode.Disposable {
  readonly #server: Server;
  readonly #extensionPath: string;
  /** What the tests print, and what came of it. */
  readonly #output = vscode.window.createOutputChannel("Querysight Tests");
  #isRunning = false;

  constructor(server: Server, extensionPath: string) {
    this.#server = server;
    this.#extensionPath = extensionPath;
  }

  dispose(): void {
    this.#output.dispose();
  }

  /** Without an argument (from the command palette) the fix at the cursor. */
  async applyAndVerify(argument?: FindingsArgument): Promise<void> {
    if (argument) {
      const { project, findingIds, title = null } = argument;
      return this.#verify({ uri: project, target: { kind: "fix", findingIds, title } });
    }
    const cursor = atCursor();
    if (cursor) await this.#verify({ uri: cursor.uri, target: { kind: "fix-at", range: cursor.range } });
  }

  /** Without an argument the tests that run the statement at the cursor. */
  async rerunTests(argument?: FindingsArgument): Promise<void> {
    if (argument) {
      const { project, findingIds } = argument;
      return this.#verify({ uri: project, target: { kind: "findings", findingIds } });
    }
    const cursor = atCursor();
    if (cursor) await this.#verify({ uri: cursor.uri, target: { kind: "place", range: cursor.range } });
  }

  async #verify(params: VerificationParams): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage("Verifying runs the project's tests, which needs a trusted workspace.");
      return;
    }
    if (this.#isRunning) {
      void vscode.window.showWarningMessage("Another fix is being verified. Wait for its tests, or cancel them.");
      return;
    }
    this.#isRunning = true;
    try {
      const plan = await this.#server.verificationPlan(params);
      if (plan.kind === "refused") void vscode.window.showWarningMessage(plan.message);
      else await this.#carryOut(plan);
    } finally {
      this.#isRunning = false;
    }
  }

  async #carryOut(plan: Planned): Promise<void> {
    const folder = vscode.Uri.file(plan.root);
    const python = await findInterpreter(folder);
    const command = commandOf(plan, folder, python);
    if (!command) {
      void vscode.window.showWarningMessage(
        "Querysight does not know how this project runs single tests. Set querysight.record.command to a pytest or manage.py test command.",
      );
      return;
    }
    const applied = plan.files.length === 0 ? null : await applyEdits(plan.files);
    if (typeof applied === "string") {
      void vscode.window.showWarningMessage(applied);
      return;
    }
    const result = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: progressTitle(plan), cancellable: true },
      (_, token) => this.#run(plan, folder, python, command, token),
    );
    this.#server.lookAgain();
    await this.#tell(result, applied, plan);
  }

  async #run(
    plan: Planned,
    folder: vscode.Uri,
    python: string,
    command: readonly string[],
    token: vscode.CancellationToken,
  ): Promise<VerificationResult> {
    const parameters = vscode.workspace.getConfiguration("querysight", folder).get("record.parameters", true);
    const words = recordWords(command, { parameters, root: plan.root });
    this.#output.clear();
    this.#output.appendLine(`${python} ${words.join(" ")}`);
    const place = { cwd: plan.root, env: recorderEnvironment(this.#extensionPath) };
    const run = await runTests(python, words, place, this.#output, token);
    if (run.kind === "not-started")
      return failed(`The tests could not be started: ${run.reason}. Choose a Python interpreter.`);
    const result = await this.#server.verificationResult({ id: plan.id, command, output: run.output });
    return run.kind === "cancelled" ? { ...failed("Cancelled, so nothing is verified."), run: result.run } : result;
  }

  async #tell(result: VerificationResult, applied: AppliedEdits | null, plan: Planned): Promise<void> {
    for (const line of ["", result.headline, ...result.details, ...result.output]) this.#output.appendLine(line);
    const message = messageOf(result);
    const actions = [...(applied === null ? [] : ["Undo"]), "Show Output"];
    const choice = await (isGood(result)
      ? vscode.window.showInformationMessage(message, ...actions)
      : vscode.window.showWarningMessage(message, ...actions));
    if (choice === "Show Output") this.#output.show(true);
    if (choice === "Undo" && applied !== null) await this.#undo(applied, result, plan);
  }

  /** What the edited code executed says nothing of the code as it was: its recording goes with it. */
  async #undo(applied: AppliedEdits, { run }: VerificationResult, { root }: Planned): Promise<void> {
    const left = await undoEdits(applied);
    if (left.length > 0) {
      void vscode.window.showWarningMessage(`Not undone, as it changed meanwhile: ${left.join(", ")}.`);
      return;
    }
    if (run !== null) await deleteRun(root, run);
    this.#server.lookAgain();
  }
}

function commandOf({ tests, runs, root }: Planned, folder: vscode.Uri, python: string): readonly string[] | null {
  return commandFor(tests, {
    setting: vscode.workspace.getConfiguration("querysight", folder).get<string | string[]>("record.command", ""),
    runs,
    root: realpathSync(root),
    python,
    pythonAsked: true,
    facts: projectFacts(readIn(root)),
    exists: (path) => existsSync(resolve(root, path)),
  });
}

async function deleteRun(root: string, run: string): Promise<void> {
  const folder = vscode.Uri.file(join(root, ".querysight", "runs", run));
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true });
  } catch {
    // It was pruned, or cannot be deleted: what it holds is shown as recorded before an edit.
  }
}

function atCursor(): { readonly uri: string; readonly range: vscode.Range } | null {
  const editor = vscode.window.activeTextEditor;
  if (editor) return { uri: editor.document.uri.toString(), range: editor.selection };
  void vscode.window.showWarningMessage("Put the cursor on a query or a loop first.");
  return null;
}

function progressTitle({ title, tests }: Planned): string {
  const many = tests.length === 1 ? "1 test" : `${tests.length} tests`;
  return title === "" ? `Running ${many} under the recorder` : `Verifying with ${many}: ${title}`;
}

function failed(headline: string): VerificationResult {
  return { verdict: "unknown", headline, details: [], output: [], run: null };
}
