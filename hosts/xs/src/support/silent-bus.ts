// SPDX-License-Identifier: Apache-2.0
import type { SpiDevice } from "../../../../src/ports/bus.js";

/** Nothing answers on the bus: MISO is pulled up. */
export class SilentBus implements SpiDevice {
	transfer(frame: Uint8Array): void {
		frame.fill(0xff);
	}
}
