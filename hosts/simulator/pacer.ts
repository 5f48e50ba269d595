// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../../src/ports/clock.js";

/** Something that runs in virtual time. */
export interface Paced {
	monotonic_ms(): number;
	runTo(target_ms: number): void;
	/** Called after each stretch, before anybody outside can look. */
	settled?(): void;
}

/** Real time of this machine, monotonic. */
export const realClock: Clock = Object.freeze({ monotonic_ms: () => performance.now() });

/** Longest stretch of CPU between two looks at the sockets. */
const slice_ms = 15;
/** Meter time that is run at once when it goes as fast as it can; short enough for a slice in waveform gear too. */
const chunk_ms = 200;
const tick_ms = 50;

/**
 * Lets virtual time follow real time at a chosen speed: a factor, Infinity for as fast as possible, 0 for not at all.
 * A machine that cannot keep up falls behind instead of jumping; links are served in between.
 */
export class Pacer {
	readonly #paced: Paced;
	#speed = 0;
	#anchorReal_ms = 0;
	#anchorVirtual_ms = 0;
	#timer: NodeJS.Timeout | undefined;
	#immediate: NodeJS.Immediate | undefined;

	constructor(paced: Paced) {
		this.#paced = paced;
	}

	get speed(): number {
		return this.#speed;
	}

	/** Changes the speed from now on. @throws RangeError for a negative factor */
	setSpeed(speed: number): void {
		if (!(speed >= 0)) throw new RangeError(`speed must be 0 or more, not ${speed}`);
		this.stop();
		this.#speed = speed;
		this.#anchorReal_ms = realClock.monotonic_ms();
		this.#anchorVirtual_ms = this.#paced.monotonic_ms();
		if (speed > 0) this.#schedule();
	}

	/** Runs `duration_ms` of virtual time at once, whatever the speed. */
	step(duration_ms: number): void {
		if (!(duration_ms >= 0 && Number.isFinite(duration_ms))) throw new RangeError("a step is a time of 0 or more");
		this.#paced.runTo(this.#paced.monotonic_ms() + Math.round(duration_ms));
		this.#paced.settled?.();
		this.#anchorVirtual_ms += Math.round(duration_ms);
	}

	stop(): void {
		clearTimeout(this.#timer);
		clearImmediate(this.#immediate);
	}

	#schedule(): void {
		if (this.#speed === Infinity) this.#immediate = setImmediate(() => this.#run());
		else this.#timer = setTimeout(() => this.#run(), tick_ms);
	}

	#run(): void {
		const start_ms = realClock.monotonic_ms();
		const target_ms = this.#anchorVirtual_ms + (start_ms - this.#anchorReal_ms) * this.#speed;
		let now_ms = this.#paced.monotonic_ms();
		while (now_ms < Math.floor(target_ms) && realClock.monotonic_ms() - start_ms < slice_ms) {
			now_ms = Math.min(now_ms + chunk_ms, Math.floor(target_ms));
			this.#paced.runTo(now_ms);
		}
		this.#paced.settled?.();
		if (now_ms >= Math.floor(target_ms)) {
			this.#schedule();
			return;
		}
		// too slow for this speed: what could not be run is not made up for
		if (this.#speed !== Infinity) {
			this.#anchorReal_ms = realClock.monotonic_ms();
			this.#anchorVirtual_ms = now_ms;
		}
		this.#immediate = setImmediate(() => this.#run());
	}
}
