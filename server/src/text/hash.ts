import { createHash } from "node:crypto";

/** SHA-256 of the text as UTF-8 without a byte order mark, in lower-case hex: the `hash` of a recorded file. */
export function contentHash(text: string): string {
  return createHash("sha256").update(withoutBom(text), "utf8").digest("hex");
}

export function withoutBom(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
