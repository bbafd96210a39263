import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const cli = fileURLToPath(new URL("cli.ts", import.meta.url));
const full = "/dev/full";

test.skipIf(!existsSync(full))("an answer that cannot be written is told in a line, with exit code 4", () => {
  const output = openSync(full, "w");
  try {
    const { status, stderr } = spawnSync(process.execPath, [cli, "--help"], {
      stdio: ["ignore", output, "pipe"],
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^querysight: the answer could not be written \(ENOSPC.*\)\.\n$/);
    expect(status).toBe(4);
  } finally {
    closeSync(output);
  }
});
