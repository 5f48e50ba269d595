// SPDX-License-Identifier: Apache-2.0
import { type Task, taskPriority } from "../core/scheduler.js";
import { type Housing, housingSignal } from "../ports/housing.js";

const look_ms = 1000;
/** A contact that is open for so long is open. */
const debounce_ms = 500;
/** Nobody needs longer for a verification: a seal that was forgotten counts as closed from then on. */
const longest_ms = 8 * 3_600_000;
const closed = Number.POSITIVE_INFINITY;

export interface SealListener {
	sealChanged(isOpen: boolean): void;
}

/**
 * The switch below the verification seal. Open counts after half a second, closed at once. It counts as closed as well
 * after eight hours, and when the cover of the meter is put back on, until the switch has been closed and opened again.
 */
export class SealSwitch implements Task {
	deadline_ms = 0;
	readonly #housing: Housing;
	readonly #listener: SealListener;
	/** Since when the contact has been open. */
	#since_ms = closed;
	#isOpen = false;
	#isSpent = false;
	#wasCoverOpen = false;

	constructor(housing: Housing, listener: SealListener) {
		this.#housing = housing;
		this.#listener = listener;
	}

	get priority(): number {
		return taskPriority.metrology;
	}

	/** Whether legally relevant parameters may be changed, as known from the last look and from this one. */
	isOpenAt(now_ms: number): boolean {
		const signals = this.#housing.signals();
		const isCoverOpen = (signals & housingSignal.meterCoverOpen) !== 0;
		if ((signals & housingSignal.sealOpen) === 0) {
			this.#since_ms = closed;
			this.#isSpent = false;
		} else if (this.#since_ms === closed) this.#since_ms = now_ms;
		const open_ms = now_ms - this.#since_ms;
		if (open_ms >= longest_ms || (this.#isOpen && this.#wasCoverOpen && !isCoverOpen)) this.#isSpent = true;
		this.#wasCoverOpen = isCoverOpen;
		const isOpen = open_ms >= debounce_ms && !this.#isSpent;
		if (isOpen !== this.#isOpen) {
			this.#isOpen = isOpen;
			this.#listener.sealChanged(isOpen);
		}
		return isOpen;
	}

	housingChanged(now_ms: number): void {
		this.deadline_ms = now_ms;
	}

	run(now_ms: number): void {
		this.isOpenAt(now_ms);
		const isAtRest = this.#housing.tellsChanges === true && this.#since_ms === closed;
		this.deadline_ms = isAtRest ? Infinity : now_ms + look_ms;
	}
}
