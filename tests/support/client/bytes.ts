// SPDX-License-Identifier: Apache-2.0

/** Octets that do not make sense. `offset` is where, from the begin of the decoded message. */
export class DecodeError extends Error {
	override readonly name = "DecodeError";
	readonly offset: number;

	constructor(message: string, offset: number) {
		super(`${message} at octet ${offset}`);
		this.offset = offset;
	}
}

export function fromHex(hex: string): Uint8Array {
	if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new RangeError(`not hexadecimal: ${hex}`);
	return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Lower-case digits without separators. */
export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

export function fromAscii(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function toAscii(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("latin1");
}

/** One array out of arrays and single octets. */
export function concat(...parts: readonly (Uint8Array | number)[]): Uint8Array {
	const arrays = parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part));
	const whole = new Uint8Array(arrays.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of arrays) {
		whole.set(part, at);
		at += part.length;
	}
	return whole;
}

/** `value` as `size` octets, most significant first. */
export function bigEndian(value: number, size: number): Uint8Array {
	const bytes = new Uint8Array(size);
	for (let at = size - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
	return bytes;
}

/** Length of A-XDR and of BER: one octet below 128, otherwise the number of octets that follow and these. */
export function encodeLength(length: number): Uint8Array {
	if (length < 0x80) return Uint8Array.of(length);
	const size = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
	return concat(0x80 + size, bigEndian(length, size));
}

/** Reads octets one after the other. Every method throws DecodeError at the end of them. */
export class ByteReader {
	readonly bytes: Uint8Array;
	offset = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	get left(): number {
		return this.bytes.length - this.offset;
	}

	take(count: number): Uint8Array {
		if (count > this.left) throw new DecodeError(`${count} octets wanted, ${this.left} there`, this.offset);
		this.offset += count;
		return this.bytes.slice(this.offset - count, this.offset);
	}

	rest(): Uint8Array {
		return this.take(this.left);
	}

	/** Unsigned, at most six octets. */
	unsigned(size: number): number {
		return this.take(size).reduce((value, octet) => value * 256 + octet, 0);
	}

	length(): number {
		const first = this.unsigned(1);
		if (first < 0x80) return first;
		const size = first - 0x80;
		if (size < 1 || size > 4) throw new DecodeError(`length of ${size} octets`, this.offset);
		return this.unsigned(size);
	}

	/** An octet string with its length. */
	octets(): Uint8Array {
		return this.take(this.length());
	}

	expect(octet: number, what: string): void {
		const found = this.unsigned(1);
		if (found !== octet) throw new DecodeError(`${what}: ${found} instead of ${octet}`, this.offset - 1);
	}

	expectEnd(): void {
		if (this.left > 0) throw new DecodeError(`${this.left} octets too many`, this.offset);
	}
}
