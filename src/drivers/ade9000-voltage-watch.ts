// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { FrontEnd } from "../metrology/front-end.js";
import type { VoltageListener, VoltageWatch } from "../metrology/voltage-watch.js";
import type { InputPin } from "../ports/bus.js";
import type { Ade9000Bus } from "./ade9000-bus.js";
import type { Ade9000Means } from "./ade9000-means.js";
import { register, status1Bit } from "./ade9000-registers.js";
import type { Ade9000Start } from "./ade9000-start.js";

const phases = 3;
/** DIPx and SWELLx are RMSONE / 2^5. */
const extremeStep = 32;
/** Half a cycle at 62.5 Hz: no half cycle goes by unseen. */
const shortestPoll_ms = 8;
const nominalHalfCycle_ms = 10;
/** Half cycles without anything open until the watch sleeps again: the levels of the chip need not be exactly ours. */
const patience = 4;
/**
 * Every half cycle is read for so long after an edge that the chip told of: a hundred reads a second are dear. From then on
 * DIPx and SWELLx keep the extremes and the next edge wakes the watch; without the pin, edges have to be found by reading.
 */
const edge_ms = 200;
const edgeWithoutPin_ms = 1000;
const poll_ms = 100;
const pollWithoutPin_ms = 20;
const longEvent_ms = 60_000;
const retry_ms = 100;

/** What the watch needs of the driver it belongs to. */
export interface Ade9000WatchParts {
	readonly frontEnd: FrontEnd & { flagsWindow(now_ms: number): boolean };
	readonly bus: Ade9000Bus;
	readonly start: Ade9000Start;
	/** Interrupt pin 1, low while a dip or swell flag is set; without it the flags are polled with each basic interval. */
	readonly irq1: InputPin | undefined;
	readonly means: Ade9000Means;
	readonly listener: VoltageListener;
}

/**
 * One-cycle voltages of an ADE9000 (xVRMSONE, new every half cycle), read while the chip or the listener sees a dip or a
 * swell. What happened between the chip's flag and the first read is in its extremes DIPx and SWELLx.
 */
export class Ade9000VoltageWatch implements VoltageWatch {
	readonly isIndicative = false;
	nextDeadline_ms = Infinity;

	readonly #parts: Ade9000WatchParts;
	readonly #voltage_mV = zeros(phases);
	#isWatching = false;
	#idleFor = 0;
	/** The last edge. */
	#from_ms = 0;

	constructor(parts: Ade9000WatchParts) {
		this.#parts = parts;
	}

	/** Takes the RMS codes of a basic interval; does not use the bus, since the driver is in the middle of its own reads. */
	basicInterval(codes: ArrayLike<number>, now_ms: number): void {
		const { listener, means, irq1 } = this.#parts;
		for (let phase = 0; phase < phases; phase++) this.#voltage_mV[phase] = codes[phase]! * means.voltagePerCode_mV;
		const isWanted = listener.basicInterval(this.#voltage_mV, now_ms);
		if (this.#isWatching) return;
		if (isWanted) this.begin(now_ms);
		else if (irq1 === undefined || irq1.read() === 0) this.nextDeadline_ms = now_ms;
	}

	/** Whether basic intervals that read as the last one may be told later, with `repeat`. */
	get mayRest(): boolean {
		return !this.#isWatching && this.nextDeadline_ms === Infinity && this.#parts.listener.takesLate?.() === true;
	}

	/** A basic interval that would have read what the last one did. */
	repeat(now_ms: number): void {
		this.#parts.listener.basicInterval(this.#voltage_mV, now_ms);
	}

	interrupt(now_ms: number): void {
		this.#from_ms = now_ms;
		this.nextDeadline_ms = now_ms;
	}

	advance(now_ms: number): void {
		if (now_ms < this.nextDeadline_ms) return;
		const { start, bus } = this.#parts;
		if (!start.isReady) {
			this.nextDeadline_ms = this.#isWatching ? now_ms + retry_ms : Infinity;
			return;
		}
		const before = bus.hasFailed;
		bus.hasFailed = false;
		if (this.#isWatching) this.readHalfCycle(now_ms);
		else this.look(now_ms);
		bus.hasFailed = before;
	}

	private begin(now_ms: number): void {
		this.#isWatching = true;
		this.#idleFor = 0;
		this.#from_ms = now_ms;
		this.nextDeadline_ms = now_ms;
	}

	/** Asleep until now: which phases does the chip mean? Their extremes are the first values. */
	private look(now_ms: number): void {
		this.nextDeadline_ms = Infinity;
		const flags = this.takeFlags();
		if (flags === 0) return;
		this.begin(now_ms);
		this.readExtremes(flags);
		if (!this.#parts.bus.hasFailed) this.#parts.listener.oneCycle(this.#voltage_mV, now_ms, 2 * this.halfCycle_ms());
		this.readVoltages();
		this.deliver(now_ms);
	}

	/** Fills in the extremes of the phases that the chip means, the present voltage of the others. */
	private readExtremes(flags: number): void {
		const { bus, means } = this.#parts;
		this.readVoltages();
		for (let phase = 0; phase < phases; phase++) {
			const isDip = (flags & (status1Bit.dipA << phase)) !== 0;
			const isSwell = (flags & (status1Bit.swellA << phase)) !== 0;
			if (isDip === isSwell) continue;
			const code = bus.read32((isDip ? register.dipA : register.swellA) + phase) * extremeStep;
			const extreme_mV = code * means.voltagePerCode_mV;
			const now_mV = this.#voltage_mV[phase]!;
			this.#voltage_mV[phase] = isDip ? Math.min(now_mV, extreme_mV) : Math.max(now_mV, extreme_mV);
		}
	}

	private readHalfCycle(now_ms: number): void {
		const { irq1 } = this.#parts;
		const flags = irq1 !== undefined && irq1.read() === 0 ? this.takeFlags() : 0;
		if (flags !== 0) {
			this.#from_ms = now_ms;
			this.readExtremes(flags);
			if (!this.#parts.bus.hasFailed) this.#parts.listener.extremes(this.#voltage_mV);
		}
		this.readVoltages();
		this.followPeriod(now_ms);
		this.deliver(now_ms);
	}

	/** Phases jump with dips and swells: how long are the cycles that voltages and currents are means of? */
	private followPeriod(now_ms: number): void {
		const { frontEnd, means } = this.#parts;
		means.follow(now_ms, frontEnd.flagsWindow(now_ms));
	}

	private readVoltages(): void {
		const { bus, means } = this.#parts;
		for (let phase = 0; phase < phases; phase++) {
			this.#voltage_mV[phase] = bus.read32(register.vRmsOneA + phase * register.phaseStep) * means.voltagePerCode_mV;
		}
	}

	private deliver(now_ms: number): void {
		const { bus, listener } = this.#parts;
		const half_ms = this.halfCycle_ms();
		if (bus.hasFailed) {
			this.nextDeadline_ms = now_ms + half_ms;
			return;
		}
		this.#idleFor = listener.oneCycle(this.#voltage_mV, now_ms, 2 * half_ms) ? 0 : this.#idleFor + 1;
		if (this.#idleFor >= patience) {
			this.takeFlags();
			this.#isWatching = false;
			this.nextDeadline_ms = Infinity;
			return;
		}
		const step_ms = this.step_ms(now_ms, half_ms);
		const next_ms = this.nextDeadline_ms + step_ms;
		this.nextDeadline_ms = next_ms > now_ms && next_ms <= now_ms + step_ms ? next_ms : now_ms + step_ms;
	}

	private step_ms(now_ms: number, half_ms: number): number {
		const passed_ms = now_ms - this.#from_ms;
		const hasPin = this.#parts.irq1 !== undefined;
		if (this.#idleFor > 0 || passed_ms < (hasPin ? edge_ms : edgeWithoutPin_ms)) return half_ms;
		return hasPin || passed_ms >= longEvent_ms ? poll_ms : pollWithoutPin_ms;
	}

	private halfCycle_ms(): number {
		const { frequency_mHz } = this.#parts.frontEnd.reading;
		if (frequency_mHz === 0) return nominalHalfCycle_ms;
		return Math.max(shortestPoll_ms, Math.floor(500_000 / frequency_mHz));
	}

	/** Dip and swell flags, acknowledged. */
	private takeFlags(): number {
		const { bus } = this.#parts;
		const flags = bus.read32(register.status1) & status1Bit.dipsAndSwells;
		if (flags !== 0) bus.acknowledge(register.status1, flags);
		return flags;
	}
}
