// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";

/** Whose failures are counted, in the order of 0-0:96.7.{0..3} and of {5..9}, {10..14}, {15..19}: any phase is last. */
export const outageOf = Object.freeze({ allPhases: 0, l1: 1, l2: 2, l3: 3, anyPhase: 4 });
const places = 5;
/** Octets of `encode`. */
export const outagesLength = places * 12 + places * 4 + 1;

export interface OutageListener {
	/** A failure longer than the threshold has ended. `place` is one of `outageOf`. */
	longOutageEnded(place: number, end_s: number, duration_s: number): void;
	/** Voltage is back that had gone, on all phases, before the last start of the meter. */
	offTimeEnded(start_s: number, duration_s: number): void;
}

/** First element of the values of all places. */
const field = Object.freeze({ count: 0, longCount: 5, start_s: 10, longDuration_s: 15, from_ms: 20, threshold_s: 25 });
const fields = 6;
/** Began before the last start of the meter: its duration is the difference of clock readings. */
const beforeStart = Number.NEGATIVE_INFINITY;
const closed = Number.POSITIVE_INFINITY;

/**
 * Power failures of each phase, of all and of any (0-0:96.7.x): voltage below 5 % of the reference. Those not longer than
 * the threshold are only counted; longer ones are counted, timed and reported.
 *
 * A meter that loses its own supply has lost all phases: the failure goes on from the last note before to the first
 * voltage after. Where the time was lost meanwhile it is a long one of 0 s, stamped with an invalid clock.
 */
export class Outages {
	readonly #phases: number;
	readonly #listener: OutageListener | undefined;
	/** One array for everything, a row of `places` for each `field`: arrays are dear in RAM, their elements are not. */
	readonly #values = zeros(fields * places);
	#hasTime = true;

	constructor(phases: number, listener: OutageListener | undefined) {
		this.#phases = phases;
		this.#listener = listener;
		this.#values.fill(closed, field.from_ms, field.from_ms + places);
	}

	/** Every failure, short or long. @param place one of `outageOf` */
	count(place: number): number {
		return this.#values[field.count + place]!;
	}

	longCount(place: number): number {
		return this.#values[field.longCount + place]!;
	}

	/** Begin of the last failure, UTC seconds since 2000; 0 = none yet. */
	start_s(place: number): number {
		return this.#values[field.start_s + place]!;
	}

	/** Of the last long failure. */
	longDuration_s(place: number): number {
		return this.#values[field.longDuration_s + place]!;
	}

	/** Whether any failure is going on. */
	get isOpen(): boolean {
		return this.#values[field.from_ms + outageOf.anyPhase] !== closed;
	}

	/**
	 * @param missing     bits 0..2: phases without voltage
	 * @param change_ms   monotonic time at which they went or came
	 * @param utc_s       the same by the clock
	 * @param threshold_s of a long failure; the one at its begin holds
	 * @param hasTime     the clock is right; without it nobody knows how long the meter was off
	 */
	next(missing: number, change_ms: number, utc_s: number, threshold_s: number, hasTime = true): void {
		this.#hasTime = hasTime;
		const all = (1 << this.#phases) - 1;
		this.track(outageOf.allPhases, (missing & all) === all, change_ms, utc_s, threshold_s);
		for (let phase = 0; phase < this.#phases; phase++) {
			this.track(outageOf.l1 + phase, ((missing >> phase) & 1) === 1, change_ms, utc_s, threshold_s);
		}
		this.track(outageOf.anyPhase, (missing & all) !== 0, change_ms, utc_s, threshold_s);
	}

	private track(place: number, isMissing: boolean, change_ms: number, utc_s: number, threshold_s: number): void {
		const values = this.#values;
		const from_ms = values[field.from_ms + place]!;
		if (isMissing === (from_ms !== closed)) return;
		if (isMissing) {
			values[field.from_ms + place] = change_ms;
			values[field.threshold_s + place] = threshold_s;
			values[field.start_s + place] = utc_s;
			return;
		}
		values[field.from_ms + place] = closed;
		if (values[field.count + place]! < 0xffff) values[field.count + place]!++;
		const start_s = values[field.start_s + place]!;
		const duration_ms = from_ms === beforeStart ? Math.max(0, utc_s - start_s) * 1000 : change_ms - from_ms;
		if (from_ms === beforeStart && place === outageOf.allPhases) {
			this.#listener?.offTimeEnded(start_s, duration_ms / 1000);
		}
		// longer than the clock could be kept, or with a cell that is empty: told as a long one of no known length
		const isUnknown = from_ms === beforeStart && !this.#hasTime;
		if (!isUnknown && duration_ms <= values[field.threshold_s + place]! * 1000) return;
		if (values[field.longCount + place]! < 0xffff) values[field.longCount + place]!++;
		values[field.longDuration_s + place] = isUnknown ? 0 : Math.floor(duration_ms / 1000);
		this.#listener?.longOutageEnded(place, utc_s, values[field.longDuration_s + place]!);
	}

	/** The clock was moved: what began before the start of the meter is timed by it. */
	clockMoved(by_s: number): void {
		const values = this.#values;
		for (let place = 0; place < places; place++)
			if (values[field.from_ms + place] === beforeStart)
				values[field.start_s + place] = Math.max(0, values[field.start_s + place]! + by_s);
	}

	/** @returns the offset behind what was written */
	encode(view: DataView, at: number): number {
		const values = this.#values;
		let next = at;
		let open = 0;
		for (let n = 0; n < places; n++, next += 16) {
			view.setUint16(next, values[field.count + n]!);
			view.setUint16(next + 2, values[field.longCount + n]!);
			view.setUint32(next + 4, values[field.start_s + n]!);
			view.setUint32(next + 8, values[field.longDuration_s + n]!);
			view.setUint16(next + 12, values[field.threshold_s + n]!);
			view.setUint16(next + 14, 0);
			if (values[field.from_ms + n] !== closed) open |= 1 << n;
		}
		view.setUint8(next, open);
		return next + 1;
	}

	/**
	 * The reverse, after the supply came back: what was going on goes on, and everything else was lost at `lost_s`.
	 * @returns the offset behind what was read
	 */
	decode(view: DataView, at: number, lost_s: number, threshold_s: number): number {
		const values = this.#values;
		let next = at;
		const open = view.getUint8(at + places * 16);
		for (let n = 0; n < places; n++, next += 16) {
			values[field.count + n] = view.getUint16(next);
			values[field.longCount + n] = view.getUint16(next + 2);
			values[field.start_s + n] = view.getUint32(next + 4);
			values[field.longDuration_s + n] = view.getUint32(next + 8);
			values[field.threshold_s + n] = view.getUint16(next + 12);
			if (n > this.#phases && n !== outageOf.anyPhase) continue;
			values[field.from_ms + n] = beforeStart;
			if (((open >> n) & 1) === 1) continue;
			values[field.start_s + n] = lost_s;
			values[field.threshold_s + n] = threshold_s;
		}
		return next + 1;
	}
}
