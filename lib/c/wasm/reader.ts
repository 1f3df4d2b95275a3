/**
 * Reads the numbers and names of a binary file, one after another.
 */

/** A place in some bytes. */
export class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  /** Whether all was read. */
  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    const value = this.view.getUint8(this.at);
    this.at += 1;
    return value;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const value = this.view.getUint16(this.at, true);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  /** LEB128 without a sign, up to 53 bits. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** LEB128 with a sign, up to 64 bits. */
  signed(): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : BigInt.asIntN(64, value - (1n << shift));
    }
  }

  /** A number of 32 bits with a sign. */
  signed32(): number {
    return Number(BigInt.asIntN(32, this.signed()));
  }

  take(length: number): Uint8Array {
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  /** A text with its length before it. */
  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }

  /** A text up to a byte of zero. */
  text(): string {
    const from = this.at;
    while (this.u8() !== 0);
    return new TextDecoder().decode(this.bytes.subarray(from, this.at - 1));
  }

  /** As many things as the number before them says. */
  list<T>(one: (reader: Reader, index: number) => T): T[] {
    return Array.from({ length: this.unsigned() }, (_, index) => one(this, index));
  }
}
