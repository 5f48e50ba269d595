// SPDX-License-Identifier: Apache-2.0

/** Outputs, by their pins. */
export default class FakeDigital {
	static readonly Input = 0;
	static readonly Output = 8;
	static readonly levels = new Map<number, number>();
	readonly #pin: number;

	constructor({ pin, mode, initialValue = 0 }: { pin: number; mode: number; initialValue?: number }) {
		this.#pin = pin;
		if (mode === FakeDigital.Output) FakeDigital.levels.set(pin, initialValue);
	}

	write(level: number): void {
		if (!FakeDigital.levels.has(this.#pin)) throw new Error("not an output");
		FakeDigital.levels.set(this.#pin, level);
	}
}
