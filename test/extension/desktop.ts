/** `npm run test:desktop`: the suite in a desktop VS Code, which @vscode/test-electron downloads. `npm test` runs it in a workbench instead. */
import { runTests } from "@vscode/test-electron";
import { bundle } from "../../scripts/build.ts";
import { demoPython } from "../../scripts/lib/environments.ts";
import { repository } from "../../scripts/lib/paths.ts";
import { prepare } from "./prepare.ts";

await bundle();
const { folder, suite, remove } = await prepare(await demoPython());
try {
  process.exitCode = await runTests({
    extensionDevelopmentPath: repository,
    extensionTestsPath: suite,
    launchArgs: [folder, "--disable-extensions", "--disable-workspace-trust", "--skip-welcome"],
  });
} finally {
  remove();
}
