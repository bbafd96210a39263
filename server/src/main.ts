import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { startServer } from "./server.ts";
import { diskHost } from "./session/diskHost.ts";
import { version } from "./version.ts";

const help = `querysight-language-server: a language server for Django projects that Querysight recorded

  querysight-language-server --stdio       speak LSP over standard input and output
  querysight-language-server --node-ipc    speak it over Node's channel to the parent process
  querysight-language-server --help | --version
`;

const transports = ["--stdio", "--node-ipc", "--pipe", "--socket"];
const words = process.argv.slice(2);

if (words.includes("--help") || words.includes("-h")) process.stdout.write(help);
else if (words.includes("--version")) process.stdout.write(`${version}\n`);
else if (words.some((word) => transports.some((transport) => word === transport || word.startsWith(`${transport}=`)))) {
  startServer(createConnection(ProposedFeatures.all), diskHost({ watch: true, aside: true, unrecorded: true }));
} else {
  process.stderr.write(help);
  process.exitCode = 2;
}
