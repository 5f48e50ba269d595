// SPDX-License-Identifier: Apache-2.0
import type { PhasorState } from "../../grid/terminals.js";
import { noiseBand_Hz, noLoadWindow, powerPole, rmsWindow } from "./band.js";
import { active, PowerCodes, reactive } from "./energy-stage.js";
import type { Gear, GearContext } from "./gear.js";
import { quantities } from "./no-load.js";
import { irq, reg } from "./registers.js";
import { type Input, inputA, inputB, inputV, nominalRate_Hz, type Settings } from "./settings.js";
import {
	instantaneousCode,
	rmsCode,
	type SteadyInput,
	type SteadyPower,
	type SteadyState,
	silence,
	solveSteadyState,
} from "./steady-state.js";

/** One stretch of constant phasors and settings; it lasts to the beginning of the next. */
interface Stretch {
	readonly from_s: number;
	readonly steady: SteadyState;
}

const rmsWindow_s = rmsWindow / nominalRate_Hz;
const noLoadWindow_s = noLoadWindow / nominalRate_Hz;
/** Averaging time whose noise is that behind the one-pole filter of the power registers. */
const registerTime_s = (2 / powerPole - 1) / nominalRate_Hz;
/** A whole number of periods also for interharmonics of orders in thousandths. */
const fold_cycles = 1000;
/** Keeps a step that ends on a zero crossing from ending right before it. */
const nudge_s = 1e-9;

/**
 * Phasor gear: each stretch of constant phasors is solved once; time passes in O(1).
 *
 * RMS and no-load windows reach back over changes by weighting the stretches inside them. Transients of the filters are
 * not modelled. Where a no-load decision is pending, time passes in half cycles.
 */
export class PhasorGear implements Gear {
	readonly #context: GearContext;
	readonly #a = new PowerCodes();
	readonly #b = new PowerCodes();
	#settings: Settings | undefined;
	#state: PhasorState | undefined;
	#stretches: Stretch[] = [];
	/** Everything is processed up to here, and time has been moved on to `#end_s`. */
	#now_s = 0;
	#end_s = 0;
	/** What is put off has to be processed when time comes to this. */
	#due_s = 0;
	#isSettling = false;
	/** Running mains angle; its zero is that of the phases in `PhasorState`. */
	#cycles = 0;
	/** Part of a sample that passed since the last one. */
	#sampleFraction = 0;
	#isDecided = false;
	/** Noise on the registers AWATT, BWATT, AVAR, BVAR. */
	readonly #noise = new Float64Array(4);
	#period = 0;
	readonly #angles = new Int32Array(2);

	constructor(context: GearContext) {
		this.#context = context;
	}

	reset(now_s: number, settings: Settings): void {
		this.#settings = settings;
		this.#state = undefined;
		this.#stretches = [{ from_s: Number.NEGATIVE_INFINITY, steady: silence }];
		this.#now_s = now_s;
		this.#end_s = now_s;
		this.#due_s = now_s;
		this.#sampleFraction = 0;
		this.#isDecided = false;
		this.#noise.fill(0);
		this.#period = 0;
		this.#angles.fill(0);
	}

	configure(settings: Settings): void {
		this.settle();
		this.#settings = settings;
		this.#state = undefined;
		this.#isDecided = false;
		this.#due_s = this.#now_s;
	}

	get period(): number {
		this.#steady();
		return this.#period;
	}

	angle(channel: 0 | 1): number {
		this.#steady();
		return this.#angles[channel]!;
	}

	watt(channel: 0 | 1): number {
		return this.#steady().powers[channel].watt + this.#noise[channel]!;
	}

	var(channel: 0 | 1): number {
		return this.#steady().powers[channel].var + this.#noise[2 + channel]!;
	}

	steadyWatt(channel: 0 | 1): number {
		return this.watt(channel);
	}

	steadyVar(channel: 0 | 1): number {
		return this.var(channel);
	}

	sample(input: Input): number {
		const { tones, direct, noise } = this.#steady().inputs[input];
		return instantaneousCode(tones, direct, this.#cycles) + (noise > 0 ? noise * this.#context.random.next() : 0);
	}

	crossingLevel(input: Input): 0 | 1 {
		const { hasCrossings, crossing_cycles } = this.#steady().inputs[input];
		if (!hasCrossings) return 0;
		const turns = this.#cycles + crossing_cycles + 0.25;
		return turns - Math.floor(turns) < 0.5 ? 1 : 0;
	}

	meanSquare(input: Input): number {
		this.#steady();
		let sum = 0;
		let isCovered = 0; // share of the window that younger stretches cover
		for (let n = this.#stretches.length - 1; n >= 0 && isCovered < 1; n--) {
			const { from_s, steady } = this.#stretches[n]!;
			const share = triangularShare((this.#now_s - from_s) / rmsWindow_s);
			sum += (share - isCovered) * steady.inputs[input].meanSquare;
			isCovered = share;
		}
		return sum;
	}

	/** While one state has filled all windows, time is passed when a pulse is due or somebody looks. */
	run(to_s: number): void {
		if (!(to_s > this.#end_s)) return;
		const state = this.#context.terminals.phasors();
		if (state !== this.#state) {
			this.settle();
			this.#begin(state);
			this.#due_s = this.#now_s;
		}
		this.#end_s = to_s;
		if (to_s >= this.#due_s) this.settle();
	}

	/** What was put off is over: it belongs to the state that held then. */
	settle(): void {
		const to_s = this.#end_s;
		if (this.#now_s >= to_s || this.#isSettling) return;
		this.#isSettling = true; // whoever is told of a pulse may look
		const { steady } = this.#stretches[this.#stretches.length - 1]!;
		while (this.#now_s < to_s) {
			this.#pass(steady, this.#nextStop(steady, to_s));
			if (!this.#isDecided) this.#decide();
		}
		this.#isSettling = false;
		const { energy } = this.#context;
		this.#due_s = this.#now_s;
		if (this.#isDecided && energy.halfCyclesLeft === undefined)
			this.#due_s += energy.samplesToPulse() / this.#settings!.rate_Hz;
	}

	written(): void {
		this.#due_s = this.#now_s;
	}

	get isStill(): boolean {
		return this.#isDecided && this.#context.terminals.phasors() === this.#state;
	}

	/** The state that holds now; a change begins a new stretch. */
	#steady(): SteadyState {
		const state = this.#context.terminals.phasors();
		if (state !== this.#state) this.#begin(state);
		return this.#stretches[this.#stretches.length - 1]!.steady;
	}

	#begin(state: PhasorState): void {
		this.#state = state;
		const steady = solveSteadyState(state, this.#settings!);
		if (this.#stretches.at(-1)?.from_s === this.#now_s) this.#stretches.pop();
		this.#stretches.push({ from_s: this.#now_s, steady });
		this.#isDecided = false;
		if (steady.period !== undefined) this.#period = steady.period;
		for (let n = 0; n < 2; n++) this.#angles[n] = steady.powers[n]!.angle ?? this.#angles[n]!;
	}

	#nextStop(steady: SteadyState, to_s: number): number {
		let stop_s = to_s;
		const halfCycle_s = 0.5 / steady.frequency_Hz;
		if (!this.#isDecided && this.#isUndecided()) stop_s = Math.min(stop_s, this.#now_s + halfCycle_s);
		const voltage = steady.inputs[inputV];
		const left = voltage.hasCrossings ? this.#context.energy.halfCyclesLeft : undefined;
		if (left !== undefined) {
			const halves = 2 * (this.#cycles + voltage.crossing_cycles + 0.25);
			const end_s = this.#now_s + (Math.floor(halves) + left - halves) * halfCycle_s + nudge_s;
			stop_s = Math.min(stop_s, end_s);
		}
		return stop_s;
	}

	#pass(steady: SteadyState, to_s: number): void {
		const { energy, supervision } = this.#context;
		const from_s = this.#now_s;
		const due = this.#sampleFraction + (to_s - from_s) * this.#settings!.rate_Hz;
		const samples = Math.floor(due);
		this.#sampleFraction = due - samples;
		const cycles = (to_s - from_s) * steady.frequency_Hz;
		this.#now_s = to_s;
		if (samples > 0) {
			this.#codes(steady, inputA, this.#a, samples);
			this.#codes(steady, inputB, this.#b, samples);
			energy.add(this.#a, this.#b, samples, from_s, to_s);
			supervision.statusA |= irq.waveformSample;
		}
		for (let n = inputV; n <= inputB; n++) this.#watch(steady, n as Input, cycles);
		supervision.checkTimeouts(to_s);
		if (this.#context.file.get(reg.SAGLVL) > 0) supervision.sag(steady.inputs[inputV].crest, 2 * cycles);
		this.#cycles += cycles;
		if (this.#cycles >= fold_cycles) this.#cycles %= fold_cycles;
	}

	#codes(steady: SteadyState, input: 1 | 2, into: PowerCodes, samples: number): void {
		const power: SteadyPower = steady.powers[input - 1]!;
		into.watt = power.watt;
		into.var = power.var;
		into.va = power.va;
		into.irms = rmsCode(steady.inputs[input].meanSquare, this.#settings!.rmsOffset[input]);
		if (power.noise === 0) return;
		const time_s = samples / this.#settings!.rate_Hz;
		const deviation = power.noise / Math.sqrt(2 * noiseBand_Hz * time_s);
		const shown = time_s < registerTime_s ? Math.sqrt(time_s / registerTime_s) : 1;
		const watt = deviation * this.#context.random.next();
		const reactivePart = deviation * this.#context.random.next();
		into.watt += watt;
		into.var += reactivePart;
		this.#noise[input - 1] = watt * shown;
		this.#noise[input + 1] = reactivePart * shown;
	}

	/** Peak, levels and zero crossings of an input while the mains turn by `cycles`. */
	#watch(steady: SteadyState, n: Input, cycles: number): void {
		const { energy, supervision } = this.#context;
		const input: SteadyInput = steady.inputs[n];
		supervision.levelWithin(n, input);
		if (!input.hasCrossings) return;
		const before = this.#cycles + input.crossing_cycles + 0.25;
		const after = before + cycles;
		const rising = Math.floor(after) - Math.floor(before);
		const falling = Math.floor(after + 0.5) - Math.floor(before + 0.5);
		if (rising + falling === 0) return;
		const halves = 2 * after;
		const last_s = this.#now_s - (halves - Math.floor(halves)) / (2 * steady.frequency_Hz);
		supervision.crossing(n, last_s, rising > 0, falling > 0);
		if (n === inputV && energy.countHalfCycles(rising + falling)) supervision.statusA |= irq.cycleEnd;
	}

	/** True while the stretches inside the window do not all speak for the present no-load flags. */
	#isUndecided(): boolean {
		const { energy, noLoad } = this.#context;
		for (let channel = 0; channel < 2; channel++) {
			for (const quantity of quantities) {
				const threshold = noLoad.thresholds[quantity]!;
				const flag = energy.channels[channel]!.isNoLoad[quantity]!;
				let sign = 0;
				for (const { steady } of this.#stretches) {
					const value = valueFor(steady.powers[channel]!, quantity);
					if (Math.abs(value) <= threshold !== flag) return true;
					if (!flag && sign * value < 0) return true;
					sign = value;
				}
			}
		}
		return false;
	}

	/** Takes the no-load decisions of this instant and forgets stretches that no window reaches any more. */
	#decide(): void {
		const { energy, noLoad } = this.#context;
		const stretches = this.#stretches;
		const start_s = this.#now_s - noLoadWindow_s;
		while (stretches.length > 1 && stretches[1]!.from_s <= start_s) stretches.shift();
		for (let channel = 0; channel < 2; channel++) {
			for (const quantity of quantities) {
				let sum = 0;
				let to_s = this.#now_s;
				for (let n = stretches.length - 1; n >= 0; n--) {
					const { from_s, steady } = stretches[n]!;
					sum += (to_s - Math.max(from_s, start_s)) * valueFor(steady.powers[channel]!, quantity);
					to_s = from_s;
				}
				noLoad.decide(energy, channel as 0 | 1, quantity, sum / noLoadWindow_s);
			}
		}
		this.#isDecided = stretches.length === 1;
	}
}

function valueFor(power: SteadyPower, quantity: number): number {
	if (quantity === active) return power.watt;
	return quantity === reactive ? power.var : power.va;
}

/** Share of the triangular window of two running means that is younger than `age` (in lengths of one mean). */
function triangularShare(age: number): number {
	if (age <= 0) return 0;
	if (age < 1) return (age * age) / 2;
	return age < 2 ? 1 - (2 - age) ** 2 / 2 : 1;
}
