// SPDX-License-Identifier: Apache-2.0

/** Register values to be written and read back, in order; two typed arrays instead of an object per register. */
export class RegisterTable {
	length = 0;
	readonly #addresses: Uint16Array;
	readonly #values: Uint32Array;

	constructor(capacity: number) {
		this.#addresses = new Uint16Array(capacity);
		this.#values = new Uint32Array(capacity);
	}

	/** @param value as the register reads back; negative values as two's complement */
	put(address: number, value: number): void {
		if (this.length === this.#addresses.length) throw new RangeError("register table");
		this.#addresses[this.length] = address;
		this.#values[this.length] = value;
		this.length++;
	}

	/** Gives a register that is in the table another value. */
	replace(address: number, value: number): void {
		const index = this.#addresses.indexOf(address);
		if (index < 0 || index >= this.length) throw new RangeError(`register ${address}`);
		this.#values[index] = value;
	}

	/** Value of a register by its address, as `replace`; undefined when it is not in the table. */
	valueOf(address: number): number | undefined {
		const index = this.#addresses.indexOf(address);
		return index < 0 ? undefined : this.#values[index];
	}

	address(index: number): number {
		return this.#addresses[index]!;
	}

	value(index: number): number {
		return this.#values[index]!;
	}
}
