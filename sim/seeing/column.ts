/** A column of numbers that grows: a typed array with room behind its end. No bounds are checked when reading. */

type TypedArray = Float64Array | Int32Array | Uint8Array;

const LENGTH_AT_FIRST = 1_024;

/** A growing typed array. */
export class Column<A extends TypedArray> {
  #array: A;
  readonly #make: (length: number) => A;
  #length = 0;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#array = make(LENGTH_AT_FIRST);
  }

  static ofFloat64(): Column<Float64Array> {
    return new Column((length) => new Float64Array(length));
  }

  static ofInt32(): Column<Int32Array> {
    return new Column((length) => new Int32Array(length));
  }

  static ofUint8(): Column<Uint8Array> {
    return new Column((length) => new Uint8Array(length));
  }

  get length(): number {
    return this.#length;
  }

  /** Appends a value. Gives its index. */
  push(value: number): number {
    if (this.#length === this.#array.length) {
      const longer = this.#make(this.#length * 2);
      longer.set(this.#array);
      this.#array = longer;
    }
    this.#array[this.#length] = value;
    this.#length += 1;
    return this.#length - 1;
  }

  at(index: number): number {
    return this.#array[index]!;
  }

  set(index: number, value: number): void {
    this.#array[index] = value;
  }

  /** A copy of what was pushed. */
  values(): A {
    return this.#array.slice(0, this.#length) as A;
  }
}
