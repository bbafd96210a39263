import type { TextSource } from "../correlate/correlation.ts";
import type { PythonParser } from "../python/parser.ts";
import { type ModuleFacts, moduleFacts } from "../static/moduleFacts.ts";
import type { ModuleSource } from "../static/modules.ts";

/** So many modules' facts are kept, some kilobytes each: the longest unused go first. */
const most = 2_000;

/** What modules say, by today's texts: each is parsed when it is first asked for and again once it changed, and its tree is not kept. */
export class StaticModules implements ModuleSource {
  readonly #texts: TextSource;
  readonly #parser: PythonParser;
  readonly #known = new Map<string, { readonly text: string; readonly facts: ModuleFacts }>();

  constructor(texts: TextSource, parser: PythonParser) {
    this.#texts = texts;
    this.#parser = parser;
  }

  facts(path: string): ModuleFacts | null {
    const text = this.#texts.read(path);
    const known = this.#known.get(path);
    this.#known.delete(path);
    if (text === null) return null;
    const facts = known?.text === text ? known.facts : moduleFacts(this.#parser.parse(text));
    this.#known.set(path, { text, facts });
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
    return facts;
  }
}
