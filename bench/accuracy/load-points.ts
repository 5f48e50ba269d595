// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../src/models/model.js";

/** Largest error allowed, percent, by class: A B C of active energy (EN 50470-3), 2 and 3 of reactive (IEC 62053-23). */
export type Limits = Readonly<Partial<Record<"A" | "B" | "C" | "2" | "3", number>>>;

export interface LoadPoint {
	readonly group: string;
	readonly quantity: "active" | "reactive";
	readonly current_A: number;
	/** How far the current lags: 0 import, 180 export, 90 inductive. */
	readonly angle_deg: number;
	/** "1", "0.5 ind", "0.8 cap" for active; sin φ for reactive energy. */
	readonly factor: string;
	/** The only phase that carries current. */
	readonly phase?: 1 | 2 | 3;
	readonly limits: Limits;
}

/** Currents of a model that the standards name. */
export interface Currents {
	/** Of class C. */
	readonly least_A: number;
	/** Of the classes A and B (direct), A (transformers). */
	readonly minimum_A: number;
	readonly transitional_A: number;
	readonly reference_A: number;
	readonly maximum_A: number;
}

export function currentsOf(model: ModelDescriptor): Currents {
	const isDirect = model.nominalRatio_A === 0;
	const reference_A = model.referenceCurrent_mA / 1000;
	return {
		least_A: isDirect ? 0.03 * reference_A : 0.01 * reference_A,
		minimum_A: isDirect ? 0.05 * reference_A : 0.02 * reference_A,
		transitional_A: isDirect ? 0.1 * reference_A : 0.05 * reference_A,
		reference_A,
		maximum_A: model.maximumCurrent_mA / 1000,
	};
}

const degrees = 180 / Math.PI;
const half_deg = 60;
const capacitive_deg = -Math.acos(0.8) * degrees;
const round = (current_A: number) => Math.round(current_A * 1e4) / 1e4;

function sorted(currents: readonly number[]): number[] {
	return [...new Set(currents.map(round))].sort((a, b) => a - b);
}

/** EN 50470-3, balanced load: limits below the transitional current, at power factor 1. */
function lowLimits(model: ModelDescriptor, current_A: number): Limits {
	const { minimum_A } = currentsOf(model);
	if (current_A >= minimum_A - 1e-9) return { A: 2.5, B: 1.5, C: 1 };
	// Imin of transformer meters is 0.2 Itr for class B too; of direct ones that current is below Imin of class B.
	return model.nominalRatio_A > 0 ? { B: 1.5, C: 1 } : { C: 1 };
}

const balancedLimits: Limits = Object.freeze({ A: 2, B: 1, C: 0.5 });
const singleLimits: Limits = Object.freeze({ A: 3, B: 2, C: 0.6 });
const singleHalfLimits: Limits = Object.freeze({ A: 3, B: 2, C: 1 });

function balancedPoints(model: ModelDescriptor, turn_deg: number): LoadPoint[] {
	const { least_A, minimum_A, transitional_A, reference_A, maximum_A } = currentsOf(model);
	const direction = turn_deg === 0 ? "import" : "export";
	const below = sorted([least_A, minimum_A, (minimum_A + transitional_A) / 2]);
	const above = sorted([transitional_A, 2 * transitional_A, reference_A, maximum_A / 2, maximum_A]);
	const base = { group: `balanced, ${direction}`, quantity: "active" } as const;
	const points: LoadPoint[] = below.map((current_A) => ({
		...base,
		current_A,
		angle_deg: turn_deg,
		factor: "1",
		limits: lowLimits(model, current_A),
	}));
	for (const [factor, angle_deg] of [
		["1", 0],
		["0.5 ind", half_deg],
		["0.8 cap", capacitive_deg],
	] as const) {
		for (const current_A of above) {
			points.push({ ...base, current_A, angle_deg: angle_deg + turn_deg, factor, limits: balancedLimits });
		}
	}
	return points;
}

function singlePoints(model: ModelDescriptor, turn_deg: number): LoadPoint[] {
	if (model.phases === 1) return [];
	const { transitional_A, reference_A, maximum_A } = currentsOf(model);
	const direction = turn_deg === 0 ? "import" : "export";
	const points: LoadPoint[] = [];
	for (const phase of [1, 2, 3] as const) {
		for (const current_A of [transitional_A, reference_A, maximum_A]) {
			const base = { group: `L${phase} alone, ${direction}`, quantity: "active", current_A, phase } as const;
			points.push({ ...base, angle_deg: turn_deg, factor: "1", limits: singleLimits });
			points.push({ ...base, angle_deg: half_deg + turn_deg, factor: "0.5 ind", limits: singleHalfLimits });
		}
	}
	return points;
}

/** What IEC 62053-22 asks of class 0.5 S besides: low currents at PF below 1, and PF 0.25 and 0.5 cap on request. */
function transformerPoints(model: ModelDescriptor): LoadPoint[] {
	if (model.nominalRatio_A === 0) return [];
	const { minimum_A, transitional_A, reference_A, maximum_A } = currentsOf(model);
	const base = { group: "balanced, class 0.5 S", quantity: "active", limits: { C: 1 } } as const;
	const points: LoadPoint[] = [];
	for (const current_A of [minimum_A, transitional_A]) {
		points.push({ ...base, current_A, angle_deg: half_deg, factor: "0.5 ind" });
		points.push({ ...base, current_A, angle_deg: capacitive_deg, factor: "0.8 cap" });
	}
	for (const current_A of [2 * transitional_A, reference_A, maximum_A]) {
		points.push({ ...base, current_A, angle_deg: Math.acos(0.25) * degrees, factor: "0.25 ind" });
		points.push({ ...base, current_A, angle_deg: -half_deg, factor: "0.5 cap" });
	}
	return points;
}

/** Angles at which |sin φ| is `sine` in the quadrants I to IV. */
function quadrants(sine: number): number[] {
	if (sine === 1) return [90, -90];
	const angle_deg = Math.asin(sine) * degrees;
	return [angle_deg, 180 - angle_deg, 180 + angle_deg, -angle_deg];
}

function reactivePoints(model: ModelDescriptor): LoadPoint[] {
	const { minimum_A, transitional_A, reference_A, maximum_A } = currentsOf(model);
	const points: LoadPoint[] = [];
	const add = (sine: number, currents: readonly number[], limits: Limits, phase?: 1 | 2 | 3) => {
		for (const current_A of currents) {
			for (const angle_deg of phase === undefined ? quadrants(sine) : quadrants(sine).slice(0, 1)) {
				const group = phase === undefined ? "reactive, balanced" : `reactive, L${phase} alone`;
				const base = { group, quantity: "reactive", current_A, angle_deg, factor: String(sine), limits } as const;
				points.push(phase === undefined ? base : { ...base, phase });
			}
		}
	};
	const double_A = 2 * transitional_A;
	add(1, [minimum_A], { "2": 2.5, "3": 4 });
	add(1, [transitional_A, reference_A, maximum_A], { "2": 2, "3": 3 });
	add(0.5, [transitional_A], { "2": 2.5, "3": 4 });
	add(0.5, [double_A, reference_A, maximum_A], { "2": 2, "3": 3 });
	add(0.25, [double_A, reference_A, maximum_A], { "2": 2.5, "3": 4 });
	if (model.phases === 1) return points;
	for (const phase of [1, 2, 3] as const) {
		add(1, [transitional_A, reference_A, maximum_A], { "2": 3, "3": 4 }, phase);
		add(0.5, [double_A, reference_A, maximum_A], { "2": 3, "3": 4 }, phase);
	}
	return points;
}

/** Every load point of EN 50470-3 and IEC 62053-23 for a model, both directions, four quadrants. */
export function allPoints(model: ModelDescriptor): LoadPoint[] {
	const active = [0, 180].flatMap((turn_deg) => [...balancedPoints(model, turn_deg), ...singlePoints(model, turn_deg)]);
	return [...active, ...transformerPoints(model), ...reactivePoints(model)];
}

/** The points that show most: least, transitional, reference and maximum current. */
export function quickPoints(model: ModelDescriptor): LoadPoint[] {
	const { least_A, transitional_A, reference_A, maximum_A } = currentsOf(model);
	const wanted = [least_A, transitional_A, reference_A, maximum_A].map(round);
	return allPoints(model).filter(({ group, current_A, phase, quantity, angle_deg }) => {
		if (group.endsWith("export") || !wanted.includes(round(current_A))) return false;
		if (quantity === "reactive") return phase === undefined && Math.abs(angle_deg) <= 90 && current_A >= reference_A;
		return phase === undefined || (phase === 2 && current_A === reference_A);
	});
}

/** Points for the waveform gear: transitional, reference and maximum current at PF 1 and 0.5, and one phase alone. */
export function waveformPoints(model: ModelDescriptor): LoadPoint[] {
	const { transitional_A, reference_A, maximum_A } = currentsOf(model);
	const wanted = [transitional_A, reference_A, maximum_A].map(round);
	return allPoints(model).filter(({ group, current_A, phase, factor }) => {
		if (phase === 2) return group === "L2 alone, import" && current_A === reference_A && factor === "1";
		return group === "balanced, import" && factor !== "0.8 cap" && wanted.includes(round(current_A));
	});
}

/** Limit of the strictest class that the point has: C of active, 2 of reactive energy. */
export function strictest(limits: Limits): number {
	return limits.C ?? limits["2"] ?? Number.NaN;
}
