import type { TextSource } from "../correlate/correlation.ts";
import type { MeasuredBefore } from "../features/project.ts";
import { contentHash } from "../text/hash.ts";

const none: ReadonlyMap<string, MeasuredBefore> = new Map();

/** What verified fixes changed, file by file: told only while a file reads as it did when it was verified. */
export class VerifiedCounts {
  readonly #texts: TextSource;
  readonly #files = new Map<
    string,
    { readonly hash: string; readonly measured: ReadonlyMap<string, MeasuredBefore> }
  >();

  constructor(texts: TextSource) {
    this.#texts = texts;
  }

  /** What an earlier fix changed in the same text stays. */
  remember(path: string, measured: ReadonlyMap<string, MeasuredBefore>): void {
    const text = this.#texts.read(path);
    if (text === null || measured.size === 0) return;
    this.#files.set(path, { hash: contentHash(text), measured: new Map([...this.of(path), ...measured]) });
  }

  of(path: string): ReadonlyMap<string, MeasuredBefore> {
    const known = this.#files.get(path);
    const text = known === undefined ? null : this.#texts.read(path);
    return known !== undefined && text !== null && contentHash(text) === known.hash ? known.measured : none;
  }
}
