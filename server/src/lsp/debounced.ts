/** Calls at most once per `delayMs` and key, always with the newest state: the work is done when the time is up. */
export class Debounced<K> {
  readonly #delayMs: number;
  readonly #work: (key: K) => void;
  readonly #waiting = new Map<K, NodeJS.Timeout>();

  constructor(delayMs: number, work: (key: K) => void) {
    this.#delayMs = delayMs;
    this.#work = work;
  }

  /** A call that waits already is not put off: a steady stream of changes is still shown. */
  schedule(key: K): void {
    if (this.#waiting.has(key)) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#work(key);
    }, this.#delayMs);
    this.#waiting.set(key, timer);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
