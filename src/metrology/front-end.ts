// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { WaveformSource } from "../ports/waveform-source.js";
import type { BlockSource } from "./sampling/block-source.js";
import type { VoltageListener, VoltageWatch } from "./voltage-watch.js";

/** Index of a quantity in `FrontEndReading.energy_codes`; add the phase, 0..2. */
export const energyIndex = Object.freeze({ active: 0, reactive: 3, apparent: 6 });

/** Index in `FrontEndReading.angle_mdeg`: how far the first-named quantity lags the second. */
export const angleIndex = Object.freeze({ u2u1: 0, u3u1: 1, u3u2: 2, i1u1: 3, i2u2: 4, i3u3: 5 });

/** Index of the neutral conductor in `FrontEndReading.current_mA`. */
export const neutralIndex = 3;

/**
 * What a front end delivers for one interval. The object and its arrays are reused: valid until the next `advance`.
 * Thresholds (missing phase, starting current) are not applied here.
 */
export interface FrontEndReading {
	/** Signed energy since the previous reading, integer codes: active, reactive, apparent of phases 1..3 (9 elements). */
	readonly energy_codes: number[];
	/** Time which `energy_codes` stand for; more than 1000 after late polls. */
	duration_ms: number;
	/** Time which voltages and currents stand for: that of the windows which have ended in the interval. */
	rms_ms: number;
	/** RMS over the interval, phases 1..3, rounded. */
	readonly voltage_mV: number[];
	/** RMS over the interval, phases 1..3 and neutral, rounded. */
	readonly current_mA: number[];
	/** Mean of the reference phase over the interval, rounded; 0 where the chip cannot measure it, meaningless without voltage. */
	frequency_mHz: number;
	/** 0..359999 each, in the order of `angleIndex`; meaningless where voltage or current is missing. */
	readonly angle_mdeg: number[];
	/** Chip temperature; NaN where there is no sensor or no value yet. */
	temperature_degC: number;
}

/** Makes a zeroed reading; once per driver. */
export function createReading(): FrontEndReading {
	return {
		energy_codes: zeros(9),
		duration_ms: 0,
		rms_ms: 0,
		voltage_mV: zeros(3),
		current_mA: zeros(4),
		frequency_mHz: 0,
		angle_mdeg: zeros(6),
		temperature_degC: Number.NaN,
	};
}

/**
 * One measuring chip, driven by time: it starts the chip, configures it, polls it, and starts it again when it was lost.
 * Nothing here blocks or throws; a chip that does not answer simply delivers no intervals.
 */
export interface FrontEnd {
	readonly phases: 1 | 3;
	/** Monotonic milliseconds of the next thing to do. */
	readonly nextDeadline_ms: number;
	/**
	 * Does what is due.
	 * @returns true when an interval has been finished; `reading` then holds it
	 */
	advance(now_ms: number): boolean;
	readonly reading: FrontEndReading;
	/**
	 * +1 with each value of 10 or 12 cycles in which a voltage, a current or the frequency is another than in the one before, to
	 * the last bit. Left out where that is not known.
	 */
	readonly movements?: number;
	/**
	 * The unit of energy in codes, 0.1 Wh = `unitNumerator / unitDenominator` codes: two integers, the denominator a power
	 * of two, the numerator below 2^47. All rounding of the whole chain is in the numerator.
	 */
	readonly unitNumerator: number;
	readonly unitDenominator: number;
	/** Codes per second of one phase at full scale. */
	readonly fullScaleRate: number;
	/** Impulses per kWh, kvarh and kVAh of the test outputs, in the order of `ledQuantity`; no chip gives the last. */
	readonly ledConstants: readonly number[];
	/**
	 * Lets a test output follow another constant from the next impulse on; registers do not notice.
	 * @returns false when the divider of the chip cannot do it; nothing has changed then
	 */
	setLedConstant(constant: number, quantity: number): boolean;
	/** What the test outputs give impulses of, `ledSource` of each; left out where there are none. */
	readonly ledSources?: readonly number[];
	/** Lets them follow other quantities from the next impulse on; registers do not notice. */
	selectLeds?(sources: readonly number[]): void;
	/** Looks at the chip may be put off, because it reads as it did: the first of these at or behind `at_ms`, or Infinity. */
	putOffFrom_ms?(at_ms: number): number;
	/** They count as done up to `before_ms`, and from there on the chip is looked at. */
	wake?(before_ms: number): void;
	/** Why there are no intervals; "" while the chip delivers. */
	readonly fault: FrontEndFault;
	/**
	 * What samples waveforms for harmonics; to be called at most once. Left out or undefined where nothing does.
	 * @param samples sample stream of the chip, for those that have no buffer of their own
	 */
	createBlockSource?(samples: WaveformSource | undefined): BlockSource | undefined;
	/** What follows the voltage through dips and swells; to be called at most once. Left out where nothing measures. */
	createVoltageWatch?(listener: VoltageListener): VoltageWatch;
}

/**
 * `starting` is no fault yet; `reset`: the chip restarted by itself; `configuration`: a register does not hold its value;
 * `calibration`: the calibration or another sealed parameter is lost, nothing is measured.
 */
export type FrontEndFault =
	| ""
	| "starting"
	| "noAnswer"
	| "wrongPart"
	| "configuration"
	| "reset"
	| "implausible"
	| "stalled"
	| "calibration";

/** More than this times full scale cannot come out of a sound chip. */
const headroom = 1.2;

/**
 * Whether `reading` can have come from a sound chip: |difference| at most 1.2 times full scale, and apparent energy that
 * does not run backwards.
 */
export function isPlausible(reading: FrontEndReading, phases: number, fullScaleRate: number): boolean {
	const limit = (headroom * fullScaleRate * reading.duration_ms) / 1000;
	const codes = reading.energy_codes;
	for (let phase = 0; phase < phases; phase++) {
		if (Math.abs(codes[energyIndex.active + phase]!) > limit) return false;
		if (Math.abs(codes[energyIndex.reactive + phase]!) > limit) return false;
		const apparent = codes[energyIndex.apparent + phase]!;
		if (!(apparent >= 0 && apparent <= limit)) return false;
	}
	return true;
}

/** "" as a value: a literal in a method would make a copy of itself on the heap of the board each time. */
export const noFault: FrontEndFault = "";
