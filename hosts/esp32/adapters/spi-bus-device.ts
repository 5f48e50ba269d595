// SPDX-License-Identifier: Apache-2.0
import SPI from "embedded:io/spi";
import type { SpiDevice } from "../../../src/ports/bus.js";

/** A longer transfer is refused by the driver below, which does not report it: the frame would come back unchanged. */
const longestTransfer = 1024;

/** One device on a bus. The SDK keeps the select line asserted until it is told otherwise: once per frame. */
export class SpiBusDevice implements SpiDevice {
	readonly #spi: SPI;

	constructor(options: ConstructorParameters<typeof SPI>[0]) {
		this.#spi = new SPI(options);
	}

	transfer(frame: Uint8Array): void {
		if (frame.length <= longestTransfer) this.#spi.transfer(frame);
		else {
			for (let at = 0; at < frame.length; at += longestTransfer) {
				this.#spi.transfer(frame.subarray(at, Math.min(at + longestTransfer, frame.length)));
			}
		}
		this.#spi.flush(true);
	}
}
