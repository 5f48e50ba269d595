// SPDX-License-Identifier: Apache-2.0

/** A DS3231 as it stands on the bus: 19 registers, oscillator stopped when it comes from the factory; and a PCF8574. */
export default class FakeSmbus {
	static readonly registers = new Uint8Array(19);
	static isPresent = true;
	/** What was written to the port expander, and the pins that nothing outside pulls low. */
	static port = 0xff;
	static pulledLow = 0xff;

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
		FakeSmbus.port = value;
	}

	receiveByte(): number {
		this.#requirePart();
		return FakeSmbus.port & FakeSmbus.pulledLow;
	}

	close(): void {}

	#requirePart(): void {
		if (!FakeSmbus.isPresent) throw new Error("no acknowledge");
	}
}
