// SPDX-License-Identifier: Apache-2.0

/** The button is looked at so often. */
export const buttonPeriod_ms = 500;
/** Held so long it reconnects, let go after that and within `longestPress_ms` it disconnects. */
export const longPress_ms = 2000;
const longestPress_ms = 10_000;

/** What a look at the button found. */
export const press = Object.freeze({
	nothing: 0,
	/** It is held, and has been for long enough. */
	held: 1,
	/** It was let go after a long press that has had no effect. */
	released: 2,
});

/** The button at the meter, pressed long on purpose: a short press means nothing. */
export class LongPress {
	/** When it was pressed; -1 while it is free, Infinity when this press has had its effect. */
	#pressed_ms = -1;

	/** @returns one of `press` */
	look(isHeld: boolean, now_ms: number): number {
		if (!isHeld) {
			const held_ms = this.#pressed_ms < 0 || this.#pressed_ms === Infinity ? 0 : now_ms - this.#pressed_ms;
			this.#pressed_ms = -1;
			return held_ms >= longPress_ms && held_ms < longestPress_ms ? press.released : press.nothing;
		}
		if (this.#pressed_ms < 0) this.#pressed_ms = now_ms;
		return now_ms - this.#pressed_ms < longPress_ms ? press.nothing : press.held;
	}

	/** This press has had its effect: neither holding it on nor letting it go means anything more. */
	served(): void {
		if (this.#pressed_ms >= 0) this.#pressed_ms = Infinity;
	}
}
