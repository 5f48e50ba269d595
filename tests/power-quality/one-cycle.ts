// SPDX-License-Identifier: Apache-2.0

/** Voltage of one phase: from `from_s` on, `share` of the nominal voltage. */
export interface Step {
	readonly from_s: number;
	readonly share: number;
}

export interface Wave {
	readonly steps: readonly Step[];
	/** Angle at time 0, degrees. */
	readonly angle_deg?: number;
	readonly frequency_Hz?: number;
	/** Share of a fifth harmonic. */
	readonly fifth?: number;
}

const nominal_mV = 230_000;

/** Instantaneous voltage, mV. */
function sample(wave: Wave, time_s: number): number {
	let share = 1;
	for (const step of wave.steps) if (step.from_s <= time_s + 1e-12) share = step.share;
	const angle = 2 * Math.PI * (wave.frequency_Hz ?? 50) * time_s + ((wave.angle_deg ?? 0) * Math.PI) / 180;
	const shape = Math.sin(angle) + (wave.fifth ?? 0) * Math.sin(5 * angle);
	return share * nominal_mV * Math.SQRT2 * shape;
}

/** RMS in double precision of the cycle that ends at `end_s`, from so many samples. */
export function cycleRms_mV(wave: Wave, end_s: number, samples = 1600): number {
	const period_s = 1 / (wave.frequency_Hz ?? 50);
	let sum = 0;
	for (let n = 0; n < samples; n++) {
		const value = sample(wave, end_s - period_s + ((n + 0.5) * period_s) / samples);
		sum += value * value;
	}
	return Math.sqrt(sum / samples);
}

/** Calls `take` with the one-cycle voltages of all waves at each half cycle of the first. */
export function eachHalfCycle(
	waves: readonly Wave[],
	duration_s: number,
	take: (voltage_mV: Float64Array, end_ms: number, window_ms: number) => void,
): void {
	const half_s = 0.5 / (waves[0]!.frequency_Hz ?? 50);
	const voltage_mV = new Float64Array(waves.length);
	for (let n = 2; n * half_s <= duration_s; n++) {
		const end_s = n * half_s;
		waves.forEach((wave, phase) => {
			// rounded to µV: 207 V is 207 V whatever the order of summation
			voltage_mV[phase] = Math.round(cycleRms_mV(wave, end_s) * 1000) / 1000;
		});
		take(voltage_mV, end_s * 1000, 2000 * half_s);
	}
}
