import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A file of the built dist/; QUERYSIGHT_TEST_DIST names another folder to test. */
export function built(name: string): string {
  const path = join(process.env["QUERYSIGHT_TEST_DIST"] ?? join(repository, "dist"), name);
  if (!existsSync(path)) throw new Error(`${path} is not built: run npm run build first.`);
  return path;
}
