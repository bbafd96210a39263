import * as vscode from "vscode";
import { commandNames, type FindingsArgument } from "../../server/src/protocol.ts";
import { openLocation, showPlaces } from "./locations.ts";
import { recordAllTests } from "./recording/recordTask.ts";
import { Server } from "./server.ts";
import { Verifier } from "./verify/verifier.ts";
import { EndpointsTree } from "./views/endpointsTree.ts";
import { LanguageStatus } from "./views/languageStatus.ts";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Querysight", { log: true });
  const running = new Server(context.extensionPath, log);
  server = running;
  const tree = new EndpointsTree(running);
  const status = new LanguageStatus(running);
  const verifier = new Verifier(running, context.extensionPath);

  context.subscriptions.push(
    log,
    tree,
    status,
    verifier,
    vscode.commands.registerCommand("querysight.recordAllTests", () =>
      recordAllTests(context.extensionPath, log, () => running.lookAgain()),
    ),
    vscode.commands.registerCommand(commandNames.applyAndVerify, (argument?: FindingsArgument) =>
      verifier.applyAndVerify(argument),
    ),
    vscode.commands.registerCommand(commandNames.rerunTests, (argument?: FindingsArgument) =>
      verifier.rerunTests(argument),
    ),
    vscode.commands.registerCommand("querysight.showLog", () => log.show()),
    vscode.commands.registerCommand("querysight.restartServer", () => running.restart()),
    vscode.commands.registerCommand("querysight.openLocation", openLocation),
    vscode.commands.registerCommand("querysight.show", showPlaces),
  );
  await running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
