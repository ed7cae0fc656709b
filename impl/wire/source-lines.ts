/** Lines of generated source: indentation follows `{` and `}`, and every local gets a name of its own. Nothing else. */
export class SourceLines {
  readonly #lines: string[] = [];
  #indent = 1;
  #names = 0;

  /** Adds a line; one that starts with `}` closes a block, one that ends with `{` opens one. */
  add(line: string): void {
    if (line.startsWith('}')) this.#indent -= 1;
    this.#lines.push('  '.repeat(this.#indent) + line);
    if (line.endsWith('{')) this.#indent += 1;
  }

  /** A name not used before in this source. */
  name(stem: string): string {
    this.#names += 1;
    return `${stem}${this.#names}`;
  }

  text(): string {
    return this.#lines.join('\n');
  }
}
