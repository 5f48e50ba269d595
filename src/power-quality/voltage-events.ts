// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { bandOf, nextState, phaseState } from "./voltage-state.js";

export const voltageEventKind = Object.freeze({ dip: 1, swell: 2, interruption: 3 });

/** A finished event. The object is reused: valid during the call. */
export interface VoltageEvent {
	/** One of `voltageEventKind`. */
	kind: number;
	/** Bits 0..2: phases L1..L3 that took part. */
	phases: number;
	/** Monotonic time at which the one-cycle window of the first value beyond the level began. */
	start_ms: number;
	/** To the end of the window that returned. */
	duration_ms: number;
	/** Lowest (swell: highest) one-cycle voltage of all phases. */
	extreme_mV: number;
	/** The same of each phase that took part. */
	readonly phaseExtreme_mV: number[];
}

export interface VoltageEventListener {
	voltageEventEnded(event: VoltageEvent): void;
}

const none = phaseState.normal;
/** EN 50160: what lasts longer is no dip or swell any more but a variation of the supply voltage. */
const longest_ms = 60_000;

/** Dip and swell run side by side on different phases: each has one of these. */
class OpenEvent {
	readonly event: VoltageEvent;
	isOpen = false;
	/** +1 looks for the highest value, -1 for the lowest. */
	readonly #sign: 1 | -1;

	constructor(kind: number, sign: 1 | -1, phases: number) {
		this.event = {
			kind,
			phases: 0,
			start_ms: 0,
			duration_ms: 0,
			extreme_mV: 0,
			phaseExtreme_mV: zeros(phases),
		};
		this.#sign = sign;
	}

	add(mask: number, voltage_mV: ArrayLike<number>, start_ms: number): void {
		const { event } = this;
		if (!this.isOpen) {
			this.isOpen = true;
			event.phases = 0;
			event.start_ms = start_ms;
		}
		const extremes = event.phaseExtreme_mV;
		for (let phase = 0; phase < extremes.length; phase++) {
			const bit = 1 << phase;
			if ((mask & bit) === 0) continue;
			const isFirst = (event.phases & bit) === 0;
			const voltage = voltage_mV[phase]!;
			if (isFirst || (voltage - extremes[phase]!) * this.#sign > 0) extremes[phase] = voltage;
			if (event.phases === 0 || (voltage - event.extreme_mV) * this.#sign > 0) event.extreme_mV = voltage;
			event.phases |= bit;
		}
	}
}

/**
 * Finds dips, swells and interruptions in one-cycle voltages (IEC 61000-4-30 clauses 5.4, 5.5; EN 50160).
 *
 * An event begins with the first phase and ends with the last; a phase that joins does not make a second one. An
 * interruption needs all phases, is part of a dip, and then takes the place of its record. Nothing is allocated per value.
 */
export class VoltageEvents {
	/** Bits of the phases below 5 % (7 % once there), 0..7. */
	interruptedPhases = 0;

	readonly #phases: number;
	readonly #listener: VoltageEventListener;
	readonly #state: Uint8Array;
	readonly #dip: OpenEvent;
	readonly #swell: OpenEvent;
	#reference_mV: number;
	#isInterrupted = false;
	#wasInterrupted = false;
	#interruptedFrom_ms = 0;
	#interruptedTo_ms = 0;

	/** @param reference_mV declared voltage */
	constructor(phases: number, reference_mV: number, listener: VoltageEventListener) {
		this.#phases = phases;
		this.#reference_mV = reference_mV;
		this.#listener = listener;
		this.#state = new Uint8Array(phases);
		this.#dip = new OpenEvent(voltageEventKind.dip, -1, phases);
		this.#swell = new OpenEvent(voltageEventKind.swell, 1, phases);
	}

	/** Takes part in the next value; an event that is open goes on under the new levels. */
	setReference_mV(reference_mV: number): void {
		this.#reference_mV = reference_mV;
	}

	/** True while anything is beyond its level: the next values have to be one-cycle values. */
	get isOpen(): boolean {
		return this.#dip.isOpen || this.#swell.isOpen;
	}

	/**
	 * Whether values of this moment are to be flagged (IEC 61000-4-30 clause 4.7): a dip or swell of at most a minute is going
	 * on, or an interruption. A longer one is what ten-minute values are there to show.
	 */
	isFlagging(now_ms: number): boolean {
		const dip = this.#dip;
		const swell = this.#swell;
		return (
			this.#isInterrupted ||
			(dip.isOpen && now_ms - dip.event.start_ms <= longest_ms) ||
			(swell.isOpen && now_ms - swell.event.start_ms <= longest_ms)
		);
	}

	/** Whether `voltage_mV` would begin an event. */
	wouldOpen(voltage_mV: ArrayLike<number>): boolean {
		for (let phase = 0; phase < this.#phases; phase++) {
			if (nextState[none]![bandOf(voltage_mV[phase]!, this.#reference_mV)] !== none) return true;
		}
		return false;
	}

	/** Takes what was reached between two values: it counts for phases that take part in an open event, and for nothing else. */
	extremes(voltage_mV: ArrayLike<number>): void {
		if (this.#dip.isOpen) this.#dip.add(this.#dip.event.phases, voltage_mV, 0);
		if (this.#swell.isOpen) this.#swell.add(this.#swell.event.phases, voltage_mV, 0);
	}

	/**
	 * Takes one value of every phase.
	 * @param end_ms   monotonic time at which their window ended
	 * @param window_ms length of the window: one cycle
	 * @returns `isOpen`
	 */
	next(voltage_mV: ArrayLike<number>, end_ms: number, window_ms: number): boolean {
		const states = this.#state;
		let low = 0;
		let high = 0;
		let gone = 0;
		for (let phase = 0; phase < this.#phases; phase++) {
			const state = nextState[states[phase]!]![bandOf(voltage_mV[phase]!, this.#reference_mV)]!;
			states[phase] = state;
			if (state === phaseState.swell) high |= 1 << phase;
			else if (state !== none) low |= 1 << phase;
			if (state === phaseState.interrupted) gone |= 1 << phase;
		}
		this.interruptedPhases = gone;
		const start_ms = end_ms - window_ms;
		this.trackInterruption(gone === (1 << this.#phases) - 1, start_ms, end_ms);
		if (low !== 0) this.#dip.add(low, voltage_mV, start_ms);
		else if (this.#dip.isOpen) this.endDip(end_ms);
		if (high !== 0) this.#swell.add(high, voltage_mV, start_ms);
		else if (this.#swell.isOpen) this.end(this.#swell, end_ms);
		return this.isOpen;
	}

	private trackInterruption(isInterrupted: boolean, start_ms: number, end_ms: number): void {
		if (isInterrupted && !this.#isInterrupted && !this.#wasInterrupted) this.#interruptedFrom_ms = start_ms;
		if (!isInterrupted && this.#isInterrupted) this.#interruptedTo_ms = end_ms;
		if (isInterrupted) this.#wasInterrupted = true;
		this.#isInterrupted = isInterrupted;
	}

	private endDip(end_ms: number): void {
		const { event } = this.#dip;
		const isInterruption = this.#wasInterrupted;
		event.kind = isInterruption ? voltageEventKind.interruption : voltageEventKind.dip;
		if (isInterruption) event.start_ms = this.#interruptedFrom_ms;
		this.#wasInterrupted = false;
		this.end(this.#dip, isInterruption ? this.#interruptedTo_ms : end_ms);
	}

	private end(open: OpenEvent, end_ms: number): void {
		open.isOpen = false;
		open.event.duration_ms = end_ms - open.event.start_ms;
		this.#listener.voltageEventEnded(open.event);
	}
}
