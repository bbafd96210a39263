/**
 * Runs inside the extension host, on a recorded copy of the demo: what only VS Code's own API can tell. `run` is what both
 * @vscode/test-electron and the workbench's `extensionTestsPath` call; it throws at the first check that fails.
 */
import assert from "node:assert/strict";
import * as vscode from "vscode";

const id = "querysight.querysight";

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension(id);
  assert.ok(extension, `${id} is not installed`);
  await extension.activate();

  await check("every contributed command is registered", async () => {
    const contributed: readonly { readonly command: string }[] = extension.packageJSON.contributes.commands;
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributed.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });

  await check("every setting has its default", async () => {
    const properties: Record<string, { readonly default: unknown }> =
      extension.packageJSON.contributes.configuration.properties;
    for (const [name, { default: wanted }] of Object.entries(properties)) {
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, wanted, name);
    }
  });

  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, "no folder is open");
  const template = vscode.Uri.joinPath(folder.uri, "templates/orders/_rows.html");
  await vscode.window.showTextDocument(template);

  await check("the loop's lens carries a command that is registered", async () => {
    const lens = await until("the lens", async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        "vscode.executeCodeLensProvider",
        template,
        10,
      );
      return lenses.find(({ command }) => command?.title.startsWith("executes 101 queries"));
    });
    assert.equal(lens.range.start.line, 0);
    assert.equal(lens.command?.command, "querysight.show");
  });

  await check("the diagnostic leads to the queryset in the other file", async () => {
    const [diagnostic] = await until("the diagnostic", async () => {
      const found = vscode.languages.getDiagnostics(template).filter(({ source }) => source === "querysight");
      return found.length > 0 && found;
    });
    assert.match(diagnostic?.message ?? "", /^Each of 100 orders loads its customer/);
    const related = diagnostic?.relatedInformation?.map(({ location }) => location.uri.path) ?? [];
    assert.ok(
      related.some((path) => path.endsWith("/shop/views.py")),
      `related: ${related.join(", ")}`,
    );
  });

  await check("a hover runs no command of a recording's", async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      template,
      new vscode.Position(4, 14),
    );
    const contents = hovers.flatMap((hover) => hover.contents).filter((content) => typeof content !== "string");
    assert.ok(contents.some(({ value }) => value.includes("SELECT")));
    for (const content of contents) {
      assert.ok(!(content instanceof vscode.MarkdownString && content.isTrusted === true), "a hover trusts its text");
    }
  });
}

async function check(what: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  console.log(`ok: ${what}`);
}

/** Providers answer when the server has read the recording. */
async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resume) => setTimeout(resume, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}
