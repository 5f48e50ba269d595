// SPDX-License-Identifier: Apache-2.0
import { engineMeter, SteppedClock } from "./support/engine-meter.js";
import { SilentBus } from "./support/silent-bus.js";

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
