import * as vscode from "vscode";
import { openLocation, showPlaces } from "./locations.ts";
import { recordAllTests } from "./recording/recordTask.ts";
import { Server } from "./server.ts";
import { EndpointsTree } from "./views/endpointsTree.ts";
import { LanguageStatus } from "./views/languageStatus.ts";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Querysight", { log: true });
  const running = new Server(context.extensionPath, log);
  server = running;
  const tree = new EndpointsTree(running);
  const status = new LanguageStatus(running);

  context.subscriptions.push(
    log,
    tree,
    status,
    vscode.commands.registerCommand("querysight.recordAllTests", () =>
      recordAllTests(context.extensionPath, log, () => running.lookAgain()),
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
