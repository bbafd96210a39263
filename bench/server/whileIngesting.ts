/** A server that takes in a recording: how late its main thread answers meanwhile, and how much memory the process takes. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LspClient } from "../../test/lsp/lspClient.ts";

const pingEveryMs = 5;

export interface WhileIngesting {
  /** From the first file opened to the whole recording announced, findings published: what an editor waits for. */
  readonly shownMs: number;
  /** Sorted; of requests that need no project, asked all along. */
  readonly answers: readonly number[];
  /** Null where the system does not tell. */
  readonly peakMb: number | null;
}

export async function openCold(root: string, path: string, tests: number): Promise<WhileIngesting> {
  const client = await LspClient.start({ folders: [root] });
  const answers: number[] = [];
  const isShown = () => client.changes.some(({ projects }) => projects.some((one) => one.testsRecorded === tests));
  const start = performance.now();
  const file = join(root, path);
  await client.open(file);
  void client.codeLenses(file);
  // Numbers at code come last, once the rows are indexed.
  const hasNumbers = async () => isShown() && (await client.codeLenses(file)).length > 0;
  const shown = client.until("the whole recording", hasNumbers).then(() => performance.now() - start);
  let done = false;
  void shown.finally(() => {
    done = true;
  });
  while (!done) {
    const asked = performance.now();
    // No project is around the root's own parent: the answer waits for nothing but the main thread.
    await client.hover(join(root, "..", "elsewhere.py"), { line: 0, character: 0 });
    answers.push(performance.now() - asked);
    await setTimeout(pingEveryMs);
  }
  const peakMb = memoryMb(client, "VmHWM");
  const shownMs = await shown;
  await client.stop();
  return { shownMs, answers: answers.sort((a, b) => a - b), peakMb };
}

/** The resident memory of a client's server, now (`VmRSS`) or at most (`VmHWM`): https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function memoryMb(client: LspClient, figure: "VmHWM" | "VmRSS"): number | null {
  const status = `/proc/${client.pid}/status`;
  if (!existsSync(status)) return null;
  const kilobytes = new RegExp(`^${figure}:\\s*(\\d+) kB`, "m").exec(readFileSync(status, "utf8"))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}
