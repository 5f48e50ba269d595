// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { PortKind } from "../apdu-handler.js";
import { clientIndex } from "../model.js";

/** Row shared by all unknown clients, so that a lock tells nobody which clients exist. */
export const unknownClient = Object.keys(clientIndex).length;
/** Row of programming mode, which knows no clients. */
export const programmingClient = unknownClient + 1;
const rows = programmingClient + 1;

/** Ports with a protection of their own; TCP and UDP are one link. */
const placeOf: { readonly [port in PortKind]: number } = Object.freeze({ optical: 0, rs485: 1, tcp: 2, udp: 2 });
const places = 3;

export const protectionMode = Object.freeze({ locked: 0, lockedOnFailedAttempts: 1, unlocked: 2 });
export const protectionStatus = Object.freeze({ unlocked: 0, temporarilyLocked: 1, locked: 2 });

/** A parameter of a port: where it is among the octets of the port, how many it has, its range, and from the factory. */
interface Field {
	readonly at: number;
	readonly size: 1 | 2 | 4;
	readonly least: number;
	readonly most: number;
	readonly factory: number;
}

/** Nobody is locked out for longer than a day: it would be for ever (SEC-lock). */
const longest_s = 86_400;

export const portField = Object.freeze({
	mode: Object.freeze({ at: 0, size: 1, least: 0, most: 2, factory: protectionMode.lockedOnFailedAttempts }),
	allowedFailedAttempts: Object.freeze({ at: 1, size: 2, least: 1, most: 100, factory: 3 }),
	initialLockout_s: Object.freeze({ at: 3, size: 4, least: 1, most: longest_s, factory: 1 }),
	steepness: Object.freeze({ at: 7, size: 1, least: 1, most: 255, factory: 2 }),
	longestLockout_s: Object.freeze({ at: 8, size: 4, least: 1, most: longest_s, factory: 300 }),
}) satisfies { readonly [name: string]: Field };

const layoutVersion = 1;
const portLength = 12;
const parametersLength = 1 + places * portLength;
const totalsLength = 1 + places * 4;
/** Failures of each client on each port, an octet each: more than any port allows and any delay grows with. */
const burstsLength = 1 + rows * places;
/** Failures of a port that a sudden end of the supply may leave out of its total. */
const mostUnsaved = 16;

/**
 * Protection of the ports against those who try keys (SEC-lock, F126; class_id 124): growing delays for a client that fails
 * to prove who it is on a port, which concern no other client and no other port, and ports that are closed altogether.
 * Who has failed stays so over a power cut, and a delay that ran begins anew (docs/decisions/0043).
 * Parameters are read from their record when somebody fails; nothing else is in RAM while nobody does.
 */
export class PortProtection {
	readonly #parameters: RecordStore;
	readonly #journal: RecordStore;
	readonly #reporting: { readonly failuresBeforeLock: number };
	/** Of each client on each port, in a row. */
	#failures: Uint16Array | undefined;
	#lockedUntil_ms: Float64Array | undefined;
	/** An octet for each port: failures that are not in the stored total yet. */
	#unsaved = 0;
	/** Bit n: port n is closed by its mode. */
	#closed = 0;

	/**
	 * @param reporting n of F126: failures that are an event, 1..100; may change at any time
	 * @param now_ms of the links
	 */
	constructor(
		parameters: RecordStore,
		journal: RecordStore,
		reporting: { readonly failuresBeforeLock: number },
		now_ms: number,
	) {
		this.#parameters = parameters;
		this.#journal = journal;
		this.#reporting = reporting;
		const record = this.load();
		this.noteClosed(record);
		this.resume(record, now_ms);
	}

	/** A parameter of a port. */
	get(port: PortKind, field: Field): number {
		return take(this.load(), placeOf[port], field);
	}

	/**
	 * Stores, then takes effect.
	 * @returns false, and nothing changed, for a value out of range
	 * @throws DeviceError, and nothing changed
	 */
	change(port: PortKind, field: Field, value: number): boolean {
		if (value < field.least || value > field.most) return false;
		const record = this.load();
		put(record, placeOf[port], field, value);
		this.#parameters.write(recordKey.portProtection, new Uint8Array(record.buffer));
		this.noteClosed(record);
		return true;
	}

	/** Nobody is heard on this port, whoever it is. */
	isClosed(port: PortKind): boolean {
		return (this.#closed & (1 << placeOf[port])) !== 0;
	}

	isLocked(client: number, port: PortKind, now_ms: number): boolean {
		return this.isClosed(port) || now_ms < (this.#lockedUntil_ms?.[rowOf(client, port)] ?? 0);
	}

	/** That of the client who is worst off. */
	status(port: PortKind, now_ms: number): number {
		if (this.isClosed(port)) return protectionStatus.locked;
		let isAny = false;
		for (let client = 0; client < rows; client++) if (this.isLocked(client, port, now_ms)) isAny = true;
		return isAny ? protectionStatus.temporarilyLocked : protectionStatus.unlocked;
	}

	/** Failures of all clients since the last success of each. */
	failedAttempts(port: PortKind): number {
		return this.sum(placeOf[port], rows, places);
	}

	/** Failures of all clients ever, 2^32 - 1 and no further. */
	totalFailedAttempts(port: PortKind): number {
		const place = placeOf[port];
		const stored = this.loadTotals().getUint32(1 + 4 * place);
		return Math.min(stored + ((this.#unsaved >>> (8 * place)) & 0xff), 0xffff_ffff);
	}

	/** Ends the delays of a port and begins its counts anew; a port closed by its mode stays closed. */
	reset(port: PortKind): void {
		for (let client = 0; client < rows; client++) this.clear(rowOf(client, port));
		this.commit();
	}

	/**
	 * Counts a failure; from the allowed ones of the port on each one locks, longer from time to time.
	 * @returns true when it is one to report: it started a burst, or is the first beyond n in what the client failed on all
	 * ports, or all clients together, since their last success (F126)
	 */
	failed(client: number, port: PortKind, now_ms: number): boolean {
		this.#failures ??= new Uint16Array(rows * places);
		const row = rowOf(client, port);
		const failures = Math.min(this.#failures[row]! + 1, 0xffff);
		this.#failures[row] = failures;
		const record = this.load();
		const delay_s = delayAfter(record, placeOf[port], failures);
		this.lock(row, delay_s, now_ms);
		// before the answer: a cut of the supply gives nobody a try more, and no delay less
		const isLocking = take(record, placeOf[port], portField.mode) === protectionMode.lockedOnFailedAttempts;
		if (isLocking && (delay_s === 0 || delay_s !== delayAfter(record, placeOf[port], failures - 1)))
			this.keep(row, failures, 0xff);
		const n = this.#reporting.failuresBeforeLock;
		let isReported = failures === n;
		if (failures < n) {
			const ofClient = this.sum(client * places, places, 1);
			isReported = ofClient === n || (ofClient < n && this.sum(0, rows * places, 1) === n);
		}
		this.count(placeOf[port], isReported);
		return isReported;
	}

	/** @returns true when this ended a burst that was reported */
	succeeded(client: number, port: PortKind): boolean {
		const row = rowOf(client, port);
		const wasBurst = (this.#failures?.[row] ?? 0) >= this.#reporting.failuresBeforeLock;
		// what would delay again after a cut is taken back; less than that stays until it is overtaken
		if (this.clear(row)) this.keep(row, 0, this.get(port, portField.allowedFailedAttempts) - 1);
		return wasBurst;
	}

	/** Makes counts and totals durable as they are: early warning of supply failure, or an orderly stop. */
	commit(): void {
		const bursts = this.loadBursts();
		let hasChanged = false;
		for (let row = 0; row < rows * places; row++) {
			const failures = Math.min(this.#failures?.[row] ?? 0, 0xff);
			if (bursts[1 + row] !== failures) hasChanged = true;
			bursts[1 + row] = failures;
		}
		if (hasChanged) this.store(recordKey.portBursts, bursts);
		this.commitTotals();
	}

	private commitTotals(): void {
		if (this.#unsaved === 0) return;
		const totals = this.loadTotals();
		for (let place = 0; place < places; place++) {
			const stored = totals.getUint32(1 + 4 * place);
			totals.setUint32(1 + 4 * place, Math.min(stored + ((this.#unsaved >>> (8 * place)) & 0xff), 0xffff_ffff));
		}
		if (this.store(recordKey.portFailures, new Uint8Array(totals.buffer))) this.#unsaved = 0;
	}

	/** @returns false where the medium refuses: all is counted on, and stored when it takes again */
	private store(key: number, bytes: Uint8Array): boolean {
		try {
			this.#journal.write(key, bytes);
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return false;
		}
	}

	private lock(row: number, delay_s: number, now_ms: number): void {
		if (delay_s === 0) return;
		this.#lockedUntil_ms ??= new Float64Array(rows * places);
		this.#lockedUntil_ms[row] = now_ms + 1000 * delay_s;
	}

	/** Makes it durable that a client has failed so often, at least `least` and at most `most` times as far as it is stored. */
	private keep(row: number, least: number, most: number): void {
		const bursts = this.loadBursts();
		const failures = Math.min(Math.max(bursts[1 + row]!, least), most);
		if (failures === bursts[1 + row]) return;
		bursts[1 + row] = failures;
		this.store(recordKey.portBursts, bursts);
	}

	/** After a start: the failures that are stored, with their delays from the begin. */
	private resume(record: DataView, now_ms: number): void {
		const bursts = this.loadBursts();
		for (let row = 0; row < rows * places; row++) {
			const failures = bursts[1 + row]!;
			if (failures === 0) continue;
			this.#failures ??= new Uint16Array(rows * places);
			this.#failures[row] = failures;
			this.lock(row, delayAfter(record, row % places, failures), now_ms);
		}
	}

	private count(place: number, isReported: boolean): void {
		const unsaved = (this.#unsaved >>> (8 * place)) & 0xff;
		if (unsaved < 0xff) this.#unsaved += 1 << (8 * place);
		if (isReported || unsaved + 1 >= mostUnsaved) this.commitTotals();
	}

	/** @returns whether there was anything */
	private clear(row: number): boolean {
		const hadFailures = this.#failures !== undefined && this.#failures[row] !== 0;
		if (hadFailures) this.#failures![row] = 0;
		if (this.#lockedUntil_ms !== undefined) this.#lockedUntil_ms[row] = 0;
		return hadFailures;
	}

	private sum(from: number, count: number, step: number): number {
		if (this.#failures === undefined) return 0;
		let sum = 0;
		for (let n = 0; n < count; n++) sum += this.#failures[from + n * step]!;
		return sum;
	}

	private noteClosed(record: DataView): void {
		this.#closed = 0;
		for (let place = 0; place < places; place++) {
			if (record.getUint8(1 + place * portLength) === protectionMode.locked) this.#closed |= 1 << place;
		}
	}

	private load(): DataView {
		const record = new DataView(new ArrayBuffer(parametersLength));
		const length = this.#parameters.read(recordKey.portProtection, new Uint8Array(record.buffer));
		if (length === parametersLength && record.getUint8(0) === layoutVersion) return record;
		record.setUint8(0, layoutVersion);
		const { mode, allowedFailedAttempts, initialLockout_s, steepness, longestLockout_s } = portField;
		for (let place = 0; place < places; place++) {
			put(record, place, mode, mode.factory);
			put(record, place, allowedFailedAttempts, allowedFailedAttempts.factory);
			put(record, place, initialLockout_s, initialLockout_s.factory);
			put(record, place, steepness, steepness.factory);
			put(record, place, longestLockout_s, longestLockout_s.factory);
		}
		return record;
	}

	private loadBursts(): Uint8Array {
		const bursts = new Uint8Array(burstsLength);
		const length = this.#journal.read(recordKey.portBursts, bursts);
		if (length === burstsLength && bursts[0] === layoutVersion) return bursts;
		bursts.fill(0);
		bursts[0] = layoutVersion;
		return bursts;
	}

	private loadTotals(): DataView {
		const totals = new DataView(new ArrayBuffer(totalsLength));
		const length = this.#journal.read(recordKey.portFailures, new Uint8Array(totals.buffer));
		if (length === totalsLength && totals.getUint8(0) === layoutVersion) return totals;
		const none = new DataView(new ArrayBuffer(totalsLength));
		none.setUint8(0, layoutVersion);
		return none;
	}
}

function rowOf(client: number, port: PortKind): number {
	return client * places + placeOf[port];
}

/** Seconds that a client is not heard at a place after so many failures in a row. */
function delayAfter(record: DataView, place: number, failures: number): number {
	const beyond = failures - take(record, place, portField.allowedFailedAttempts);
	if (beyond < 0 || take(record, place, portField.mode) !== protectionMode.lockedOnFailedAttempts) return 0;
	const growth = take(record, place, portField.steepness) ** Math.min(beyond, 32);
	return Math.min(
		take(record, place, portField.initialLockout_s) * growth,
		take(record, place, portField.longestLockout_s),
	);
}

function take(record: DataView, place: number, { at, size }: Field): number {
	const offset = 1 + place * portLength + at;
	if (size === 1) return record.getUint8(offset);
	return size === 2 ? record.getUint16(offset) : record.getUint32(offset);
}

function put(record: DataView, place: number, { at, size }: Field, value: number): void {
	const offset = 1 + place * portLength + at;
	if (size === 1) record.setUint8(offset, value);
	else if (size === 2) record.setUint16(offset, value);
	else record.setUint32(offset, value);
}
