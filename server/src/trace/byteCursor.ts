/** A member of a record as it stands in a line, `,"name":`, and the text that it had the last time. */
export class Member {
  readonly bytes: Uint8Array;
  kept = "";

  constructor(name: string) {
    this.bytes = literal(`,"${name}":`);
  }
}

export function literal(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

const [ZERO, QUOTE, BACKSLASH, SPACE, DELETE, OPEN, CLOSE, COMMA] = [0x30, 0x22, 0x5c, 0x20, 0x7f, 0x5b, 0x5d, 0x2c];
const [NULL, TRUE, FALSE] = [literal("null"), literal("true"), literal("false")];

/** As many digits as any whole number has that JavaScript holds exactly. */
const MAX_DIGITS = 15;

/**
 * Walks through one line that is written in one certain way. What is not written so makes it `failed`, and what it answers from then on
 * means nothing. It never gets beyond the line, since no step passes a line end.
 */
export class ByteCursor {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  failed = false;

  start(bytes: Buffer, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.failed = false;
  }

  isAt(end: number): boolean {
    return !this.failed && this.#at === end;
  }

  /** Passes over `expected` if it stands here. */
  skip(expected: Uint8Array): boolean {
    const at = this.#at;
    for (let index = 0; index < expected.length; index += 1) {
      if (this.#bytes[at + index] !== expected[index]) return false;
    }
    this.#at = at + expected.length;
    return true;
  }

  expect(expected: Uint8Array): void {
    if (!this.skip(expected)) this.failed = true;
  }

  /** A whole number from `least` on. */
  number(member: Member, least: 0 | 1): number {
    this.expect(member.bytes);
    return this.#digits(least);
  }

  numberOrNull(member: Member, least: 0 | 1 = 0): number | null {
    this.expect(member.bytes);
    return this.skip(NULL) ? null : this.#digits(least);
  }

  flag(member: Member): boolean {
    this.expect(member.bytes);
    if (this.skip(TRUE)) return true;
    this.expect(FALSE);
    return false;
  }

  /** Of plain ASCII, without escapes. */
  text(member: Member): string {
    this.expect(member.bytes);
    return this.#text(member);
  }

  textOrNull(member: Member): string | null {
    this.expect(member.bytes);
    return this.skip(NULL) ? null : this.#text(member);
  }

  /** Three numbers. */
  triple(member: Member): readonly [number, number, number] {
    this.expect(member.bytes);
    this.#pass(OPEN);
    const first = this.#digits(0);
    this.#pass(COMMA);
    const second = this.#digits(0);
    this.#pass(COMMA);
    const third = this.#digits(0);
    this.#pass(CLOSE);
    return [first, second, third];
  }

  /** A list of texts, as the JSON that it is written in; null for `null`. */
  textsOrNull(member: Member): string | null {
    this.expect(member.bytes);
    if (this.skip(NULL)) return null;
    return this.#list(() => this.#passText());
  }

  /** A list of lists of at least two numbers from 1 on each, as the JSON that it is written in. */
  numberLists(member: Member): string {
    this.expect(member.bytes);
    return this.#list(() => {
      this.#pass(OPEN);
      this.#digits(1);
      this.#pass(COMMA);
      this.#digits(1);
      while (!this.failed && this.#bytes[this.#at] === COMMA) {
        this.#at += 1;
        this.#digits(1);
      }
      this.#pass(CLOSE);
    });
  }

  #list(passItem: () => void): string {
    const start = this.#at;
    this.#pass(OPEN);
    if (this.#bytes[this.#at] === CLOSE) {
      this.#at += 1;
      return "[]";
    }
    passItem();
    while (!this.failed && this.#bytes[this.#at] === COMMA) {
      this.#at += 1;
      passItem();
    }
    this.#pass(CLOSE);
    return this.failed ? "" : this.#bytes.toString("latin1", start, this.#at);
  }

  #pass(byte: number): void {
    if (this.#bytes[this.#at] === byte) this.#at += 1;
    else this.failed = true;
  }

  #digits(least: 0 | 1): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let value = 0;
    for (;;) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at += 1;
    }
    const count = at - start;
    const isWritten = count === 1 || (count > 1 && count <= MAX_DIGITS && bytes[start] !== ZERO);
    if (!isWritten || value < least) this.failed = true;
    this.#at = at;
    return value;
  }

  /** The same text as in the line before, which it mostly is, is the same string. */
  #text(member: Member): string {
    const start = this.#at + 1;
    this.#passText();
    if (this.failed) return "";
    const length = this.#at - 1 - start;
    const { kept } = member;
    let same = kept.length === length;
    for (let index = 0; same && index < length; index += 1) {
      same = kept.charCodeAt(index) === this.#bytes[start + index];
    }
    if (!same) member.kept = this.#bytes.toString("latin1", start, start + length);
    return member.kept;
  }

  #passText(): void {
    const bytes = this.#bytes;
    this.#pass(QUOTE);
    let at = this.#at;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte < SPACE || byte >= DELETE || byte === BACKSLASH) {
        this.failed = true;
        return;
      }
      at += 1;
    }
    this.#at = at + 1;
  }
}
