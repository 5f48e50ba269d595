// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../src/models/model.js";
import { currentsOf, type Limits } from "./load-points.js";
import type { StationLoad } from "./station.js";
import { burst, fifthOfCurrent, fifthOfVoltage, halfWave, phaseFired, type WaveShape } from "./wave-shapes.js";

/** An influence quantity: what changes against a reference load, and how far the error may move (EN 50470-3). */
export interface Influence {
	readonly name: string;
	readonly gear: "phasor" | "waveform";
	readonly reference: StationLoad;
	readonly load: StationLoad;
	readonly frequency?: number;
	readonly phaseOrder?: "132";
	/** "active" unless given. */
	readonly quantity?: "reactive";
	/** Greatest change of the error, percent. */
	readonly limits: Limits;
}

const half_deg = 60;

function times(limits: { A: number; B: number; C: number }, factor: number): Limits {
	return { A: limits.A * factor, B: limits.B * factor, C: limits.C * factor };
}

/** A current of `shape`, its fundamental in phase with the voltage behind the shape's own lag. */
function shaped(shape: WaveShape, crest_A: number): StationLoad {
	// Phases of harmonics count from the voltage; the fundamental lags by what the shape makes it lag.
	const angle_deg = shape.lag_deg;
	return { current_A: shape.fundamental * crest_A, angle_deg, currentHarmonics: shape.harmonics };
}

function voltageAndFrequency(model: ModelDescriptor): Influence[] {
	const { reference_A } = currentsOf(model);
	const all: Influence[] = [];
	for (const [factor, angle_deg, voltage, frequency] of [
		["PF 1", 0, { A: 1, B: 0.7, C: 0.2 }, { A: 0.8, B: 0.5, C: 0.2 }],
		["PF 0.5 ind", half_deg, { A: 1.5, B: 1, C: 0.4 }, { A: 1, B: 0.7, C: 0.2 }],
	] as const) {
		const reference = { current_A: reference_A, angle_deg };
		const base = { gear: "phasor", reference } as const;
		for (const share of [0.9, 1.1]) {
			all.push({ ...base, name: `${share} Un, ${factor}`, load: { ...reference, voltage: share }, limits: voltage });
		}
		for (const share of [0.8, 1.15]) {
			const load = { ...reference, voltage: share };
			all.push({ ...base, name: `${share} Un, ${factor}`, load, limits: times(voltage, 3) });
		}
		for (const share of [0.98, 1.02]) {
			const name = `${share} fn, ${factor}`;
			all.push({ ...base, name, load: reference, frequency: share, limits: frequency });
		}
	}
	return all;
}

/** IEC 62053-23. */
function ofReactiveEnergy(model: ModelDescriptor): Influence[] {
	const { reference_A } = currentsOf(model);
	const all: Influence[] = [];
	for (const [factor, angle_deg, voltage] of [
		["sin φ 1", 90, { "2": 1, "3": 2 }],
		["sin φ 0.5", 30, { "2": 1.5, "3": 3 }],
	] as const) {
		const reference = { current_A: reference_A, angle_deg };
		const base = { gear: "phasor", reference, quantity: "reactive" } as const;
		for (const share of [0.9, 1.1]) {
			all.push({ ...base, name: `${share} Un, ${factor}`, load: { ...reference, voltage: share }, limits: voltage });
		}
		for (const share of [0.98, 1.02]) {
			const limits: Limits = { "2": 2.5, "3": 2.5 };
			all.push({ ...base, name: `${share} fn, ${factor}`, load: reference, frequency: share, limits });
		}
	}
	return all;
}

function ofThreePhases(model: ModelDescriptor): Influence[] {
	if (model.phases === 1) return [];
	const { reference_A } = currentsOf(model);
	const low = { current_A: 0.1 * reference_A, angle_deg: 0 };
	const full = { current_A: reference_A, angle_deg: 0 };
	const unbalance: Limits = { A: 4, B: 2, C: 1 };
	const base = { gear: "phasor", reference: full, limits: unbalance } as const;
	return [
		{
			name: "phase order 132, 0.1 Iref",
			gear: "phasor",
			reference: low,
			load: low,
			phaseOrder: "132",
			limits: { A: 1.5, B: 1.5, C: 0.1 },
		},
		{ ...base, name: "L3 missing", load: { ...full, missing: [3] } },
		{ ...base, name: "L1 missing", load: { ...full, missing: [1] } },
		{ ...base, name: "L2 and L3 missing", load: { ...full, missing: [2, 3] } },
	];
}

function waveforms(model: ModelDescriptor): Influence[] {
	const { reference_A, maximum_A } = currentsOf(model);
	const strong: Limits = { A: 6, B: 3, C: 1.5 };
	const sinusoid = (current_A: number): StationLoad => ({ current_A, angle_deg: 0 });
	const base = { gear: "waveform" } as const;
	const all: Influence[] = [
		{
			...base,
			name: "5th harmonic, 10 % of U and 40 % of I, 0.5 Imax",
			reference: sinusoid(maximum_A / 2),
			load: {
				...sinusoid(maximum_A / 2),
				voltageHarmonics: fifthOfVoltage,
				currentHarmonics: fifthOfCurrent,
			},
			limits: { A: 1, B: 0.8, C: 0.5 },
		},
		{
			...base,
			name: "phase-fired at 90°, 0.5 Iref",
			reference: sinusoid(reference_A / 2),
			load: shaped(phaseFired, Math.SQRT2 * 0.5 * reference_A),
			limits: strong,
		},
		{
			...base,
			name: "two cycles on, two off, 0.5 Iref",
			reference: sinusoid(reference_A / 2),
			load: shaped(burst, Math.SQRT2 * 0.5 * reference_A),
			limits: strong,
		},
	];
	// Half waves of Imax, that is Imax/√2 RMS; for direct connected meters alone.
	if (model.nominalRatio_A === 0) {
		all.push({
			...base,
			name: "half waves (direct current, even harmonics), Imax/√2",
			reference: sinusoid(maximum_A / 2),
			load: shaped(halfWave, Math.SQRT2 * maximum_A),
			limits: strong,
		});
	}
	return all;
}

/** Every electrical influence quantity of EN 50470-3 and IEC 62053-23 that a source can apply. */
export function influences(model: ModelDescriptor): Influence[] {
	return [...voltageAndFrequency(model), ...ofReactiveEnergy(model), ...ofThreePhases(model), ...waveforms(model)];
}
