// SPDX-License-Identifier: Apache-2.0
import { OnePole } from "../dsp/one-pole.js";
import { ZeroCrossing } from "../dsp/zero-crossing.js";
import type { ChainSettings } from "./chain-settings.js";
import { nominalRate_Hz, zeroCrossingCorner_Hz } from "./constants.js";
import { angleCode, anglePairs, coercedPeriod, periodCode } from "./line-monitor.js";
import type { QualityEvents } from "./quality-events.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

/** Voltages A B C, combined, currents A B C. */
const sources = 7;
const combined = 3;
/** A signal that did not cross for a cycle of 40 Hz is lost. */
const lostAfter = nominalRate_Hz / 40;

/** Waveform gear: zero crossings of all signals, and what follows from them: periods, angles, order, time-outs. */
export class CrossingMonitor {
	/** Samples per line cycle: measured on the LP_SEL source and coerced, or USER_PERIOD. */
	samplesPerCycle = 160;
	readonly #filters: readonly OnePole[];
	readonly #detectors = Array.from({ length: sources }, () => new ZeroCrossing());
	readonly #last = new Float64Array(sources);

	constructor() {
		const k = OnePole.coefficient(zeroCrossingCorner_Hz, nominalRate_Hz);
		this.#filters = Array.from({ length: sources }, () => new OnePole(k));
	}

	/** Whether the last sample of a voltage (0 … 2) or of the combination (3) is above zero. */
	isPositive(source: number): boolean {
		return this.#last[source]! > 0;
	}

	/**
	 * Takes a block of waveforms VA VB VC IA IB IC; `start` is the number of its first sample.
	 */
	process(
		waves: readonly Float64Array[],
		start: number,
		count: number,
		settings: ChainSettings,
		quality: QualityEvents,
	): void {
		for (let source = 0; source < sources; source++) {
			const filter = this.#filters[source]!;
			const detector = this.#detectors[source]!;
			const threshold = settings.zeroCrossingThreshold;
			const wave = waves[source < combined ? source : source === combined ? 0 : source - 1]!;
			const second = waves[1]!;
			const third = waves[2]!;
			let x = 0;
			let heardAt = 0;
			for (let n = 0; n < count; n++) {
				const input = source === combined ? (wave[n]! + second[n]! - third[n]!) / 2 : wave[n]!;
				x = filter.next(input);
				if (detector.next(start + n, x, threshold) === 0) continue;
				quality.crossed(1 << source);
				heardAt = n + 1;
			}
			this.#last[source] = x;
			if (source < combined) {
				if (heardAt > 0) quality.heard(source);
				quality.silent(source, count - heardAt);
			}
			if (start + count - Math.max(detector.rising, detector.falling) > lostAfter) detector.lose();
		}
		const measured = this.#detectors[settings.linePeriodSource]!.period;
		this.samplesPerCycle = settings.userPeriod > 0 ? settings.userPeriod : coercedPeriod(measured, settings);
		quality.judgeOrder(this.#isOrderWrong(), count / this.samplesPerCycle);
	}

	/** Writes period and angle registers; angles without crossings keep their value. */
	publish(registers: RegisterFile, settings: ChainSettings): void {
		const v = registers.values;
		for (let source = 0; source < 4; source++) {
			v[address.aperiod + source] = periodCode(coercedPeriod(this.#detectors[source]!.period, settings));
		}
		for (let n = 0; n < anglePairs.length; n++) {
			const first = this.#ofChannel(anglePairs[n]![0]);
			const second = this.#ofChannel(anglePairs[n]![1]);
			if (first.period === 0 || second.period === 0) continue;
			v[address.angle + n] = angleCode(second.rising - first.rising, first.period);
		}
	}

	#ofChannel(c: number): ZeroCrossing {
		return this.#detectors[c < combined ? c : c + 1]!;
	}

	#isOrderWrong(): boolean {
		const [a, b, c] = this.#detectors;
		const heard = [a, b, c].filter((detector) => detector!.period > 0).length;
		if (heard === 0) return false;
		if (heard < 3) return true;
		const period = a!.period;
		const lag = (detector: ZeroCrossing) => (((detector.rising - a!.rising) % period) + period) % period;
		return lag(b!) > lag(c!);
	}
}
