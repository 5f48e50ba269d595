// SPDX-License-Identifier: Apache-2.0

/** A DS3231 as it stands on the bus: 19 registers, oscillator stopped when it comes from the factory. */
export default class FakeSmbus {
	static readonly registers = new Uint8Array(19);
	static isPresent = true;

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

	close(): void {}

	#requirePart(): void {
		if (!FakeSmbus.isPresent) throw new Error("no acknowledge");
	}
}
