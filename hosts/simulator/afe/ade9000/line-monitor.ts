// SPDX-License-Identifier: Apache-2.0
import { channel } from "../../grid/terminals.js";
import { OnePole } from "../dsp/one-pole.js";
import type { ChainSettings } from "./chain-settings.js";
import { nominalRate_Hz, zeroCrossingCorner_Hz } from "./constants.js";
import type { PhasorTable } from "./phasor-table.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

const lowest_Hz = 40;
const highest_Hz = 70;
/** Period registers count 1/(8000 · 65536) s. */
const periodScale = 65_536;
/** The angle counter runs at 1.024 MHz: 128 counts per sample. */
const angleCountsPerSample = 128;

/** First and second signal of the nine angle registers, as channels. */
export const anglePairs: readonly (readonly [number, number])[] = Object.freeze([
	[channel.u1, channel.u2],
	[channel.u2, channel.u3],
	[channel.u1, channel.u3],
	[channel.u1, channel.i1],
	[channel.u2, channel.i2],
	[channel.u3, channel.i3],
	[channel.i1, channel.i2],
	[channel.i2, channel.i3],
	[channel.i1, channel.i3],
]);

/** Whether the chip works with a measured period of so many samples: 40 … 70 Hz. */
export function isPeriodUsable(samples: number): boolean {
	return samples >= nominalRate_Hz / highest_Hz && samples <= nominalRate_Hz / lowest_Hz;
}

/** Samples per cycle that the chip works with: the measured ones, or the nominal ones outside 40 … 70 Hz. */
export function coercedPeriod(samples: number, settings: ChainSettings): number {
	return isPeriodUsable(samples) ? samples : nominalRate_Hz / settings.nominalFrequency_Hz;
}

/** Contents of a period register for so many samples per cycle. */
export function periodCode(samples: number): number {
	return Math.round(samples * periodScale) - 1;
}

/** Contents of an angle register: how far the second signal lags, in samples, folded into one period. */
export function angleCode(lag_samples: number, period_samples: number): number {
	const turns = lag_samples / period_samples;
	return Math.round((turns - Math.floor(turns)) * period_samples * angleCountsPerSample) & 0xffff;
}

/** Phasor gear: what the zero-crossing detectors find in a steady state. */
export class LineMonitor {
	/** Sources with valid crossings: bits 0 … 2 voltages, 3 combined, 4 … 6 currents. */
	crossing = 0;
	/** Samples per cycle of the LP_SEL source, coerced, or USER_PERIOD. */
	samplesPerCycle = 160;
	/** Voltages cross in another order than A, B, C, or one of them does not cross. */
	isOrderWrong = false;
	readonly #angle_rad = new Float64Array(7);
	#table_samplesPerCycle = 160;
	#settings: ChainSettings | undefined;

	update(table: PhasorTable, settings: ChainSettings): void {
		this.#settings = settings;
		const k = table.fundamental;
		this.crossing = 0;
		const lowPass = OnePole.gain(OnePole.coefficient(zeroCrossingCorner_Hz, nominalRate_Hz), table.omega);
		const threshold = settings.zeroCrossingThreshold / (Math.SQRT2 * lowPass);
		this.#table_samplesPerCycle = (2 * Math.PI) / table.omega;
		if (k >= 0) {
			for (let c = 0; c < 6; c++) {
				const i = table.at(c, k);
				this.#angle_rad[c] = Math.atan2(table.im[i]!, table.re[i]!);
				const bit = c < 3 ? c : c + 1;
				if (Math.hypot(table.re[i]!, table.im[i]!) > threshold) this.crossing |= 1 << bit;
			}
			if (combinedSize(table, k) > threshold) this.crossing |= 8;
		}
		const isHeard = ((this.crossing >> settings.linePeriodSource) & 1) !== 0;
		const measured = isHeard ? this.#table_samplesPerCycle : 0;
		this.samplesPerCycle = settings.userPeriod > 0 ? settings.userPeriod : coercedPeriod(measured, settings);
		this.isOrderWrong = this.#judgeOrder();
	}

	/** Writes period and angle registers; angles without crossings keep their value. */
	publish(registers: RegisterFile): void {
		const settings = this.#settings;
		if (settings === undefined) return;
		const v = registers.values;
		for (let source = 0; source < 4; source++) {
			const samples = (this.crossing >> source) & 1 ? this.#table_samplesPerCycle : 0;
			v[address.aperiod + source] = periodCode(coercedPeriod(samples, settings));
		}
		for (let n = 0; n < anglePairs.length; n++) {
			const [first, second] = anglePairs[n]!;
			if (!this.#isHeard(first) || !this.#isHeard(second)) continue;
			const turns = (this.#angle_rad[first]! - this.#angle_rad[second]!) / (2 * Math.PI);
			const period = this.#table_samplesPerCycle;
			v[address.angle + n] = angleCode(turns * period, period);
		}
	}

	#isHeard(c: number): boolean {
		return ((this.crossing >> (c < 3 ? c : c + 1)) & 1) !== 0;
	}

	#judgeOrder(): boolean {
		const voltages = this.crossing & 7;
		if (voltages === 0) return false;
		if (voltages !== 7) return true;
		const [a, b, c] = [this.#angle_rad[0]!, this.#angle_rad[1]!, this.#angle_rad[2]!];
		return foldTurn(a - b) > foldTurn(a - c);
	}
}

function foldTurn(angle_rad: number): number {
	const turns = angle_rad / (2 * Math.PI);
	return turns - Math.floor(turns);
}

/** RMS code of (VA + VB − VC)/2. */
function combinedSize(table: PhasorTable, k: number): number {
	const a = table.at(0, k);
	const b = table.at(1, k);
	const c = table.at(2, k);
	return Math.hypot((table.re[a]! + table.re[b]! - table.re[c]!) / 2, (table.im[a]! + table.im[b]! - table.im[c]!) / 2);
}
