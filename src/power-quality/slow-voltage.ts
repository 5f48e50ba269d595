// SPDX-License-Identifier: Apache-2.0
/** Kinds of the slow detector and their place in arrays: kind · 3 + phase. */
export const slowKind = Object.freeze({ sag: 0, swell: 1, cut: 2 });
const kinds = 3;
const none = 0xff;
/** A voltage is normal again this share of the reference inside the threshold, in permil. */
const hysteresis_permil = 10;
const places = kinds * 3;
const decivolt_mV = 100;
/** First element of the values of all places, then of the values of all phases. */
const field = Object.freeze({
	count: 0,
	duration_s: 9,
	extreme_dV: 18,
	/** Kind in force and kind on the way, `none` = normal. */
	active: 27,
	candidate: 30,
	candidateFrom_ms: 33,
	candidate_mV: 36,
	/** Begin of the event in force, and its extreme. */
	activeFrom_ms: 39,
	active_mV: 42,
});
const fieldsEnd = 45;

/** Thresholds as the objects 1-0:12.{31,35,39}.0 and their times say; indexed by kind. */
export interface SlowVoltageSettings {
	/** 0.1 V. */
	threshold_dV(kind: number): number;
	/** Time until an event begins, and until it ends. */
	raise_s(kind: number): number;
	clear_s(kind: number): number;
	readonly reference_mV: number;
}

export interface SlowVoltageListener {
	/** @param phase from 0 */
	slowVoltageBegan(kind: number, phase: number): void;
	slowVoltageEnded(kind: number, phase: number): void;
}

/** Octets of `encode`. */
export const slowVoltageLength = places * 8 + 3 + 3 * 6;

/**
 * Under-voltage, over-voltage and missing voltage of the quality log: values of one second, a threshold, and a time for
 * which it has to be passed, unlike dips and swells (IDIS package 2, objects 1-0:12.31 and following).
 *
 * A phase has at most one of them at a time. Duration runs from the first second beyond the threshold to the first that is
 * back for good; extreme is the lowest or highest second in between.
 */
export class SlowVoltage {
	readonly #phases: number;
	readonly #settings: SlowVoltageSettings;
	readonly #listener: SlowVoltageListener;
	/** One array for everything, by `field`: arrays are dear in RAM, their elements are not. */
	readonly #values = new Float64Array(fieldsEnd);

	constructor(phases: number, settings: SlowVoltageSettings, listener: SlowVoltageListener) {
		this.#phases = phases;
		this.#settings = settings;
		this.#listener = listener;
		this.#values.fill(none, field.active, field.candidateFrom_ms);
	}

	/** @param place kind · 3 + phase */
	count(place: number): number {
		return this.#values[field.count + place]!;
	}

	/** Of the last event. */
	duration_s(place: number): number {
		return this.#values[field.duration_s + place]!;
	}

	extreme_dV(place: number): number {
		return this.#values[field.extreme_dV + place]!;
	}

	/** One of `slowKind`, or -1 while the phase (from 0) is normal. */
	active(phase: number): number {
		const values = this.#values;
		const kind = values[field.active + phase]!;
		return kind === none ? -1 : kind;
	}

	/** Forgets counts, durations and extremes of events that are over; what is going on goes on. */
	clear(): void {
		this.#values.fill(0, field.count, field.active);
	}

	/** Takes the voltage of the second that ended at `now_ms`. */
	next(phase: number, voltage_mV: number, now_ms: number): void {
		const values = this.#values;
		const active = values[field.active + phase]!;
		const kind = this.kindOf(voltage_mV, active);
		if (kind === active) {
			values[field.candidate + phase] = active;
			if (active !== none)
				values[field.active_mV + phase] = furthest(active, values[field.active_mV + phase]!, voltage_mV);
			return;
		}
		if (values[field.candidate + phase] !== kind) {
			values[field.candidate + phase] = kind;
			values[field.candidateFrom_ms + phase] = now_ms;
			values[field.candidate_mV + phase] = voltage_mV;
		} else if (kind !== none)
			values[field.candidate_mV + phase] = furthest(kind, values[field.candidate_mV + phase]!, voltage_mV);
		const settings = this.#settings;
		const wait_s = kind === none ? settings.clear_s(active) : settings.raise_s(kind);
		// the first value stood for the second before its own end
		const passed_s = (now_ms - values[field.candidateFrom_ms + phase]!) / 1000 + 1;
		if (passed_s >= wait_s) this.change(phase, active, kind);
	}

	private kindOf(voltage_mV: number, active: number): number {
		const settings = this.#settings;
		const back_mV = (settings.reference_mV * hysteresis_permil) / 1000;
		const isCut = active === slowKind.cut;
		if (voltage_mV < level_mV(settings, slowKind.cut) + (isCut ? back_mV : 0)) return slowKind.cut;
		const isSag = active === slowKind.sag;
		if (voltage_mV < level_mV(settings, slowKind.sag) + (isSag ? back_mV : 0)) return slowKind.sag;
		const isSwell = active === slowKind.swell;
		if (voltage_mV > level_mV(settings, slowKind.swell) - (isSwell ? back_mV : 0)) return slowKind.swell;
		return none;
	}

	private change(phase: number, active: number, kind: number): void {
		const values = this.#values;
		const from_ms = values[field.candidateFrom_ms + phase]!;
		if (active !== none) {
			const place = active * 3 + phase;
			values[field.duration_s + place] = Math.round((from_ms - values[field.activeFrom_ms + phase]!) / 1000);
			values[field.extreme_dV + place] = Math.min(Math.round(values[field.active_mV + phase]! / decivolt_mV), 0xffff);
		}
		values[field.active + phase] = kind;
		if (kind === none) {
			this.#listener.slowVoltageEnded(active, phase);
			return;
		}
		values[field.activeFrom_ms + phase] = from_ms;
		values[field.active_mV + phase] = values[field.candidate_mV + phase]!;
		const count = field.count + kind * 3 + phase;
		values[count] = (values[count]! + 1) & 0xffff;
		this.#listener.slowVoltageBegan(kind, phase);
	}

	/** @returns the offset behind what was written */
	encode(view: DataView, at: number, now_ms: number): number {
		const values = this.#values;
		let next = at;
		for (let n = 0; n < places; n++, next += 8) {
			view.setUint16(next, values[field.count + n]!);
			view.setUint32(next + 2, values[field.duration_s + n]!);
			view.setUint16(next + 6, values[field.extreme_dV + n]!);
		}
		for (let phase = 0; phase < 3; phase++, next += 7) {
			const isActive = phase < this.#phases && values[field.active + phase] !== none;
			view.setUint8(next, values[field.active + phase]!);
			view.setUint32(
				next + 1,
				isActive ? Math.max(0, Math.round((now_ms - values[field.activeFrom_ms + phase]!) / 1000)) : 0,
			);
			view.setUint16(
				next + 5,
				isActive ? Math.min(Math.round(values[field.active_mV + phase]! / decivolt_mV), 0xffff) : 0,
			);
		}
		return next;
	}

	/** The reverse; events that were in force go on. */
	decode(view: DataView, at: number, now_ms: number): number {
		const values = this.#values;
		let next = at;
		for (let n = 0; n < places; n++, next += 8) {
			values[field.count + n] = view.getUint16(next);
			values[field.duration_s + n] = view.getUint32(next + 2);
			values[field.extreme_dV + n] = view.getUint16(next + 6);
		}
		for (let phase = 0; phase < 3; phase++, next += 7) {
			const kind = view.getUint8(next);
			values[field.active + phase] = kind < kinds && phase < this.#phases ? kind : none;
			values[field.candidate + phase] = values[field.active + phase]!;
			values[field.activeFrom_ms + phase] = now_ms - view.getUint32(next + 1) * 1000;
			values[field.active_mV + phase] = view.getUint16(next + 5) * decivolt_mV;
		}
		return next;
	}
}

function level_mV(settings: SlowVoltageSettings, kind: number): number {
	return settings.threshold_dV(kind) * decivolt_mV;
}

function furthest(kind: number, before_mV: number, voltage_mV: number): number {
	return kind === slowKind.swell ? Math.max(before_mV, voltage_mV) : Math.min(before_mV, voltage_mV);
}
