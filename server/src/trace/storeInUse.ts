import { CurrentReader } from "./currentReader.ts";
import type { TraceReader } from "./model.ts";
import { StoreReader } from "./reader.ts";
import { type Database, openDatabase } from "./sqlite.ts";

const READ_TIMEOUT = 2_000;

/** Where a store lies that another thread has opened; `opened` grows each time, also where a new one took its place. */
export interface StorePlace {
  readonly path: string;
  readonly opened: number;
}

/** Reads the store that it is told of, in a thread of its own. The thread that told of it notices damage. */
export class StoreInUse {
  readonly #reader = new CurrentReader((error) => {
    this.#failure ??= error;
  });
  #failure: unknown = null;
  #open: { readonly database: Database; readonly store: StoreReader; readonly opened: number } | null = null;

  get reader(): TraceReader {
    return this.#reader;
  }

  /** Why a read failed since `use`; what was read then is not all. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Null for none. Where it cannot be opened there is none either. */
  use(place: StorePlace | null): void {
    this.#failure = null;
    if (place !== null && place.opened === this.#open?.opened) return;
    this.#close();
    if (place === null) return;
    try {
      const database = openDatabase(place.path, { readonly: true, busyTimeout: READ_TIMEOUT });
      const store = new StoreReader(database, false);
      this.#open = { database, store, opened: place.opened };
      this.#reader.use(store);
    } catch {
      // It went away again: whoever told of it tells of the next.
    }
  }

  #close(): void {
    if (this.#open === null) return;
    this.#reader.use(null);
    try {
      this.#open.store.endSnapshot();
      this.#open.database.close();
    } catch {
      // A damaged store cannot always end its transaction.
    }
    this.#open = null;
  }
}
