// SPDX-License-Identifier: Apache-2.0

import { deepFreeze } from "../core/deep-freeze.js";
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import type { EventLogs } from "./event-logs.js";
import { eventLog } from "./event-sink.js";

/** Bits of the masks 0-0:96.50.1 and 0-0:96.50.2, counted from the left. */
export const fraudCause = Object.freeze({
	terminalCover: 0,
	meterCover: 1,
	magneticField: 2,
	electromagneticField: 3,
	neutralInterruption: 7,
	currentReversal: 8,
	inputContact: 11,
	currentWithoutVoltage: 12,
});

/** Counters and durations 0-0:96.20.{0,5,15,25} + n, in the order of the record. */
export const tamperGroup = Object.freeze({ meterCover: 0, terminalCover: 1, magneticField: 2, metrology: 3 });
const groups = 4;

interface FraudKind {
	/** One of `fraudCause`. */
	readonly cause: number;
	readonly begins: number;
	readonly ends: number;
	/** Log where the begin is reported; the end is in the fraud log. */
	readonly log: number;
	/** One of `tamperGroup`, -1 where it is not counted. */
	readonly group: number;
}

const { fraud, standard } = eventLog;

/** In the order of the debounce times (0-0:96.50.11). */
const kinds: readonly FraudKind[] = deepFreeze([
	{ cause: fraudCause.meterCover, begins: 44, ends: 45, log: fraud, group: tamperGroup.meterCover },
	{ cause: fraudCause.terminalCover, begins: 40, ends: 41, log: fraud, group: tamperGroup.terminalCover },
	{ cause: fraudCause.magneticField, begins: 42, ends: 43, log: fraud, group: tamperGroup.magneticField },
	{ cause: fraudCause.electromagneticField, begins: 230, ends: 231, log: fraud, group: tamperGroup.metrology },
	{ cause: fraudCause.neutralInterruption, begins: 89, ends: 232, log: standard, group: tamperGroup.metrology },
	{ cause: fraudCause.currentWithoutVoltage, begins: 235, ends: 236, log: fraud, group: -1 },
	{ cause: fraudCause.currentReversal, begins: 91, ends: 237, log: fraud, group: -1 },
]);

export const fraudKinds = kinds.length;

const factoryDebounce_ms: readonly number[] = Object.freeze([500, 500, 5000, 3000, 10_000, 10_000, 10_000]);
const factoryFieldLevel = 128;

/** Two looks half a second apart tell a cover from a bounce, and an event comes within a second. */
const period_ms = 500;
/** Of one kind, one pair of events a minute. */
const quiet_ms = 60_000;
/** A field has gone when it is below this share of the level. */
const hysteresis = 0.75;

const stateVersion = 1;
/** Version, kinds that are going on (bit n = kind n), then count, time stamp and durations of each group. */
const state = Object.freeze({ version: 0, active: 1, groups: 2 });
const group = Object.freeze({ count: 0, stamp: 2, duration: 6, total: 10, size: 14 });
const stateLength = state.groups + groups * group.size;

const parameterVersion = 1;
const parameterLength = 1 + 2 * kinds.length + 1;

export interface FraudWatchParts {
	readonly model: ModelDescriptor;
	readonly housing: Housing;
	readonly metrology: MetrologyView;
	readonly clock: { utc_s(): number };
	readonly events: EventLogs;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	/** A fraud has begun: billing profile 2 and the switch may have something to do. */
	detected(cause: number): void;
}

/**
 * Looks for fraud at the housing and in what is measured, twice a second. What lasts longer than its debounce time is an event
 * with a begin and an end, counted and timed; a sensor that chatters gives one pair of events a minute. What is going on is
 * kept over a power failure: a cover that was opened meanwhile is told at the start.
 */
export class FraudWatch implements Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	readonly #parts: FraudWatchParts;
	readonly #state = new Uint8Array(stateLength);
	readonly #parameters = new Uint8Array(parameterLength);
	/** Since when each kind is other than it was reported; Infinity where it is not. */
	readonly #since_ms = new Float64Array(kinds.length).fill(Infinity);
	readonly #nextBegin_ms = new Float64Array(kinds.length);

	constructor(parts: FraudWatchParts) {
		this.#parts = parts;
		if (!hasRecord(parts.journal, recordKey.fraudState, this.#state, stateVersion)) {
			this.#state.fill(0);
			this.#state[state.version] = stateVersion;
		}
		if (!hasRecord(parts.parameters, recordKey.fraudParameters, this.#parameters, parameterVersion)) {
			this.#parameters[0] = parameterVersion;
			for (let n = 0; n < kinds.length; n++) put16(this.#parameters, 1 + 2 * n, factoryDebounce_ms[n]!);
			this.#parameters[parameterLength - 1] = factoryFieldLevel;
		}
	}

	/** Debounce time of a kind, ms; order of 0-0:96.50.11. */
	debounce_ms(kind: number): number {
		return get16(this.#parameters, 1 + 2 * kind);
	}

	/** Level of 0..255 from which a field counts. */
	get fieldLevel(): number {
		return this.#parameters[parameterLength - 1]!;
	}

	/** @param times of each kind, ms. @throws DeviceError, with nothing changed */
	setDebounce(times: Uint16Array): void {
		this.change((record) => {
			for (let n = 0; n < kinds.length; n++) put16(record, 1 + 2 * n, times[n]!);
		});
	}

	/** @returns false for a level that cannot be reached or is always there. @throws DeviceError, with nothing changed */
	setFieldLevel(level: number): boolean {
		if (level < 1 || level > 255) return false;
		this.change((record) => {
			record[parameterLength - 1] = level;
		});
		return true;
	}

	/** Occurrences of a `tamperGroup`, up to 65535. */
	count(n: number): number {
		return get16(this.#state, at(n) + group.count);
	}

	/** When it was detected last, seconds UTC; 0 = never. */
	stamp_s(n: number): number {
		return get32(this.#state, at(n) + group.stamp);
	}

	/** How long it lasts, or has lasted when it was there last, seconds. */
	duration_s(n: number): number {
		return get32(this.#state, at(n) + group.duration) + this.running_s(n);
	}

	/** All of it together, seconds. */
	total_s(n: number): number {
		return get32(this.#state, at(n) + group.total) + this.running_s(n);
	}

	/** A kind of this cause is going on. */
	isActive(cause: number): boolean {
		for (let n = 0; n < kinds.length; n++) if (kinds[n]!.cause === cause) return this.isOn(n);
		return false;
	}

	/** A fraud that another part has found and logged: what follows from it is the same. @param cause one of `fraudCause` */
	reported(cause: number): void {
		this.#parts.detected(cause);
	}

	run(now_ms: number): void {
		for (let n = 0; n < kinds.length; n++) this.watch(n, now_ms);
		this.deadline_ms = now_ms + period_ms;
	}

	private watch(n: number, now_ms: number): void {
		const isThere = this.isThere(n);
		const isOn = this.isOn(n);
		if (isThere === undefined || isThere === isOn) {
			this.#since_ms[n] = Infinity;
			return;
		}
		if (this.#since_ms[n] === Infinity) this.#since_ms[n] = now_ms;
		if (now_ms - this.#since_ms[n]! < this.debounce_ms(n)) return;
		if (isThere && now_ms < this.#nextBegin_ms[n]!) return;
		this.#since_ms[n] = Infinity;
		const { cause, begins, ends, log } = kinds[n]!;
		if (isThere) this.#nextBegin_ms[n] = now_ms + quiet_ms;
		this.note(n, isThere);
		this.#parts.events.event(isThere ? log : fraud, isThere ? begins : ends);
		if (isThere) this.#parts.detected(cause);
	}

	/** Undefined while it cannot be told. */
	private isThere(n: number): boolean | undefined {
		const { housing, metrology, model } = this.#parts;
		switch (kinds[n]!.cause) {
			case fraudCause.meterCover:
				return (housing.signals() & housingSignal.meterCoverOpen) !== 0;
			case fraudCause.terminalCover:
				return (housing.signals() & housingSignal.terminalCoverOpen) !== 0;
			case fraudCause.magneticField:
				return (housing.signals() & housingSignal.magneticField) !== 0;
			case fraudCause.electromagneticField:
				return housing.fieldStrength() >= (this.isOn(n) ? this.fieldLevel * hysteresis : this.fieldLevel);
		}
		if (!metrology.isValid || metrology.sequence === 0) return undefined;
		switch (kinds[n]!.cause) {
			case fraudCause.neutralInterruption:
				return model.phases === 3 ? isStarPointFloating(metrology, model) : isNeutralOpen(metrology, model);
			case fraudCause.currentWithoutVoltage:
				return hasCurrentWithoutVoltage(metrology, model);
			default:
				return isReversed(metrology, model);
		}
	}

	private isOn(n: number): boolean {
		return (this.#state[state.active]! & (1 << n)) !== 0;
	}

	/** Begin or end of a kind, in what is counted and timed. Kinds of one group that overlap are one occurrence. */
	private note(n: number, begins: boolean): void {
		const { group: counted } = kinds[n]!;
		const bytes = this.#state;
		const wasRunning = counted >= 0 && this.isGroupOn(counted);
		if (counted >= 0 && !begins) this.settle(counted);
		if (begins) bytes[state.active]! |= 1 << n;
		else bytes[state.active]! &= ~(1 << n);
		if (counted >= 0 && begins && !wasRunning) {
			const from = at(counted);
			put16(bytes, from + group.count, Math.min(0xffff, this.count(counted) + 1));
			put32(bytes, from + group.stamp, this.#parts.clock.utc_s());
			put32(bytes, from + group.duration, 0);
		}
		try {
			this.#parts.journal.write(recordKey.fraudState, bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
		}
	}

	/** The time of an occurrence that ends, once its last kind does. */
	private settle(n: number): void {
		let running = 0;
		for (let kind = 0; kind < kinds.length; kind++) if (kinds[kind]!.group === n && this.isOn(kind)) running++;
		if (running !== 1) return;
		const lasted_s = this.running_s(n);
		const from = at(n);
		put32(this.#state, from + group.duration, lasted_s);
		put32(this.#state, from + group.total, Math.min(0xffff_ffff, get32(this.#state, from + group.total) + lasted_s));
	}

	private running_s(n: number): number {
		return this.isGroupOn(n) ? Math.max(0, this.#parts.clock.utc_s() - this.stamp_s(n)) : 0;
	}

	private isGroupOn(n: number): boolean {
		for (let kind = 0; kind < kinds.length; kind++) if (kinds[kind]!.group === n && this.isOn(kind)) return true;
		return false;
	}

	private change(edit: (record: Uint8Array) => void): void {
		const record = this.#parameters.slice();
		edit(record);
		this.#parts.parameters.write(recordKey.fraudParameters, record);
		this.#parameters.set(record);
	}
}

/** Star point of the loads away from the neutral: phase voltages lie apart while the triangle of the lines is in order. */
function isStarPointFloating(metrology: MetrologyView, { nominalVoltage_V }: ModelDescriptor): boolean | undefined {
	const nominal_mV = nominalVoltage_V * 1000;
	let least = Infinity;
	let greatest = 0;
	for (let n = 1; n <= 3; n++) {
		const line_mV = metrology.lineVoltage_mV(n);
		// a dip, or a phase that is missing
		if (Math.abs(line_mV / Math.sqrt(3) - nominal_mV) > nominal_mV / 10) return undefined;
		least = Math.min(least, metrology.voltage_mV(n));
		greatest = Math.max(greatest, metrology.voltage_mV(n));
	}
	return greatest - least > nominal_mV / 5;
}

/** What flows out through the phase does not come back through the neutral, or the voltage has gone and the current has not. */
function isNeutralOpen(metrology: MetrologyView, model: ModelDescriptor): boolean {
	const phase_mA = metrology.current_mA(1);
	if (phase_mA < 10 * model.startingCurrent_mA) return false;
	const neutral_mA = metrology.neutralCurrent_mA();
	if (neutral_mA !== undefined && neutral_mA < phase_mA / 10) return true;
	return metrology.voltage_mV(1) < model.nominalVoltage_V * 200;
}

function hasCurrentWithoutVoltage(metrology: MetrologyView, model: ModelDescriptor): boolean {
	for (let phase = 1; phase <= model.phases; phase++) {
		const isDead = metrology.voltage_mV(phase) < model.nominalVoltage_V * 200;
		if (isDead && metrology.current_mA(phase) > 5 * model.startingCurrent_mA) return true;
	}
	return false;
}

/** A phase exports while the meter as a whole imports: a transformer the wrong way round. */
function isReversed(metrology: MetrologyView, model: ModelDescriptor): boolean {
	if (model.phases === 1 || metrology.power_mW(16) <= 0) return false;
	const least_mW = (model.nominalVoltage_V * model.referenceCurrent_mA) / 10;
	for (let phase = 1; phase <= model.phases; phase++) if (metrology.power_mW(16 + 20 * phase) < -least_mW) return true;
	return false;
}

function at(n: number): number {
	return state.groups + n * group.size;
}

function hasRecord(store: RecordStore, key: number, into: Uint8Array, version: number): boolean {
	try {
		return store.read(key, into) === into.length && into[0] === version;
	} catch (error) {
		if (error instanceof DeviceError) return false;
		throw error;
	}
}

function get16(bytes: Uint8Array, from: number): number {
	return (bytes[from]! << 8) | bytes[from + 1]!;
}

function put16(bytes: Uint8Array, from: number, value: number): void {
	bytes[from] = value >> 8;
	bytes[from + 1] = value & 255;
}

function get32(bytes: Uint8Array, from: number): number {
	return get16(bytes, from) * 0x1_0000 + get16(bytes, from + 2);
}

function put32(bytes: Uint8Array, from: number, value: number): void {
	put16(bytes, from, Math.floor(value / 0x1_0000));
	put16(bytes, from + 2, value % 0x1_0000);
}
