/** Gathers calls: the work is done once for all that came before the time was up, on the state as it is then. */
export class Debounced<K> {
  readonly #delayMs: number;
  readonly #work: (key: K) => void;
  readonly #waiting = new Map<K, NodeJS.Timeout>();

  constructor(delayMs: number, work: (key: K) => void) {
    this.#delayMs = delayMs;
    this.#work = work;
  }

  /** `delayMs` after the first call: a steady stream of changes is still shown. */
  schedule(key: K): void {
    if (!this.#waiting.has(key)) this.#start(key);
  }

  /** `delayMs` after the last call: for typing, which is not to be interrupted. */
  postpone(key: K): void {
    clearTimeout(this.#waiting.get(key));
    this.#start(key);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #start(key: K): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#work(key);
    }, this.#delayMs);
    this.#waiting.set(key, timer);
  }
}
