/**
 * A strict reader for the XML a report may use: elements, attributes, text, comments, the five named entities and numeric
 * ones. Everything else, and everything not well-formed, throws with its position.
 */
export type XmlElement = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All character data directly inside. */
  readonly text: string;
};

const NAME = /[A-Za-z_][\w:.-]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function parseXml(source: string): XmlElement {
  const reader = new Reader(source);
  reader.skip(/<\?xml version="1\.0" encoding="UTF-8"\?>/y);
  reader.misc();
  const root = reader.element();
  reader.misc();
  if (!reader.atEnd()) reader.fail('text after the root element');
  return root;
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(source);
    if (illegal !== null) {
      this.#at = illegal.index;
      this.fail(`a character XML 1.0 forbids, code ${illegal[0].charCodeAt(0)}`);
    }
  }

  fail(what: string): never {
    throw new Error(
      `not well-formed at ${this.#at}: ${what}, near ${JSON.stringify(this.#source.slice(this.#at, this.#at + 40))}`,
    );
  }

  atEnd(): boolean {
    return this.#at === this.#source.length;
  }

  skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  expect(pattern: RegExp, what: string): string {
    return this.skip(pattern) ?? this.fail(`${what} expected`);
  }

  misc(): void {
    while (this.skip(/\s+|<!--(?:(?!--)[^])*-->/y) !== undefined);
  }

  element(): XmlElement {
    this.expect(/</y, 'an element');
    const name = this.expect(NAME, 'an element name');
    const attributes = this.attributes();
    this.skip(/\s+/y);
    if (this.skip(/\/>/y) !== undefined) return { name, attributes, children: [], text: '' };
    this.expect(/>/y, '">"');
    const children: XmlElement[] = [];
    let text = '';
    for (;;) {
      const run = this.skip(/[^<]+/y);
      if (run !== undefined) {
        if (run.includes(']]>')) this.fail('"]]>" in text');
        text += this.decode(run);
      } else if (this.skip(/<!--(?:(?!--)[^])*-->/y) === undefined) {
        if (this.skip(/<\//y) !== undefined) break;
        children.push(this.element());
      }
    }
    if (this.expect(NAME, 'a closing name') !== name) this.fail(`</${name}> expected`);
    this.expect(/\s*>/y, '">"');
    return { name, attributes, children, text };
  }

  attributes(): Map<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      if (this.skip(/\s+(?=[A-Za-z_])/y) === undefined) return found;
      const name = this.expect(NAME, 'an attribute name');
      this.expect(/=/y, '"="');
      const quoted = this.expect(/"[^"<]*"|'[^'<]*'/y, 'a quoted value');
      if (found.has(name)) this.fail(`a second attribute ${name}`);
      found.set(name, this.decode(quoted.slice(1, -1).replace(/[\t\n\r]/g, ' ')));
    }
  }

  decode(text: string): string {
    return text.replace(
      /&(?:#(\d+)|#x([\da-f]+)|(\w+));|&/gi,
      (whole, decimal?: string, hex?: string, name?: string) => {
        if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
        if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
        return ENTITIES[name ?? ''] ?? this.fail(`the entity ${whole}`);
      },
    );
  }
}
