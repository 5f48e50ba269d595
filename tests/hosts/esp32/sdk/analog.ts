// SPDX-License-Identifier: Apache-2.0

/** A converter of 12 bits, as that of the ESP32. */
export default class FakeAnalog {
	static sample = 0;
	readonly resolution = 12;

	read(): number {
		return FakeAnalog.sample;
	}

	close(): void {}
}
