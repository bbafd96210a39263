/** One token of Python as far as its logical lines are concerned. Offsets are UTF-16 code units. */
export interface Token {
  /** `open` and `close` are brackets; a string counts as one token, but what stands in an f-string's fields are tokens of their own. */
  readonly kind: "word" | "operator" | "open" | "close" | "string" | "newline" | "unterminated" | "end";
  /** A bracket's or operator's own character, a word's text, an unterminated string's missing quote; else "". */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the reader is within: brackets, and the texts and format specifiers of format strings. */
type Context =
  | { readonly kind: "bracket"; readonly closing: string }
  | { readonly kind: "field"; readonly closing: "}" }
  | { readonly kind: "text" | "specifier"; readonly quote: string };

const trivia = /(?:[ \t\f]+|#[^\r\n]*|\\(?:\r\n|\r|\n))+/y;
const newline = /\r\n|\r|\n/y;
const number = /[0-9]\w*(?:\.\w*)?/y;
/** More than identifiers, but what Python's own rules leave out is no operator either, and this is quicker. */
const word = /[\w\u0080-\uffff]+/y;
const opening = /[A-Za-z]{0,3}(?:"""|'''|"|')/y;
const operator = /\.\.\.|->|\*\*|\/\/|[-+*/%@&|^=<>!:.,;~]=?/y;
/** The rest of a string behind its opening quote, as far as it goes. */
const contents: Readonly<Record<string, RegExp>> = {
  "'": /[^'\\\r\n]*(?:\\(?:\r\n|[\s\S])[^'\\\r\n]*)*/y,
  '"': /[^"\\\r\n]*(?:\\(?:\r\n|[\s\S])[^"\\\r\n]*)*/y,
  "'''": /[^'\\]*(?:(?:\\[\s\S]|'(?!''))[^'\\]*)*/y,
  '"""': /[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*/y,
};
const closings: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/**
 * Reads tokens one after the other, and can go back to any place that it was at. What no token begins with is passed over. Strings follow Python
 * 3.12 and newer: in the fields of an f-string its own quote begins another string. A string of one line that does not end there is
 * `unterminated`, and the line goes on behind it; so is one of several lines that never ends.
 */
export class TokenReader {
  readonly #text: string;
  #offset: number;
  #contexts: Context[] = [];

  constructor(text: string, offset = 0) {
    this.#text = text;
    this.#offset = offset;
  }

  /** The closing brackets that are missing here, innermost first; a format string's quote is one of them. */
  get missing(): string {
    return this.#contexts.map(closingOf).reverse().join("");
  }

  /** Number of brackets and format strings around this place. */
  get depth(): number {
    return this.#contexts.length;
  }

  /** Continues there, within nothing. */
  goTo(offset: number): void {
    this.#offset = offset;
    this.#contexts = [];
  }

  next(): Token {
    for (;;) {
      const context = this.#contexts.at(-1);
      const isText = context?.kind === "text" || context?.kind === "specifier";
      const token = isText ? this.#formatText(context) : this.#read(context?.kind === "field");
      if (token !== null) return token;
    }
  }

  /** Null where what was read is no token of its own. */
  #read(isField: boolean): Token | null {
    this.#match(trivia);
    const start = this.#offset;
    const character = this.#text[start];
    if (character === undefined) return this.#token("end", "", start);
    if (character >= "0" && character <= "9") return this.#token("word", this.#match(number) ?? "", start);
    const quoted = this.#match(opening);
    if (quoted !== null) return this.#string(quoted, start);
    const name = this.#match(word);
    if (name !== null) return this.#token("word", name, start);
    if (this.#match(newline) !== null) return this.#token("newline", "", start);
    const closing = closings[character];
    if (closing !== undefined) {
      this.#offset += 1;
      this.#contexts.push({ kind: "bracket", closing });
      return this.#token("open", character, start);
    }
    if (character === ")" || character === "]" || character === "}") return this.#close(character, start);
    if (isField && character === ":" && this.#text[start + 1] !== "=") {
      this.#offset += 1;
      this.#contexts.push({ kind: "specifier", quote: this.#outerQuote() });
      return null;
    }
    const symbol = this.#match(operator);
    if (symbol !== null) return this.#token("operator", symbol, start);
    this.#offset += 1;
    return null;
  }

  /** A closing bracket ends what it belongs to, and all that was left open within; one that belongs to nothing is passed over by the caller. */
  #close(character: string, start: number): Token {
    this.#offset += 1;
    const index = this.#contexts.findLastIndex((context) => "closing" in context && context.closing === character);
    const crossed = this.#contexts.slice(index + 1);
    if (index === -1 || crossed.some(({ kind }) => kind === "text")) return this.#token("close", "", start);
    const missing = crossed.map(closingOf).reverse().join("");
    this.#contexts.length = index;
    return this.#token("close", missing + character, start);
  }

  /** @param quoted prefix and opening quote */
  #string(quoted: string, start: number): Token | null {
    const quote = quoted.replace(/^[A-Za-z]+/, "");
    if (/^\w*[ft]/i.test(quoted)) {
      this.#contexts.push({ kind: "text", quote });
      return null;
    }
    const from = this.#offset;
    this.#match(contents[quote] ?? newline);
    if (this.#text.startsWith(quote, this.#offset)) {
      this.#offset += quote.length;
      return this.#token("string", "", start);
    }
    this.#offset = endOfLine(this.#text, from);
    return this.#token("unterminated", quote, start);
  }

  /** Reads on in a format string's text up to a field or its end; null where neither gives a token. */
  #formatText(context: { readonly kind: "text" | "specifier"; readonly quote: string }): Token | null {
    const { quote, kind } = context;
    const start = this.#offset;
    for (let at = start; at < this.#text.length; at++) {
      const character = this.#text[at] ?? "";
      if (character === "\\" && this.#text[at + 1] !== "{") at += lineEndLength(this.#text, at + 1);
      else if (kind === "text" && this.#text.startsWith(quote, at)) {
        this.#offset = at + quote.length;
        this.#contexts.pop();
        return this.#token("string", "", start);
      } else if (character === "{" && kind === "text" && this.#text[at + 1] === "{") at++;
      else if (character === "{") {
        this.#offset = at + 1;
        this.#contexts.push({ kind: "field", closing: "}" });
        return null;
      } else if (kind === "specifier" && (character === "}" || this.#text.startsWith(quote, at))) {
        this.#offset = at;
        this.#contexts.pop();
        return null;
      } else if (quote.length === 1 && (character === "\n" || character === "\r")) return this.#unterminated(at);
    }
    return this.#unterminated(endOfLine(this.#text, start));
  }

  #unterminated(end: number): Token {
    const start = this.#offset;
    this.#offset = end;
    const index = this.#contexts.findLastIndex(({ kind }) => kind === "text");
    const missing = this.#contexts.slice(Math.max(0, index)).map(closingOf);
    this.#contexts.length = Math.max(0, index);
    return this.#token("unterminated", missing.reverse().join(""), start);
  }

  #outerQuote(): string {
    const outer = this.#contexts.findLast(({ kind }) => kind === "text");
    return outer !== undefined && "quote" in outer ? outer.quote : '"';
  }

  #token(kind: Token["kind"], text: string, start: number): Token {
    return { kind, text, start, end: this.#offset };
  }

  /** Takes what the pattern matches here; null where it does not. */
  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#offset;
    if (!pattern.test(this.#text)) return null;
    const start = this.#offset;
    this.#offset = pattern.lastIndex;
    return this.#text.slice(start, this.#offset);
  }
}

/** What a backslash takes along: a line's end as a whole, else one character. */
function lineEndLength(text: string, at: number): number {
  return text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
}

function closingOf(context: Context): string {
  if ("closing" in context) return context.closing;
  return context.kind === "text" ? context.quote : "";
}

function endOfLine(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}
