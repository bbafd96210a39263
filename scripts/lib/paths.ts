import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const dist = join(repository, "dist");
export const cache = join(repository, ".cache");
export const demo = join(repository, "demo");
export const recorder = join(repository, "recorder");
