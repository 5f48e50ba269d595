// SPDX-License-Identifier: Apache-2.0
import type { Meter } from "../../../../src/main.js";
import type { SteppedClock } from "./engine-meter.js";

/** Runs a meter from second to second. @param span what a second is measured as; none where it is left out */
export function meterSeconds(meter: Meter, clock: SteppedClock, seconds: number, span?: string): void {
	for (let n = 0; n < seconds; n++) {
		const end_ms = clock.now_ms + 1000;
		if (span !== undefined) beginSpan(span);
		let next_ms = meter.advance(clock.now_ms);
		while (next_ms < end_ms) {
			clock.now_ms = next_ms;
			next_ms = meter.advance(next_ms);
		}
		clock.now_ms = end_ms;
		if (span !== undefined) endSpan(span);
	}
}
