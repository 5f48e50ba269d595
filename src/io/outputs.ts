// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { MetrologyView } from "../metrology/view.js";
import { outputCount } from "../ports/io-pins.js";
import type { IoParts } from "./io-parts.js";
import { outputFunction } from "./io-settings.js";
import type { LoadRelays } from "./load-relays.js";

/** Impulses of active (0) and of reactive energy (1). */
const pulseKinds = 2;
/** Energy registers count tenths of a Wh, modulo this. */
const registerWrap = 10 * 0x1_0000_0000;
const unitsPerKilo = 10_000;
const interval_ms = 1000;
/** Impulses that wait because they would come too fast; more are lost, as behind any relay. */
const longestQueue = 1000;

/** Per kind: register at the last look (-1 before the first), energy towards the next impulse, impulses due, when, how far apart. */
const pulse = Object.freeze({ register: 0, energy: 1, due: 2, next: 3, spacing: 4, count: 5 });
/** Behind them, when the impulse of each output ends; then the end of the demand period that was seen last. */
const ends = pulseKinds * pulse.count;
const periodEnd = ends + outputCount;

/**
 * The outputs, each with the one function that it was configured with. Levels follow within a second. Impulses are made of
 * what the registers have counted in the last interval, spread over the next one: as many as there were register steps.
 */
export class Outputs implements Task {
	deadline_ms = Infinity;
	readonly #parts: IoParts;
	readonly #numbers = zeros(periodEnd + 1);

	constructor(parts: IoParts) {
		this.#parts = parts;
		for (let kind = 0; kind < pulseKinds; kind++) this.#numbers[kind * pulse.count + pulse.register] = -1;
		for (let n = 0; n < outputCount; n++) this.reconfigured(n);
	}

	get priority(): number {
		return taskPriority.control;
	}

	/** Whether output n (0-based) says what its function is to say, not how it is driven. */
	isOn(n: number): boolean {
		return this.#parts.lines.isDriven(n) !== this.#parts.settings.isOutputInverted(n);
	}

	/** Output n has another function: it begins with saying nothing. */
	reconfigured(n: number): void {
		this.#numbers[ends + n] = Infinity;
		for (let kind = 0; kind < pulseKinds; kind++) {
			if (this.#parts.settings.outputOf(outputFunction.activePulse + kind) >= 0) continue;
			this.#numbers[kind * pulse.count + pulse.register] = -1;
			this.#numbers[kind * pulse.count + pulse.due] = 0;
		}
		this.#numbers[periodEnd] = -1;
		this.say(n, false);
		this.schedule();
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(metrology: MetrologyView, now_ms: number, relays: LoadRelays): void {
		const { host } = this.#parts;
		for (let n = 0; n < outputCount; n++) {
			switch (this.#parts.settings.outputFunction(n)) {
				case outputFunction.activePulse:
					this.count(0, metrology.energy_units(15), n, now_ms);
					break;
				case outputFunction.reactivePulse:
					this.count(1, metrology.energy_units(3) + metrology.energy_units(4), n, now_ms);
					break;
				case outputFunction.tariff:
					this.say(n, host.energyRate !== 1);
					break;
				case outputFunction.alarm:
					this.say(n, host.isAlarmed);
					break;
				case outputFunction.relay:
					this.say(n, relays.isClosed(n));
					break;
				case outputFunction.contactor:
					this.say(n, host.isSupplyOn ?? relays.isClosed(0));
					break;
				case outputFunction.periodEnd:
					this.lookAtPeriod(n, now_ms);
					break;
			}
		}
	}

	run(now_ms: number): void {
		const numbers = this.#numbers;
		for (let n = 0; n < outputCount; n++) {
			if (now_ms < numbers[ends + n]!) continue;
			numbers[ends + n] = Infinity;
			this.say(n, false);
		}
		for (let kind = 0; kind < pulseKinds; kind++) {
			const at = kind * pulse.count;
			const n = this.#parts.settings.outputOf(outputFunction.activePulse + kind);
			if (n < 0 || numbers[at + pulse.due] === 0 || now_ms < numbers[at + pulse.next]!) continue;
			numbers[at + pulse.due]!--;
			numbers[at + pulse.next] = now_ms + numbers[at + pulse.spacing]!;
			this.begin(n, now_ms);
		}
		this.schedule();
	}

	/** Impulses of the energy that was registered since the last interval. @param units register, in tenths of a Wh */
	private count(kind: number, units: number, n: number, now_ms: number): void {
		const numbers = this.#numbers;
		const at = kind * pulse.count;
		const before = numbers[at + pulse.register]!;
		numbers[at + pulse.register] = units;
		if (before < 0) return;
		const grown = (units - before + 2 * registerWrap) % registerWrap;
		const constant = this.#parts.settings.constant(kind);
		const energy = numbers[at + pulse.energy]! + grown * 10 ** this.#parts.host.energyScaler * constant;
		const pulses = Math.floor(energy / unitsPerKilo);
		numbers[at + pulse.energy] = energy - pulses * unitsPerKilo;
		const due = Math.min(longestQueue, numbers[at + pulse.due]! + pulses);
		if (due === 0) return;
		if (numbers[at + pulse.due] === 0) numbers[at + pulse.next] = Math.max(now_ms + 1, numbers[at + pulse.next]!);
		numbers[at + pulse.due] = due;
		numbers[at + pulse.spacing] = Math.max(2 * this.#parts.settings.pulse_ms(n), Math.floor(interval_ms / due));
		this.schedule();
	}

	private lookAtPeriod(n: number, now_ms: number): void {
		const end_s = this.#parts.host.periodEnd_s;
		const before_s = this.#numbers[periodEnd]!;
		this.#numbers[periodEnd] = end_s;
		if (before_s < 0 || before_s === end_s) return;
		this.begin(n, now_ms);
		this.schedule();
	}

	private begin(n: number, now_ms: number): void {
		this.say(n, true);
		this.#numbers[ends + n] = now_ms + this.#parts.settings.pulse_ms(n);
	}

	private say(n: number, isOn: boolean): void {
		const isDriven = isOn !== this.#parts.settings.isOutputInverted(n);
		if (isDriven !== this.#parts.lines.isDriven(n)) this.#parts.lines.drive(n, isDriven);
	}

	private schedule(): void {
		const numbers = this.#numbers;
		let next_ms = Infinity;
		for (let n = 0; n < outputCount; n++) next_ms = Math.min(next_ms, numbers[ends + n]!);
		for (let at = 0; at < ends; at += pulse.count)
			if (numbers[at + pulse.due]! > 0) next_ms = Math.min(next_ms, numbers[at + pulse.next]!);
		this.deadline_ms = next_ms;
	}
}
