// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { recordKey } from "../../storage/keys.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { titleLength } from "./protection.js";
import { type SecurityReporter, securityEvent } from "./security-event.js";

/** key_id of key_transfer (Blue Book, class 64). */
export const keyId = Object.freeze({
	globalUnicastEncryption: 0,
	globalBroadcastEncryption: 1,
	authentication: 2,
	master: 3,
});

export const numberOfKeys = 4;

/** Index by `keyId`; 16 octets each (suites 0 and 1) or 32 (suite 2). */
export type KeySet = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

/** Bits of security_policy, version 1. */
export const policyBit = Object.freeze({
	authenticatedRequest: 0x04,
	encryptedRequest: 0x08,
	signedRequest: 0x10,
	authenticatedResponse: 0x20,
	encryptedResponse: 0x40,
	signedResponse: 0x80,
});

/** Octets of a password or secret; a shorter one proves nothing (SEC-lls). */
export const minimumSecretLength = 8;
export const maximumSecretLength = 64;
export const lastCounter = 0xffff_ffff;
/** From here on, 2^24 before the end, a counter is near its end: half a year at one message a second. */
export const warningCounter = 0xff00_0000;
/** Send counters are reserved in blocks of this size before use, so that no power cut makes one repeat. */
const reservation = 1000;
const layoutVersion = 1;
/** Of the received counters: since version 2 with the transaction-id. */
const counterLayoutVersion = 2;
export const securityRecordCapacity = 20 + titleLength + 1 + maximumSecretLength + 4 * 32;

/**
 * Policy, suite, keys and counters of one security setup object, with their place in the non-volatile store.
 *
 * A key and the counters that belong to it are tied by a generation number: the record of the keys alone decides, so one
 * atomic write replaces any number of keys and restarts their counters.
 */
export class SecuritySetupState {
	readonly number: number;
	policy: number;
	suite: number;
	/** client_system_title: as written, or of the last association. */
	readonly clientSystemTitle = new Uint8Array(titleLength);
	readonly #store: RecordStore;
	/** Shared by all setups. */
	readonly #scratch: Writer;
	readonly #keys: Uint8Array[];
	readonly #isFactoryKey = [true, true, true, true];
	/** Stored, but in force only from `settle` on. */
	#pending: (Uint8Array | undefined)[] | undefined;
	/** Octets of the LLS or HLS secret; write only. */
	#secret: Uint8Array;
	/** Generation of the unicast and of the broadcast key. */
	readonly #generation = [0, 0];
	/** The suite in force from `settle` on. */
	#nextSuite: number;
	/** Last accepted counter under the unicast and the broadcast key. */
	readonly #received = [0, 0];
	/** Highest transaction-id that brought a key with it, as two numbers of 32 bits. */
	#transactionHigh = 0;
	#transactionLow = 0;
	#isReceivedStored = true;
	#lastSent = 0;
	#reservedTo = 0;

	constructor(
		number: number,
		store: RecordStore,
		scratch: Writer,
		factoryKeys: KeySet,
		factorySecret: Uint8Array,
		policy: number,
		suite: number,
	) {
		this.number = number;
		this.policy = policy;
		this.suite = this.#nextSuite = suite;
		this.#store = store;
		this.#scratch = scratch;
		this.#keys = [...factoryKeys];
		this.#secret = factorySecret;
		this.loadKeys();
		this.loadCounters();
	}

	/** @param id one of `keyId`; the octets stay this object's */
	key(id: number): Uint8Array {
		return this.#keys[id]!;
	}

	get secret(): Uint8Array {
		return this.#secret;
	}

	/** @throws DeviceError when the store refuses; nothing has changed then */
	changeSecret(secret: Uint8Array): void {
		const old = this.#secret;
		this.#secret = secret.slice();
		try {
			this.storeKeys();
		} catch (error) {
			this.#secret = old;
			throw error;
		}
	}

	changePolicy(policy: number): void {
		const old = this.policy;
		this.policy = policy;
		try {
			this.storeKeys();
		} catch (error) {
			this.policy = old;
			throw error;
		}
	}

	/** Another suite with keys of the same length; stored at once, in force from `settle` on. */
	changeSuite(suite: number): void {
		const old = this.#nextSuite;
		this.#nextSuite = suite;
		try {
			this.storeKeys();
		} catch (error) {
			this.#nextSuite = old;
			throw error;
		}
	}

	changeClientSystemTitle(title: Uint8Array): void {
		this.clientSystemTitle.set(title);
		this.storeKeys();
	}

	/** True when a key of this id waits for `settle`. */
	isPending(id: number): boolean {
		return this.#pending?.[id] !== undefined;
	}

	/**
	 * Stores new keys at once and together; the present ones stay in force until `settle`, for the response.
	 *
	 * @param keys index by `keyId`, undefined = unchanged; the arrays become this object's
	 * @throws DeviceError when the store refuses; nothing has changed then
	 */
	replaceKeys(keys: readonly (Uint8Array | undefined)[]): void {
		const before = this.#pending;
		this.#pending = [0, 1, 2, 3].map((id) => keys[id] ?? before?.[id]);
		try {
			this.storeKeys();
		} catch (error) {
			this.#pending = before;
			throw error;
		}
	}

	/** Puts stored keys in force; the counters of a changed encryption key start again. */
	settle(): void {
		this.suite = this.#nextSuite;
		const pending = this.#pending;
		if (pending === undefined) return;
		this.#pending = undefined;
		for (let id = 0; id < 4; id++) {
			const key = pending[id];
			if (key === undefined) continue;
			if (!this.#isFactoryKey[id]) this.#keys[id]!.fill(0);
			this.#keys[id] = key;
			this.#isFactoryKey[id] = false;
			if (id > keyId.globalBroadcastEncryption) continue;
			this.#generation[id]!++;
			this.#received[id] = 0;
			if (id === keyId.globalUnicastEncryption) this.#lastSent = this.#reservedTo = 0;
		}
	}

	/** @param encryptionKey `keyId` of the unicast or the broadcast key */
	lastReceived(encryptionKey: number): number {
		return this.#received[encryptionKey]!;
	}

	/** To be called only with a counter that was authenticated and is greater than the last one. */
	acceptReceived(encryptionKey: number, counter: number): void {
		this.#received[encryptionKey] = counter;
		this.#isReceivedStored = false;
	}

	/** The transaction-id is a number of up to 64 bits above all that were accepted. */
	isNewer(transaction: Uint8Array): boolean {
		if (transaction.length > 8) return false;
		const high = numberOf(transaction, true);
		return (
			high > this.#transactionHigh ||
			(high === this.#transactionHigh && numberOf(transaction, false) > this.#transactionLow)
		);
	}

	/** To be called only with one that `isNewer`, of an APDU that was authenticated. */
	acceptTransaction(transaction: Uint8Array): void {
		this.#transactionHigh = numberOf(transaction, true);
		this.#transactionLow = numberOf(transaction, false);
		this.#isReceivedStored = false;
	}

	/** Makes the received counters durable: before a state-changing request takes effect, and when a client leaves. */
	storeReceived(): void {
		if (this.#isReceivedStored) return;
		const w = this.#scratch;
		w.reset();
		w.u8(counterLayoutVersion);
		for (let key = 0; key < 2; key++) {
			w.u32(this.#generation[key]!);
			w.u32(this.#received[key]!);
		}
		w.u32(this.#transactionHigh);
		w.u32(this.#transactionLow);
		this.#store.write(recordKey.receiveCounters + this.number, w.bytes, w.position);
		this.#isReceivedStored = true;
	}

	/** The counter that `takeSendCounter` would give. */
	get nextSendCounter(): number {
		return Math.min(this.#lastSent + 1, lastCounter);
	}

	/**
	 * A counter never used before with the unicast key; -1 when the key is used up.
	 * @param security told when it comes near its end
	 */
	takeSendCounter(security?: SecurityReporter): number {
		const counter = this.#lastSent + 1;
		if (counter >= lastCounter) return -1;
		if (counter > this.#reservedTo) {
			const upTo = Math.min(counter - 1 + reservation, lastCounter);
			// before it is stored: rather twice than never
			if (upTo >= warningCounter && this.#reservedTo < warningCounter)
				security?.report(securityEvent.counterUsedUp, this.number);
			this.reserve(upTo);
		}
		this.#lastSent = counter;
		return counter;
	}

	private reserve(upTo: number): void {
		const w = this.#scratch;
		w.reset();
		w.u8(layoutVersion);
		w.u32(this.#generation[0]!);
		w.u32(upTo);
		this.#store.write(recordKey.sendCounters + this.number, w.bytes, w.position);
		this.#reservedTo = upTo;
	}

	private storeKeys(): void {
		const w = this.#scratch;
		w.reset();
		w.u8(layoutVersion);
		w.u8(this.policy);
		w.u8(this.#nextSuite);
		for (let key = 0; key < 2; key++) w.u32(this.#generation[key]! + (this.isPending(key) ? 1 : 0));
		w.octets(this.clientSystemTitle);
		w.u8(this.#secret.length);
		w.octets(this.#secret);
		w.u8(this.#keys[0]!.length);
		for (let id = 0; id < 4; id++) w.octets(this.#pending?.[id] ?? this.#keys[id]!);
		try {
			this.#store.write(recordKey.securityKeys + this.number, w.bytes, w.position);
		} finally {
			w.bytes.fill(0);
		}
	}

	private loadKeys(): void {
		const r = this.open(recordKey.securityKeys);
		if (r === undefined) return;
		this.policy = r.u8();
		this.suite = this.#nextSuite = r.u8();
		for (let key = 0; key < 2; key++) this.#generation[key] = r.u32();
		this.clientSystemTitle.set(r.octets(titleLength));
		this.#secret = r.octets(r.u8()).slice();
		const keyLength = r.u8();
		for (let id = 0; id < 4; id++) {
			this.#keys[id] = r.octets(keyLength).slice();
			this.#isFactoryKey[id] = false;
		}
		r.bytes.fill(0);
	}

	/** Counters of an older key do not count. */
	private loadCounters(): void {
		const received = this.open(recordKey.receiveCounters, counterLayoutVersion);
		if (received !== undefined) {
			for (let key = 0; key < 2; key++) {
				const isOfThisKey = received.u32() === this.#generation[key];
				const counter = received.u32();
				if (isOfThisKey) this.#received[key] = counter;
			}
			if (received.remaining > 0) {
				this.#transactionHigh = received.u32();
				this.#transactionLow = received.u32();
			}
		}
		const sent = this.open(recordKey.sendCounters);
		if (sent !== undefined && sent.u32() === this.#generation[0]) this.#lastSent = this.#reservedTo = sent.u32();
	}

	private open(record: number, newest = layoutVersion): Reader | undefined {
		const bytes = this.#scratch.bytes;
		const length = this.#store.read(record + this.number, bytes);
		if (length < 0) return undefined;
		const r = new Reader(bytes, 0, length);
		// going on with factory keys instead would be worse than not starting
		const version = r.u8();
		if (version < layoutVersion || version > newest)
			throw new DeviceError("flash", "layout", `security record ${record + this.number}`);
		return r;
	}
}

/** The upper or the lower 32 bits of a number of up to 8 octets. */
function numberOf(octets: Uint8Array, isUpper: boolean): number {
	const split = Math.max(octets.length - 4, 0);
	let value = 0;
	for (let n = isUpper ? 0 : split; n < (isUpper ? split : octets.length); n++) value = value * 256 + octets[n]!;
	return value;
}
