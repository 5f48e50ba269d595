// SPDX-License-Identifier: Apache-2.0
import type { SpiDevice } from "../../../src/ports/bus.js";
import { engineMeter, SteppedClock } from "./support/engine-meter.js";

/** Nothing answers on the bus: MISO is pulled up. */
class SilentBus implements SpiDevice {
	transfer(frame: Uint8Array): void {
		frame.fill(0xff);
	}
}

/** The whole meter made on an empty flash: what is alive before the first second. */
export default function run(): void {
	const clock = new SteppedClock();
	const bus = new SilentBus();
	beginSpan("boot");
	const meter = engineMeter(clock, bus);
	endSpan("boot");
	reading("boot");
	check("without links nothing of the communication is due", meter.server.nextDeadline_ms === Number.POSITIVE_INFINITY);
}
