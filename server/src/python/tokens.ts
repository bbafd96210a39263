/** One token of Python as far as its logical lines are concerned. Offsets are UTF-16 code units. */
export interface Token {
  /** `open` and `close` are brackets; a string counts as one token, but what stands in an f-string's fields are tokens of their own. */
  readonly kind: "word" | "operator" | "open" | "close" | "string" | "newline" | "unterminated" | "end";
  /** A bracket's or operator's own characters (`{` is the operator that begins an f-string's field), a word's text, an unterminated string's missing quote; else "". */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the reader is within: brackets, and the texts and format specifiers of format strings. */
type Context =
  | { readonly kind: "bracket"; readonly closing: string }
  | { readonly kind: "field"; readonly closing: "}" }
  | { readonly kind: "text" | "specifier"; readonly quote: string };

/** What is open at a place: a list from the innermost outward, shared by all places behind. What it sums up need not be looked for. */
export interface Open {
  readonly context: Context;
  readonly around: Open | null;
  readonly depth: number;
  /** How many stand open, of those that a closing bracket can reach: none around the innermost format string. */
  readonly within: Readonly<Record<string, number>>;
  /** The quote of the innermost format string's text; null outside of any. */
  readonly quote: string | null;
}

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
  #open: Open | null = null;

  constructor(text: string, offset = 0) {
    this.#text = text;
    this.#offset = offset;
  }

  /** Where the next token is looked for. */
  get offset(): number {
    return this.#offset;
  }

  /** What is open here; `missing` says what closes it. */
  get open(): Open | null {
    return this.#open;
  }

  /** Number of brackets and format strings around this place. */
  get depth(): number {
    return this.#open?.depth ?? 0;
  }

  /** Continues there, within nothing. */
  goTo(offset: number): void {
    this.#offset = offset;
    this.#open = null;
  }

  next(): Token {
    for (;;) {
      const context = this.#open?.context;
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
      this.#push({ kind: "bracket", closing });
      return this.#token("open", character, start);
    }
    if (character === ")" || character === "]" || character === "}") return this.#close(character, start);
    if (isField && character === ":" && this.#text[start + 1] !== "=") {
      this.#offset += 1;
      this.#push({ kind: "specifier", quote: this.#open?.quote ?? '"' });
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
    let closed = this.#open;
    if (closed === null || (closed.within[character] ?? 0) === 0) return this.#token("close", "", start);
    while (closed !== null && !("closing" in closed.context && closed.context.closing === character))
      closed = closed.around;
    const crossed = closingsUpTo(this.#open, closed);
    this.#open = closed?.around ?? null;
    return this.#token("close", crossed + character, start);
  }

  /** @param quoted prefix and opening quote */
  #string(quoted: string, start: number): Token | null {
    const quote = quoted.replace(/^[A-Za-z]+/, "");
    if (/^\w*[ft]/i.test(quoted)) {
      this.#push({ kind: "text", quote });
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
        this.#open = this.#open?.around ?? null;
        return this.#token("string", "", start);
      } else if (character === "{" && kind === "text" && this.#text[at + 1] === "{") at++;
      else if (character === "{") {
        this.#offset = at + 1;
        this.#push({ kind: "field", closing: "}" });
        return this.#token("operator", "{", at);
      } else if (kind === "specifier" && (character === "}" || this.#text.startsWith(quote, at))) {
        this.#offset = at;
        this.#open = this.#open?.around ?? null;
        return null;
      } else if (quote.length === 1 && (character === "\n" || character === "\r")) return this.#unterminated(at);
    }
    return this.#unterminated(endOfLine(this.#text, start));
  }

  #unterminated(end: number): Token {
    const start = this.#offset;
    this.#offset = end;
    let string = this.#open;
    while (string !== null && string.context.kind !== "text") string = string.around;
    const around = string?.around ?? null;
    const lacking = closingsUpTo(this.#open, around);
    this.#open = around;
    return this.#token("unterminated", lacking, start);
  }

  #push(context: Context): void {
    const around = this.#open;
    const isText = context.kind === "text";
    const { ")": round = 0, "]": square = 0, "}": curly = 0 } = isText ? {} : (around?.within ?? {});
    const within: Record<string, number> = { ")": round, "]": square, "}": curly };
    if ("closing" in context) within[context.closing] = (within[context.closing] ?? 0) + 1;
    this.#open = {
      context,
      around,
      depth: this.depth + 1,
      within,
      quote: isText ? context.quote : (around?.quote ?? null),
    };
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

/** The closing brackets that are missing where that is open, innermost first; a format string's quote is one of them. */
export function missing(open: Open | null): string {
  return closingsUpTo(open, null);
}

function closingsUpTo(open: Open | null, around: Open | null): string {
  let missing = "";
  for (let each = open; each !== null && each !== around; each = each.around) missing += closingOf(each.context);
  return missing;
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
