// SPDX-License-Identifier: Apache-2.0

/** Pins 0 to 31 as the test sets them; an input with pull-up reads high until something closes it to ground. */
export default class FakeDigitalBank {
	static readonly Input = 0;
	static readonly InputPullUp = 1;
	/** Pins that a contact holds low. */
	static closed = 0;
	readonly #pins: number;

	constructor(options: { readonly pins: number; readonly mode: number }) {
		if (options.mode !== FakeDigitalBank.InputPullUp) throw new RangeError("without pull-up");
		this.#pins = options.pins;
	}

	read(): number {
		return this.#pins & ~FakeDigitalBank.closed;
	}

	close(): void {}
}
