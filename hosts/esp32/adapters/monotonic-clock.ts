// SPDX-License-Identifier: Apache-2.0
import Time from "time";
import type { Clock } from "../../../src/ports/clock.js";

/** Milliseconds since the start out of a tick counter that wraps. Stands still until `update` is called. */
export class MonotonicClock implements Clock {
	#ticks = Time.ticks;
	#now_ms = 0;

	/** To be called once at the beginning of each turn of the event loop, and at least every 2^31 ms. */
	update(): number {
		const ticks = Time.ticks;
		this.#now_ms += Time.delta(this.#ticks, ticks);
		this.#ticks = ticks;
		return this.#now_ms;
	}

	monotonic_ms(): number {
		return this.#now_ms;
	}
}
