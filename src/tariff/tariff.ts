// SPDX-License-Identifier: Apache-2.0
import type { MeterClock } from "../clock/meter-clock.js";
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { numberOfRates, ratedQuantities } from "../metrology/rate-registers.js";
import type { Clock } from "../ports/clock.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { nameLength } from "./calendar-head.js";
import { activationGroup, RegisterActivation } from "./register-activation.js";
import { sourcePriority, TariffSource } from "./tariff-source.js";

/** What the tariff needs of the meter around it. */
export interface TariffHost {
	/** Runs a script of the tariff table. @returns false when it is not there or failed */
	runTariffScript(selector: number): boolean;
	/** Energy is registered on these rates from the moment `now_ms` on, in the order of `ratedQuantities`. */
	setEnergyRates(rates: Uint8Array, now_ms: number): void;
	/** Rates of the maximum demands, in the order of `demandQuantities`; the one who is asked for them fills them. */
	readonly demandRates: Uint8Array;
	/** A client or an input has begun or ceased to decide. */
	overrideChanged(): void;
	/** A script or mask that is not there: what was in force stays. */
	tariffRefused(): void;
	memoryFailed(): void;
}

export interface TariffParts {
	readonly clock: MeterClock;
	readonly monotonic: Clock;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly host: TariffHost;
}

const commitPeriod_ms = 60_000;
/** Other parts commit when a minute is full: not in the same second. */
const commitPhase_ms = 30_500;
/** An input has to stay for so long (F40). */
const settling_ms = 1000;

const layoutVersion = 1;
/** Names of the active masks, energy and demand; whether calendar or default do not decide; seconds of each tariff (4 each). */
const offset = Object.freeze({
	version: 0,
	masks: 1,
	overridden: 1 + 2 * nameLength,
	seconds: 2 + 2 * nameLength,
	end: 2 + 2 * nameLength + 4 * numberOfRates,
});
const wrap = 0x1_0000_0000;

/**
 * The tariff in force: which script of the tariff table decides, which masks are active, and for how long each was.
 *
 * Input before client before calendar, as far as the configuration lets them; while the time is lost the default rate stands in
 * for the calendar (F45). What a script does not find leaves everything as it was.
 */
export class Tariff implements Task {
	readonly priority: number = taskPriority.tariff;
	deadline_ms = 0;
	readonly activation: RegisterActivation;
	/** Where the scripts of the tariff table are kept. */
	readonly parameters: RecordStore;
	/** Monotonic time of the turn in which scripts are run; -1 outside of one. */
	turn_ms = -1;
	readonly #parts: TariffParts;
	readonly #state = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#state.buffer);
	readonly #rates = new Uint8Array(ratedQuantities.length).fill(1);
	/** What the calendar says, 0 = nothing yet. */
	#calendar = 0;
	/** Script run last, 0 = none since the start. */
	#applied = 0;
	/** What an input says, and what it said last but not for long enough. */
	#input = 0;
	#newInput = 0;
	#inputAt_ms = Infinity;
	/** Up to here the seconds are counted. */
	#countedTo_ms: number;
	#nextCommit_ms: number;

	constructor(parts: TariffParts) {
		this.#parts = parts;
		this.parameters = parts.parameters;
		this.activation = new RegisterActivation(parts.parameters);
		this.#countedTo_ms = parts.monotonic.monotonic_ms();
		this.#nextCommit_ms = this.#countedTo_ms + commitPhase_ms;
		this.restore();
	}

	/** Rate of A+, 1..8: the tariff as the display shows it. */
	get energyRate(): number {
		return this.#rates[0]!;
	}

	/** Rate of the maximum demand of A+, 1..8. */
	get demandRate(): number {
		return this.#parts.host.demandRates[0]!;
	}

	/** Name of the active mask of a group. */
	mask(group: number): Uint8Array {
		const at = offset.masks + group * nameLength;
		return this.#state.subarray(at + 1, at + 1 + this.#state[at]!);
	}

	source(): TariffSource {
		return new TariffSource().load(this.#parts.parameters);
	}

	/** @returns false, unchanged, for values out of range. @throws DeviceError, unchanged */
	setSource(source: TariffSource): boolean {
		if (!source.isSound()) return false;
		source.store(this.#parts.parameters);
		this.apply(false);
		return true;
	}

	/** Seconds for which a tariff was in force, modulo 2^32. @param rate 1..8, 0 for all of them */
	operatingTime_s(rate: number): number {
		if (rate === 0) {
			let sum = 0;
			for (let n = 1; n <= numberOfRates; n++) sum += this.operatingTime_s(n);
			return sum % wrap;
		}
		const counted = this.#view.getUint32(offset.seconds + 4 * (rate - 1));
		return (rate === this.energyRate ? counted + this.uncounted_s() : counted) % wrap;
	}

	/** The calendar has come to another script, or runs its script again. */
	calendarSelects(selector: number): void {
		this.#calendar = selector;
		this.apply(true);
	}

	/** Inputs say a rate, 1..8, or nothing, 0; it counts when it has stayed for a second. */
	inputSays(rate: number): void {
		if (rate === this.#newInput) return;
		this.#newInput = rate;
		this.#inputAt_ms = this.#parts.monotonic.monotonic_ms() + settling_ms;
		this.deadline_ms = Math.min(this.deadline_ms, this.#inputAt_ms);
	}

	/** Activates a mask: what a tariff script does. @returns false, unchanged, when there is none of this name */
	activate(group: number, name: Uint8Array): boolean {
		const { host, monotonic } = this.#parts;
		const rates = group === activationGroup.energy ? this.#rates : host.demandRates;
		const before = this.energyRate;
		const seconds = this.uncounted_s();
		if (!this.activation.rates(group, name, rates)) return false;
		if (group === activationGroup.energy) {
			this.count(before, seconds);
			host.setEnergyRates(rates, this.turn_ms < 0 ? monotonic.monotonic_ms() : this.turn_ms);
		}
		const at = offset.masks + group * nameLength;
		if (this.#state[at] !== name.length || name.some((octet, n) => octet !== this.#state[at + 1 + n])) {
			this.#state[at] = name.length;
			this.#state.set(name, at + 1);
			this.commit();
		}
		return true;
	}

	/** What decides has changed: clock, source, input. */
	apply(isAgain: boolean): void {
		const { clock, host } = this.#parts;
		const source = this.source();
		let selector = 0;
		if (source.priority === sourcePriority.input) selector = this.#input;
		if (selector === 0 && source.priority !== sourcePriority.calendar && this.isForced(source))
			selector = source.forcedRate;
		const isOverridden = selector !== 0;
		if (!isOverridden) selector = clock.isValid ? this.#calendar : source.defaultRate;
		if ((this.#state[offset.overridden] === 1) !== isOverridden) {
			this.#state[offset.overridden] = isOverridden ? 1 : 0;
			host.overrideChanged();
			this.commit();
		}
		if (selector !== 0 && (isAgain || selector !== this.#applied)) {
			this.#applied = selector;
			if (!host.runTariffScript(selector)) host.tariffRefused();
		}
		this.schedule(source);
	}

	run(now_ms: number): void {
		this.turn_ms = now_ms;
		if (now_ms >= this.#inputAt_ms) {
			this.#input = this.#newInput;
			this.#inputAt_ms = Infinity;
		}
		if (now_ms >= this.#nextCommit_ms) {
			this.#nextCommit_ms = now_ms + commitPeriod_ms;
			this.commit();
		}
		this.apply(false);
		this.turn_ms = -1;
		this.deadline_ms = Math.max(this.deadline_ms, now_ms + 1);
	}

	clockChanged(): void {
		this.apply(false);
	}

	localTimeChanged(): void {
		this.apply(false);
	}

	timeLost(): void {
		this.apply(false);
	}

	/** Makes everything durable: early warning of supply failure, or an orderly stop. */
	commit(): void {
		this.count(this.energyRate, this.uncounted_s());
		try {
			this.#parts.journal.write(recordKey.tariffState, this.#state);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.host.memoryFailed();
		}
	}

	private restore(): void {
		const { journal } = this.#parts;
		let length = -1;
		try {
			length = journal.read(recordKey.tariffState, this.#state);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length !== offset.end || this.#state[0] !== layoutVersion) {
			this.#state.fill(0);
			this.#state[0] = layoutVersion;
			for (let group = 0; group < 2; group++) {
				this.#state[offset.masks + group * nameLength] = 1;
				this.#state[offset.masks + group * nameLength + 1] = 0x31;
			}
		}
		for (let group = 0; group < 2; group++)
			if (!this.activate(group, this.mask(group).slice())) this.#parts.host.tariffRefused();
	}

	private isForced(source: TariffSource): boolean {
		const { clock } = this.#parts;
		if (source.forcedRate === 0) return false;
		return source.isOpen || !clock.isValid || clock.utc_s() < clock.toUtc_s(source.until());
	}

	private uncounted_s(): number {
		return Math.floor((this.#parts.monotonic.monotonic_ms() - this.#countedTo_ms) / 1000);
	}

	private count(rate: number, seconds: number): void {
		const at = offset.seconds + 4 * (rate - 1);
		this.#view.setUint32(at, (this.#view.getUint32(at) + seconds) % wrap);
		this.#countedTo_ms += seconds * 1000;
	}

	private schedule(source: TariffSource): void {
		const { clock } = this.#parts;
		let next_ms = Math.min(this.#nextCommit_ms, this.#inputAt_ms);
		if (source.forcedRate !== 0 && !source.isOpen && clock.isValid) {
			const until_s = clock.toUtc_s(source.until());
			if (until_s > clock.utc_s()) next_ms = Math.min(next_ms, clock.monotonicAt_ms(until_s));
		}
		this.deadline_ms = next_ms;
	}
}
