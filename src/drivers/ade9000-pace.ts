// SPDX-License-Identifier: Apache-2.0
import type { Stillness } from "../ports/bus.js";

export const poll_ms = 100;
/** A 10/12-cycle value that comes later than it should is looked for so often, and for so long. */
const closePoll_ms = 10;
const closePolls = 5;
/** Lengths of a window of 10/12 cycles that are waited for: 40 to 66 Hz. */
const shortestWindow_ms = 150;
const longestWindow_ms = 250;
/** Of a window that is 200 ms but for the resolution of the period. */
const windowRounding_ms = 0.05;

/**
 * When an ADE9000 is polled, and which of its flags stand for something new.
 *
 * Polls go along with the 10/12-cycle values: each comes a window after the one before, so that no value is missed and few
 * polls find nothing. Without them (the chip has no cycles to count) the chip is polled at its usual pace.
 *
 * Where the host tells when windows and intervals of a still chip end (`Stillness`), polls can be put off; what they would
 * have found is then known. The chip goes on flagging a window with which such a poll has dealt.
 */
export class Ade9000Pace {
	/** Looks in quick succession that are left for a value which is due. */
	#closePolls = 0;
	/** Windows and intervals that polls have dealt with, in the counts of the host. */
	#windows = 0;
	#intervals = 0;
	#isFlagStale = false;
	readonly #stillness: Stillness | undefined;

	constructor(stillness: Stillness | undefined) {
		this.#stillness = stillness;
	}

	restart(): void {
		this.#closePolls = 0;
		this.#isFlagStale = false;
	}

	/**
	 * Time to the next poll.
	 * @param hasWindow this one has dealt with a window
	 * @param window_ms length of the last one
	 */
	wait_ms(hasWindow: boolean, window_ms: number): number {
		if (hasWindow) {
			this.#closePolls = closePolls;
			return Math.max(shortestWindow_ms, Math.min(longestWindow_ms, Math.floor(window_ms + windowRounding_ms)));
		}
		if (this.#closePolls === 0) return poll_ms;
		this.#closePolls--;
		return closePoll_ms;
	}

	/** Whether the host tells that polls will find what they found; if so, all that has ended up to now counts as dealt with. */
	beginRest(now_ms: number): boolean {
		const stillness = this.#stillness;
		if (stillness?.windows === undefined || stillness.intervals === undefined || !stillness.isStill) return false;
		this.#windows = stillness.windows(now_ms);
		this.#intervals = stillness.intervals(now_ms);
		return true;
	}

	/**
	 * Of the polls that begin at `first_ms`, the first at or behind `from_ms`, or that which finds an interval.
	 * @param overdue_ms from then on a poll looks after intervals that do not come
	 */
	pollFrom_ms(first_ms: number, from_ms: number, overdue_ms: number, window_ms: number): number {
		const stillness = this.#stillness!;
		const left = this.#closePolls;
		let windows = this.#windows;
		let at_ms = first_ms;
		while (at_ms < from_ms && at_ms < overdue_ms && stillness.intervals!(at_ms) === this.#intervals) {
			const ended = stillness.windows!(at_ms);
			at_ms += this.wait_ms(ended > windows, window_ms);
			windows = ended;
		}
		this.#closePolls = left;
		return at_ms;
	}

	/** A poll that was put off. @returns whether it would have found a window */
	pass(at_ms: number): boolean {
		const windows = this.#stillness!.windows!(at_ms);
		if (windows <= this.#windows) return false;
		this.#windows = windows;
		this.#isFlagStale = true;
		return true;
	}

	/** The flag of a window stands for one that has been dealt with, and no other has ended. */
	isStale(now_ms: number): boolean {
		return this.#isFlagStale && this.#stillness!.windows!(now_ms) === this.#windows;
	}

	/** No interval has ended since: a low pin says nothing when the flag of the window is stale. */
	isWithinInterval(now_ms: number): boolean {
		return this.#stillness!.intervals!(now_ms) === this.#intervals;
	}

	/** The flag of the window has been cleared. */
	cleared(): void {
		this.#isFlagStale = false;
	}
}
