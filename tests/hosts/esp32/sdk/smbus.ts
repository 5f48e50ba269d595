// SPDX-License-Identifier: Apache-2.0

/** A DS3231 as it stands on the bus: 19 registers, oscillator stopped when it comes from the factory; and PCF8574s. */
export default class FakeSmbus {
	static readonly registers = new Uint8Array(19);
	static isPresent = true;
	/** By address: what was written to a port expander, and the pins that nothing outside pulls low. */
	static readonly ports = new Map<number, number>();
	static readonly pulledLow = new Map<number, number>();
	readonly #address: number;

	constructor({ address }: { readonly address: number }) {
		this.#address = address;
	}

	readUint8(register: number): number {
		this.#requirePart();
		return FakeSmbus.registers[register]!;
	}

	writeUint8(register: number, value: number): void {
		this.#requirePart();
		FakeSmbus.registers[register] = value;
	}

	readBuffer(register: number, into: Uint8Array): void {
		this.#requirePart();
		into.set(FakeSmbus.registers.subarray(register, register + into.length));
	}

	writeBuffer(register: number, from: Uint8Array): void {
		this.#requirePart();
		FakeSmbus.registers.set(from, register);
	}

	/** The port of a PCF8574. */
	sendByte(value: number): void {
		this.#requirePart();
		FakeSmbus.ports.set(this.#address, value);
	}

	receiveByte(): number {
		this.#requirePart();
		return (FakeSmbus.ports.get(this.#address) ?? 0xff) & (FakeSmbus.pulledLow.get(this.#address) ?? 0xff);
	}

	close(): void {}

	#requirePart(): void {
		if (!FakeSmbus.isPresent) throw new Error("no acknowledge");
	}
}
