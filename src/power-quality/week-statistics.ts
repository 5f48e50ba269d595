// SPDX-License-Identifier: Apache-2.0
import { Histogram } from "./histogram.js";

/** Classes of 0.5 % from 80 % to 120 % of the reference; one more for what lies above. */
const voltageClasses = 81;
const firstVoltage_permil = 800;
const voltageWidth_permil = 5;
/** Classes of 0.1 % up to 5 %. */
const unbalanceClasses = 51;

/** EN 50160, supply voltage: ± 10 % for 95 % of a week, + 10 / - 15 % always. */
const upper = 110;
const lower = 90;
const lowest = 85;
/** Unbalance: 2 %. */
const unbalanceLimit_permil = 20;

/** THD of voltage: classes of 0.2 % up to 12 %, for its quantiles. */
const thdClasses = 61;
const thdWidth_permyriad = 20;

/** Frequency: ± 1 % and + 4 / - 6 % of the nominal value. */
const frequencyBand = 10;
const frequencyUpper = 40;
const frequencyLower = 60;

/** Version 1 knew no THD: its octets are those of version 2 without the last. */
const layoutVersion = 2;
const versionWithoutThd = 1;
/** Counters and extremes of one phase, then its histogram. */
const phaseOffset = Object.freeze({ outside: 0, beyond: 2, lowest: 4, highest: 8, sum: 12, histogram: 20 });
const phaseLength = phaseOffset.histogram + Histogram.octets(voltageClasses);
/** THD of one phase: values, those over the limit, the greatest, then its histogram. */
const thdOffset = Object.freeze({ values: 0, outside: 2, highest: 4, histogram: 6 });
const thdLength = thdOffset.histogram + Histogram.octets(thdClasses);
const offset = Object.freeze({
	version: 0,
	/** Monday 00:00 of the week, seconds of local standard time; 0 before the first value. */
	week: 2,
	values: 6,
	unflagged: 8,
	frequencyValues: 10,
	frequencyOutside: 14,
	frequencyBeyond: 18,
	unbalanceValues: 22,
	unbalanceOutside: 24,
	phases: 26,
});

const secondsPerWeek = 604_800;
/** 2000-01-03 was a Monday. */
const firstMonday_s = 2 * 86_400;

/** 1 = the limits hold, 0 = they do not, -1 = there is no value to tell. */
export type Verdict = -1 | 0 | 1;

/**
 * Statistics of a week, Monday to Sunday of local standard time, over ten-minute values (EN 50160): in counters and
 * histograms, 1008 values are never stored. Flagged values are counted and left out of everything else. The whole state is
 * one record, so that a week survives a loss of supply.
 */
export class WeekStatistics {
	/** The record. */
	readonly bytes: Uint8Array;
	readonly #view: DataView;
	readonly #phases: number;
	readonly #unbalanceAt: number;
	readonly #thdAt: number;

	constructor(phases: number) {
		this.#phases = phases;
		this.#unbalanceAt = offset.phases + phases * phaseLength;
		this.#thdAt = this.#unbalanceAt + (phases === 3 ? Histogram.octets(unbalanceClasses) : 0);
		this.bytes = new Uint8Array(this.#thdAt + phases * thdLength);
		this.#view = new DataView(this.bytes.buffer);
		this.clear(0);
	}

	// Made when they are used, every ten minutes: their counts are in the record, they themselves need not be in RAM.

	private voltages(phase: number): Histogram {
		const at = offset.phases + phase * phaseLength + phaseOffset.histogram;
		return new Histogram(this.#view, at, firstVoltage_permil, voltageWidth_permil, voltageClasses);
	}

	private thd(phase: number): Histogram {
		const at = this.#thdAt + phase * thdLength + thdOffset.histogram;
		return new Histogram(this.#view, at, 0, thdWidth_permyriad, thdClasses);
	}

	private unbalance(): Histogram {
		return new Histogram(this.#view, this.#unbalanceAt, 0, 1, this.#phases === 3 ? unbalanceClasses : 0);
	}

	/** Begins the week that `standard_s` (local standard time) is in; nothing is known of it yet. */
	clear(standard_s: number): void {
		this.bytes.fill(0);
		this.bytes[offset.version] = layoutVersion;
		this.#view.setUint32(offset.week, standard_s === 0 ? 0 : weekOf(standard_s));
	}

	/** Whether the bytes were read back soundly; else the week begins anew. */
	restored(length: number): boolean {
		const version = this.bytes[offset.version];
		if (length === this.bytes.length && version === layoutVersion) return true;
		if (length === this.#thdAt && version === versionWithoutThd) {
			this.bytes[offset.version] = layoutVersion;
			this.bytes.fill(0, length);
			return true;
		}
		this.clear(0);
		return false;
	}

	/** Whether `standard_s` is in the week of the values so far; true while there is none. */
	isSameWeek(standard_s: number): boolean {
		const week_s = this.#view.getUint32(offset.week);
		return week_s === 0 || week_s === weekOf(standard_s);
	}

	/**
	 * Takes a ten-minute interval.
	 * @param end_s  its end, seconds of local standard time
	 * @param unbalance_permil below 0 where it is not known
	 */
	add(
		voltage_mV: ArrayLike<number>,
		unbalance_permil: number,
		isFlagged: boolean,
		reference_mV: number,
		end_s: number,
	): void {
		const view = this.#view;
		if (view.getUint32(offset.week) === 0) view.setUint32(offset.week, weekOf(end_s - 1));
		this.increment16(offset.values);
		if (isFlagged) return;
		this.increment16(offset.unflagged);
		for (let phase = 0; phase < this.#phases; phase++) this.addVoltage(phase, voltage_mV[phase]!, reference_mV);
		if (unbalance_permil < 0 || this.#phases < 3) return;
		this.increment16(offset.unbalanceValues);
		if (unbalance_permil > unbalanceLimit_permil) this.increment16(offset.unbalanceOutside);
		this.unbalance().add(unbalance_permil);
	}

	private addVoltage(phase: number, voltage_mV: number, reference_mV: number): void {
		const view = this.#view;
		const at = offset.phases + phase * phaseLength;
		const share = voltage_mV * 100;
		if (share > reference_mV * upper || share < reference_mV * lower) this.increment16(at + phaseOffset.outside);
		if (share > reference_mV * upper || share < reference_mV * lowest) this.increment16(at + phaseOffset.beyond);
		const low = view.getUint32(at + phaseOffset.lowest);
		if (low === 0 || voltage_mV < low) view.setUint32(at + phaseOffset.lowest, voltage_mV);
		if (voltage_mV > view.getUint32(at + phaseOffset.highest)) view.setUint32(at + phaseOffset.highest, voltage_mV);
		view.setFloat64(at + phaseOffset.sum, view.getFloat64(at + phaseOffset.sum) + voltage_mV);
		this.voltages(phase).add((voltage_mV * 1000) / reference_mV);
	}

	/**
	 * Takes the THD of voltage of an interval that is not flagged.
	 * @param phase from 0
	 * @param thd_permyriad 0 where it was not valid: the share of harmonics in a voltage is never nothing
	 */
	addThd(phase: number, thd_permyriad: number, limit_permyriad: number): void {
		if (thd_permyriad <= 0) return;
		const at = this.#thdAt + phase * thdLength;
		this.increment16(at + thdOffset.values);
		if (thd_permyriad > limit_permyriad) this.increment16(at + thdOffset.outside);
		const highest = Math.max(this.#view.getUint16(at + thdOffset.highest), Math.min(thd_permyriad, 0xffff));
		this.#view.setUint16(at + thdOffset.highest, highest);
		this.thd(phase).add(thd_permyriad);
	}

	/** Takes the mean of ten seconds that are not flagged. */
	addFrequency(frequency_mHz: number, nominal_mHz: number): void {
		this.increment32(offset.frequencyValues);
		const deviation = (frequency_mHz - nominal_mHz) * 1000;
		if (Math.abs(deviation) > nominal_mHz * frequencyBand) this.increment32(offset.frequencyOutside);
		if (deviation > nominal_mHz * frequencyUpper || -deviation > nominal_mHz * frequencyLower) {
			this.increment32(offset.frequencyBeyond);
		}
	}

	private increment16(at: number): void {
		const count = this.#view.getUint16(at);
		if (count < 0xffff) this.#view.setUint16(at, count + 1);
	}

	private increment32(at: number): void {
		this.#view.setUint32(at, this.#view.getUint32(at) + 1);
	}

	/** Intervals of the week so far, and those of them that are not flagged. */
	get values(): number {
		return this.#view.getUint16(offset.values);
	}

	get unflagged(): number {
		return this.#view.getUint16(offset.unflagged);
	}

	/** Unflagged values outside ± 10 %; phase from 0. */
	outside(phase: number): number {
		return this.#view.getUint16(offset.phases + phase * phaseLength + phaseOffset.outside);
	}

	/** Unflagged values outside + 10 / - 15 %. */
	beyond(phase: number): number {
		return this.#view.getUint16(offset.phases + phase * phaseLength + phaseOffset.beyond);
	}

	/** 0 without values. */
	lowest_mV(phase: number): number {
		return this.#view.getUint32(offset.phases + phase * phaseLength + phaseOffset.lowest);
	}

	highest_mV(phase: number): number {
		return this.#view.getUint32(offset.phases + phase * phaseLength + phaseOffset.highest);
	}

	mean_mV(phase: number): number {
		const sum = this.#view.getFloat64(offset.phases + phase * phaseLength + phaseOffset.sum);
		return this.unflagged === 0 ? 0 : Math.round(sum / this.unflagged);
	}

	/** Quantile in permil of the reference, to half a class of 5 permil. */
	voltageQuantile_permil(phase: number, q_permil: number): number {
		return this.voltages(phase).quantile(q_permil);
	}

	/** To 0.1 %. */
	unbalanceQuantile_permil(q_permil: number): number {
		return this.unbalance().quantile(q_permil);
	}

	/** Whether at most `limit_permil` of the values lie outside ± 10 %. */
	voltageVerdict(phase: number, limit_permil: number): Verdict {
		return verdict(this.outside(phase), this.unflagged, limit_permil);
	}

	/** Whether every value lies within + 10 / - 15 %. */
	alwaysVerdict(phase: number): Verdict {
		return verdict(this.beyond(phase), this.unflagged, 0);
	}

	unbalanceVerdict(limit_permil: number): Verdict {
		const view = this.#view;
		return verdict(view.getUint16(offset.unbalanceOutside), view.getUint16(offset.unbalanceValues), limit_permil);
	}

	/** Values over the limit; phase from 0. */
	thdOutside(phase: number): number {
		return this.#view.getUint16(this.#thdAt + phase * thdLength + thdOffset.outside);
	}

	highestThd_permyriad(phase: number): number {
		return this.#view.getUint16(this.#thdAt + phase * thdLength + thdOffset.highest);
	}

	/** To half a class of 0.2 %. */
	thdQuantile_permyriad(phase: number, q_permil: number): number {
		return this.thd(phase).quantile(q_permil);
	}

	thdVerdict(phase: number, limit_permil: number): Verdict {
		const values = this.#view.getUint16(this.#thdAt + phase * thdLength + thdOffset.values);
		return verdict(this.thdOutside(phase), values, limit_permil);
	}

	/** 10 s values: in all, outside ± 1 %, outside + 4 / - 6 %. */
	get frequencyValues(): number {
		return this.#view.getUint32(offset.frequencyValues);
	}

	get frequencyOutside(): number {
		return this.#view.getUint32(offset.frequencyOutside);
	}

	get frequencyBeyond(): number {
		return this.#view.getUint32(offset.frequencyBeyond);
	}
}

/** Monday 00:00 of the week that `standard_s` is in. */
function weekOf(standard_s: number): number {
	return standard_s - ((((standard_s - firstMonday_s) % secondsPerWeek) + secondsPerWeek) % secondsPerWeek);
}

function verdict(outside: number, values: number, limit_permil: number): Verdict {
	if (values === 0) return -1;
	return outside * 1000 <= limit_permil * values ? 1 : 0;
}
