// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../../src/ports/clock.js";
import type { LinkTime } from "./links/stream-server.js";

/** Something with time-outs on the line clock: a server of links, or the associations of the meter. */
export interface TimedLinks {
	readonly nextDeadline_ms: number;
	advance(now_ms: number): void;
}

/** While anything has a deadline it is looked for so often: what has a nearer one since need not say so at once. */
const longestWait_ms = 1000;

/**
 * Calls the time-outs of all links when they are due. On a line clock that only moves when it is stepped, `run` has to be
 * called after each step; on the real clock a timer does it.
 */
export class LinkTimers implements LinkTime {
	readonly #line: Clock;
	readonly #isReal: boolean;
	readonly #links: TimedLinks[] = [];
	#timer: NodeJS.Timeout | undefined;
	/** When the timer will look. */
	#look_ms = Infinity;

	constructor(line: Clock, isReal: boolean) {
		this.#line = line;
		this.#isReal = isReal;
	}

	add(links: TimedLinks): void {
		this.#links.push(links);
	}

	now_ms(): number {
		return this.#line.monotonic_ms();
	}

	deadlineChanged(deadline_ms = -Infinity): void {
		if (!this.#isReal || (this.#timer !== undefined && deadline_ms >= this.#look_ms)) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const next_ms = this.#links.reduce((next, links) => Math.min(next, links.nextDeadline_ms), Infinity);
		if (next_ms === Infinity) return;
		const now_ms = this.now_ms();
		const wait_ms = Math.min(Math.max(next_ms - now_ms, 0), longestWait_ms);
		this.#look_ms = now_ms + wait_ms;
		this.#timer = setTimeout(() => this.run(), wait_ms).unref();
	}

	/** Runs what is due now. */
	run(): void {
		const now_ms = this.now_ms();
		for (const links of this.#links) if (links.nextDeadline_ms <= now_ms) links.advance(now_ms);
		this.deadlineChanged();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}
}
