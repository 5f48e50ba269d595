// SPDX-License-Identifier: Apache-2.0

/** A statement that has to hold for a time before it is believed, and to fail for another before it is given up. */
export class Debounce {
	isActive = false;
	readonly #raise_ms: number;
	readonly #clear_ms: number;
	/** Since when the statement differs from `isActive`; NaN while it does not. */
	#from_ms = Number.NaN;

	constructor(raise_ms: number, clear_ms: number) {
		this.#raise_ms = raise_ms;
		this.#clear_ms = clear_ms;
	}

	/** @returns true when `isActive` has just changed */
	next(holds: boolean, now_ms: number): boolean {
		if (holds === this.isActive) {
			this.#from_ms = Number.NaN;
			return false;
		}
		if (Number.isNaN(this.#from_ms)) this.#from_ms = now_ms;
		if (now_ms - this.#from_ms < (holds ? this.#raise_ms : this.#clear_ms)) return false;
		this.#from_ms = Number.NaN;
		this.isActive = holds;
		return true;
	}

	/** Nothing is known at the moment: what was under way begins anew. */
	hold(): void {
		this.#from_ms = Number.NaN;
	}
}
