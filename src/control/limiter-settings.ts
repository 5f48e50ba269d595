// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../models/model.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Places of what a limiter may watch. From `firstCurrent` on they are currents, the others powers. */
export const monitored = Object.freeze({
	averageImport: 0,
	averageAbsolute: 1,
	import: 2,
	/** + phase - 1 */
	current: 3,
	currentSum: 6,
	count: 7,
});
export const firstCurrent: number = monitored.current;

export const limiterCount = 2;
export const monitorCount = 3;
export const highestGroupCount = 16;
export const profileTimeLength = 12;
/** Where its deviation is, and what says that it is not specified. */
const profileDeviation = 9;
const noDeviation = 0x8000;
/** A threshold of this value is no threshold: the maximum of its type. */
export const noPowerLimit = 0xffff_ffff;
export const noCurrentLimit = 0xffff;

const layoutVersion = 1;
/** Octets of a limiter. */
const limiter = Object.freeze({
	monitored: 0,
	client: 1,
	/** The emergency profile runs from when it came. */
	isFromReceipt: 2,
	groupCount: 3,
	normal: 4,
	emergency: 8,
	minimumOver: 12,
	minimumUnder: 16,
	profileId: 20,
	profileTime: 22,
	duration: 34,
	start: 38,
	groups: 42,
	actions: 74,
	length: 90,
});
/** Octets of a supervision monitor. */
const monitor = Object.freeze({ threshold: 0, client: 2, actions: 3, length: 19 });
/** Octets of a reference to a script: logical name of the table, number. */
const referenceLength = 8;
const firstLimiter = 1;
const firstMonitor = firstLimiter + limiterCount * limiter.length;
const length = firstMonitor + monitorCount * monitor.length;

/** Packed logical names of the script tables of switch and relays. */
const switchScripts = 10 * 2 ** 24 + 106 * 2 ** 8 + 255;
const relayScripts = 10 * 2 ** 24 + 103 * 2 ** 8 + 255;

/** What clients set about limiters (0, 1) and supervision monitors (0..2): one record, 238 octets, kept as it is stored. */
export class LimiterSettings {
	readonly #store: RecordStore;
	readonly #bytes = new Uint8Array(length);
	readonly #view = new DataView(this.#bytes.buffer);

	/** @param factoryClient a `clientIndex`: whose rights the actions have until a client sets them */
	constructor(store: RecordStore, model: ModelDescriptor, factoryClient: number) {
		this.#store = store;
		if (store.read(recordKey.limiters, this.#bytes) === length && this.#bytes[0] === layoutVersion) return;
		const table = model.nominalRatio_A === 0 ? switchScripts : relayScripts;
		const view = this.#view;
		this.#bytes.fill(0);
		this.#bytes[0] = layoutVersion;
		for (let n = 0; n < limiterCount; n++) {
			const at = this.at(n);
			this.#bytes[at + limiter.monitored] = n === 0 ? monitored.averageImport : monitored.currentSum;
			this.#bytes[at + limiter.client] = factoryClient;
			this.setThresholds(n, this.noLimit(n), this.noLimit(n));
			view.setUint32(at + limiter.minimumOver, 60);
			view.setUint32(at + limiter.minimumUnder, 60);
			this.#bytes.fill(0xff, at + limiter.profileTime, at + limiter.profileTime + profileTimeLength);
			view.setUint16(at + limiter.profileTime + profileDeviation, noDeviation);
			this.setReference(at + limiter.actions, table, 1);
			this.setReference(at + limiter.actions + referenceLength, table, 2);
		}
		for (let n = 0; n < monitorCount; n++) {
			const at = firstMonitor + n * monitor.length;
			view.setUint16(at + monitor.threshold, noCurrentLimit);
			this.#bytes[at + monitor.client] = factoryClient;
			this.setReference(at + monitor.actions, table, 1);
			this.setReference(at + monitor.actions + referenceLength, table, 0);
		}
	}

	/** One of `monitored`. */
	monitored(n: number): number {
		return this.#bytes[this.at(n) + limiter.monitored]!;
	}

	isCurrent(n: number): boolean {
		return this.monitored(n) >= firstCurrent;
	}

	/** The threshold that is none. */
	noLimit(n: number): number {
		return this.isCurrent(n) ? noCurrentLimit : noPowerLimit;
	}

	/** Also takes the thresholds away: they were of another value. */
	setMonitored(n: number, value: number): void {
		this.#bytes[this.at(n) + limiter.monitored] = value;
		this.setThresholds(n, this.noLimit(n), this.noLimit(n));
	}

	normal(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.normal);
	}

	emergency(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.emergency);
	}

	setThresholds(n: number, normal: number, emergency: number): void {
		this.#view.setUint32(this.at(n) + limiter.normal, normal);
		this.#view.setUint32(this.at(n) + limiter.emergency, emergency);
	}

	minimumOver_s(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.minimumOver);
	}

	minimumUnder_s(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.minimumUnder);
	}

	setDurations(n: number, over_s: number, under_s: number): void {
		this.#view.setUint32(this.at(n) + limiter.minimumOver, over_s);
		this.#view.setUint32(this.at(n) + limiter.minimumUnder, under_s);
	}

	profileId(n: number): number {
		return this.#view.getUint16(this.at(n) + limiter.profileId);
	}

	/** Where the activation time as it came (12 octets) begins in `bytes`. */
	profileTimeAt(n: number): number {
		return this.at(n) + limiter.profileTime;
	}

	duration_s(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.duration);
	}

	/** When the profile begins, UTC. */
	start_s(n: number): number {
		return this.#view.getUint32(this.at(n) + limiter.start);
	}

	isFromReceipt(n: number): boolean {
		return this.#bytes[this.at(n) + limiter.isFromReceipt] === 1;
	}

	/** @param time 12 octets at its beginning */
	setProfile(n: number, id: number, time: Uint8Array, duration_s: number): void {
		const at = this.at(n);
		this.#view.setUint16(at + limiter.profileId, id);
		for (let octet = 0; octet < profileTimeLength; octet++)
			this.#bytes[at + limiter.profileTime + octet] = time[octet]!;
		this.#view.setUint32(at + limiter.duration, duration_s);
	}

	setStart(n: number, start_s: number, isFromReceipt: boolean): void {
		this.#view.setUint32(this.at(n) + limiter.start, start_s);
		this.#bytes[this.at(n) + limiter.isFromReceipt] = isFromReceipt ? 1 : 0;
	}

	groupCount(n: number): number {
		return this.#bytes[this.at(n) + limiter.groupCount]!;
	}

	group(n: number, index: number): number {
		return this.#view.getUint16(this.at(n) + limiter.groups + 2 * index);
	}

	setGroup(n: number, index: number, id: number): void {
		this.#view.setUint16(this.at(n) + limiter.groups + 2 * index, id);
	}

	setGroupCount(n: number, count: number): void {
		this.#bytes[this.at(n) + limiter.groupCount] = count;
	}

	isInGroup(n: number, id: number): boolean {
		for (let index = 0; index < this.groupCount(n); index++) if (this.group(n, index) === id) return true;
		return false;
	}

	/** Where the two actions of a limiter are, for `table` and `script`. */
	limiterActions(n: number): number {
		return this.at(n) + limiter.actions;
	}

	monitorActions(n: number): number {
		return firstMonitor + n * monitor.length + monitor.actions;
	}

	/** Packed logical name of the script table of action 0 (over, up) or 1 (under, down). */
	table(actions: number, which: number): number {
		const at = actions + which * referenceLength;
		return this.#view.getUint16(at) * 2 ** 32 + this.#view.getUint32(at + 2);
	}

	script(actions: number, which: number): number {
		return this.#view.getUint16(actions + which * referenceLength + 6);
	}

	setAction(actions: number, which: number, table: number, script: number): void {
		this.setReference(actions + which * referenceLength, table, script);
	}

	/** A `clientIndex`: whose rights the actions of a limiter have. */
	limiterClient(n: number): number {
		return this.#bytes[this.at(n) + limiter.client]!;
	}

	setLimiterClient(n: number, client: number): void {
		this.#bytes[this.at(n) + limiter.client] = client;
	}

	monitorClient(n: number): number {
		return this.#bytes[firstMonitor + n * monitor.length + monitor.client]!;
	}

	setMonitorClient(n: number, client: number): void {
		this.#bytes[firstMonitor + n * monitor.length + monitor.client] = client;
	}

	monitorThreshold(n: number): number {
		return this.#view.getUint16(firstMonitor + n * monitor.length + monitor.threshold);
	}

	setMonitorThreshold(n: number, threshold: number): void {
		this.#view.setUint16(firstMonitor + n * monitor.length + monitor.threshold, threshold);
	}

	/** For what is written as it is stored. */
	get bytes(): Uint8Array {
		return this.#bytes;
	}

	/** Changes and stores, or leaves everything as it was. @throws DeviceError when the medium refuses */
	change(apply: (settings: this) => void): void {
		const before = this.#bytes.slice();
		apply(this);
		try {
			this.#store.write(recordKey.limiters, this.#bytes);
		} catch (error) {
			this.#bytes.set(before);
			throw error;
		}
	}

	private at(n: number): number {
		return firstLimiter + n * limiter.length;
	}

	private setReference(at: number, table: number, script: number): void {
		this.#view.setUint16(at, Math.floor(table / 2 ** 32));
		this.#view.setUint32(at + 2, table % 2 ** 32);
		this.#view.setUint16(at + 6, script);
	}
}
