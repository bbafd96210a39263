/** Ids of a page, a bit each: 4 KiB. */
const PAGE = 2 ** 15;

/** A set of whole numbers from 0 that mostly lie close together: an eighth of a byte for each, where an entry of a `Set` takes thirty. */
export class IdSet {
  readonly #pages = new Map<number, Uint32Array>();
  #lastPage: Uint32Array = new Uint32Array();
  #lastNumber = -1;

  /** False where it is in there already. */
  add(id: number): boolean {
    const page = this.#page(Math.floor(id / PAGE));
    const word = (id % PAGE) >>> 5;
    const bit = 1 << (id & 31);
    const bits = page[word] ?? 0;
    if ((bits & bit) !== 0) return false;
    page[word] = bits | bit;
    return true;
  }

  #page(number: number): Uint32Array {
    if (number !== this.#lastNumber) {
      let page = this.#pages.get(number);
      if (page === undefined) {
        page = new Uint32Array(PAGE / 32);
        this.#pages.set(number, page);
      }
      this.#lastPage = page;
      this.#lastNumber = number;
    }
    return this.#lastPage;
  }
}
