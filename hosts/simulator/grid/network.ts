// SPDX-License-Identifier: Apache-2.0
import {
	add,
	argument,
	type Complex,
	complex,
	divide,
	modulus,
	multiply,
	one,
	polar,
	scale,
	subtract,
	zero,
} from "./complex.js";
import { admittanceOf, type Harmonic, harmonicPhasor, type Load, powerAdmittance } from "./loads.js";

/** One phase as the network sees it: an ideal source behind an impedance, and what hangs on it. */
export interface NetworkPhase {
	readonly voltage_V: number;
	readonly angle_rad: number;
	readonly harmonics: readonly Harmonic[];
	readonly loads: readonly Load[];
}

export interface Network {
	readonly frequency_Hz: number;
	readonly nominalVoltage_V: number;
	readonly phases: readonly NetworkPhase[];
	/** Impedance between each ideal source and the meter. */
	readonly sourceResistance_ohm: number;
	readonly sourceInductance_H: number;
	/** False: the star point of the loads and of the meter floats. */
	readonly neutralConnected: boolean;
}

/** Voltage at the terminals and current into the installation, per phase, of one order. */
export interface Solution {
	readonly order: number;
	readonly voltages: readonly Complex[];
	readonly currents: readonly Complex[];
}

/** The voltage dividers of the meter, 1 MΩ each, are what remains of a star point when every load is off. */
const burden: Complex = Object.freeze({ re: 1e-6, im: 0 });
const iterations = 100;

/** A phase's loads at one order: i = admittance · u + current. */
interface Norton {
	readonly admittance: Complex;
	readonly current: Complex;
}

const nothing: Norton = Object.freeze({ admittance: zero, current: zero });

/**
 * Steady state of the network, one entry per order, the fundamental first.
 *
 * Loads of constant power make the fundamental a non-linear problem: solved by iterating over their equivalent admittances,
 * which stays bounded also where constant power has no solution (a floating star point, a weak source). Currents of
 * the result are always those of the admittances last used, so they balance at the star point.
 *
 * With a floating star point every load answers to the displaced voltage: fixed currents are taken as the impedance
 * they stand for at the voltage of their source, and whatever feeds in switches itself off, as inverters do.
 */
export function solveNetwork(network: Network): Solution[] {
	const sources = network.phases.map((phase) => polar(phase.voltage_V, phase.angle_rad));
	const fundamental = solveFundamental(network, sources);
	const solutions = [fundamental];
	for (const order of ordersOf(network)) {
		const voltages = network.phases.map((phase) => sourceHarmonic(phase, order));
		const nortons = network.phases.map((phase, p) =>
			isDead(network, phase) ? nothing : harmonicNorton(network, phase, fundamental, p, order),
		);
		solutions.push(solveLinear(network, order, voltages, nortons));
	}
	return solutions;
}

function ordersOf(network: Network): number[] {
	const orders = new Set<number>();
	for (const phase of network.phases) {
		for (const h of phase.harmonics) orders.add(h.order);
		for (const load of phase.loads) {
			if (load.kind === "harmonics") for (const h of load.currents) orders.add(h.order);
			else if (load.kind !== "impedance") for (const h of load.harmonics ?? []) orders.add(h.order);
		}
	}
	return [...orders].sort((a, b) => a - b);
}

function sourceHarmonic(phase: NetworkPhase, order: number): Complex {
	let sum = zero;
	for (const h of phase.harmonics) {
		if (h.order !== order) continue;
		sum = add(sum, harmonicPhasor(order, h.fraction * phase.voltage_V, h.phase_deg ?? 0, phase.angle_rad));
	}
	return sum;
}

/** A phase that is cut off and whose loads have no other way to be fed than through their star point. */
function isDead(network: Network, phase: NetworkPhase): boolean {
	return !network.neutralConnected && phase.voltage_V === 0;
}

function solveFundamental(network: Network, sources: readonly Complex[]): Solution {
	const stiff = network.neutralConnected && network.sourceResistance_ohm === 0 && network.sourceInductance_H === 0;
	let guess: readonly Complex[] = sources;
	for (let n = 1; ; n++) {
		const nortons = network.phases.map((phase, p) =>
			isDead(network, phase) ? nothing : fundamentalNorton(network, phase, guess[p]!),
		);
		const solution = solveLinear(network, 1, sources, nortons);
		if (stiff || n === iterations) return solution;
		let change_V = 0;
		for (let p = 0; p < guess.length; p++) {
			change_V = Math.max(change_V, modulus(subtract(solution.voltages[p]!, guess[p]!)));
		}
		if (change_V < 1e-10 * network.nominalVoltage_V) return solution;
		guess = guess.map((u, p) => scale(add(u, solution.voltages[p]!), 0.5));
	}
}

function fundamentalNorton(network: Network, phase: NetworkPhase, voltage: Complex): Norton {
	let admittance = zero;
	let current = zero;
	const angle_rad = modulus(voltage) > 1 ? argument(voltage) : phase.angle_rad;
	for (const load of phase.loads) {
		if (load.kind === "impedance") {
			admittance = add(admittance, admittanceOf(load, 1, network.frequency_Hz));
		} else if (load.kind === "power") {
			if (isTripped(network, load)) continue;
			admittance = add(admittance, powerAdmittance(load, modulus(voltage), network.nominalVoltage_V));
		} else if (load.kind === "current") {
			if (isTripped(network, load)) continue;
			const lag_rad = ((load.angle_deg ?? 0) * Math.PI) / 180;
			if (network.neutralConnected) current = add(current, polar(load.current_A, angle_rad - lag_rad));
			else admittance = add(admittance, polar(load.current_A / ratingVoltage_V(network, phase), -lag_rad));
		}
	}
	return { admittance, current };
}

/** The voltage at which a fixed current is taken for an impedance; not so low that it becomes a short circuit. */
function ratingVoltage_V(network: Network, phase: NetworkPhase): number {
	return Math.max(phase.voltage_V, 0.1 * network.nominalVoltage_V);
}

function isTripped(network: Network, load: Load): boolean {
	if (network.neutralConnected) return false;
	if (load.kind === "power") return load.activePower_W < 0;
	return load.kind === "current" && Math.cos(((load.angle_deg ?? 0) * Math.PI) / 180) < -1e-12;
}

function harmonicNorton(
	network: Network,
	phase: NetworkPhase,
	fundamental: Solution,
	p: number,
	order: number,
): Norton {
	const u1 = fundamental.voltages[p]!;
	const angle_rad = modulus(u1) > 1 ? argument(u1) : phase.angle_rad;
	let admittance = zero;
	let current = zero;
	for (const load of phase.loads) {
		if (load.kind === "impedance") {
			admittance = add(admittance, admittanceOf(load, order, network.frequency_Hz));
			continue;
		}
		if (isTripped(network, load)) continue;
		let level_A = 0; // what the shares refer to
		if (load.kind === "current") level_A = load.current_A;
		else if (load.kind === "power") {
			level_A = modulus(multiply(powerAdmittance(load, modulus(u1), network.nominalVoltage_V), u1));
		}
		const harmonics: readonly Harmonic[] =
			load.kind === "harmonics"
				? load.currents.map((h) => ({ order: h.order, fraction: h.current_A, phase_deg: h.phase_deg ?? 0 }))
				: (load.harmonics ?? []);
		let total_A = level_A;
		if (load.kind === "harmonics") level_A = 1;
		for (const h of harmonics) {
			if (load.kind === "harmonics") total_A += Math.abs(h.fraction);
			if (h.order !== order) continue;
			current = add(current, harmonicPhasor(order, h.fraction * level_A, h.phase_deg ?? 0, angle_rad));
		}
		// Without a neutral a current source needs an impedance beside it: that of the load at the fundamental.
		if (!network.neutralConnected) admittance = add(admittance, complex(total_A / ratingVoltage_V(network, phase), 0));
	}
	return { admittance, current };
}

function solveLinear(
	network: Network,
	order: number,
	sources: readonly Complex[],
	nortons: readonly Norton[],
): Solution {
	const impedance = complex(
		network.sourceResistance_ohm,
		2 * Math.PI * network.frequency_Hz * order * network.sourceInductance_H,
	);
	let starPoint = zero;
	if (!network.neutralConnected) {
		let admittances = zero;
		let currents = zero;
		for (let p = 0; p < nortons.length; p++) {
			if (isDead(network, network.phases[p]!)) continue;
			const admittance = add(nortons[p]!.admittance, burden);
			const divisor = add(one, multiply(impedance, admittance));
			admittances = add(admittances, divide(admittance, divisor));
			currents = add(currents, divide(add(multiply(admittance, sources[p]!), nortons[p]!.current), divisor));
		}
		if (modulus(admittances) > 0) starPoint = divide(currents, admittances);
	}
	const voltages: Complex[] = [];
	const currents: Complex[] = [];
	for (let p = 0; p < nortons.length; p++) {
		const { admittance, current } = nortons[p]!;
		if (isDead(network, network.phases[p]!)) {
			voltages.push(zero);
			currents.push(zero);
			continue;
		}
		const drive = subtract(subtract(sources[p]!, starPoint), multiply(impedance, current));
		const voltage = divide(drive, add(one, multiply(impedance, admittance)));
		voltages.push(voltage);
		currents.push(add(multiply(admittance, voltage), current));
	}
	return { order, voltages, currents };
}
