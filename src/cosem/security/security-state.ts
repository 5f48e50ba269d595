// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Writer } from "../codec/writer.js";
import type { SecurityListener } from "./security-event.js";
import { type KeySet, keyId, policyBit, SecuritySetupState, securityRecordCapacity } from "./security-setup-state.js";

/** Keys a meter leaves the factory with; the same for every client until they are changed. */
export interface FactorySecurity {
	/** GUEK, 16 octets as the other keys. The arrays are kept, not copied. */
	readonly globalUnicastEncryptionKey: Uint8Array;
	readonly globalBroadcastEncryptionKey: Uint8Array;
	readonly authenticationKey: Uint8Array;
	readonly masterKey: Uint8Array;
	/** Secret of the mechanisms that use one; empty when left out. */
	readonly secret?: Uint8Array;
	/** security_policy of the unicast setups; 0x6C (requests and responses authenticated and encrypted) when left out. */
	readonly policy?: number;
}

/** Numbers E of the security setup objects 0-0:43.0.E; 0 is the alias of the caller's own. */
export const setupNumber = Object.freeze({
	management: 1,
	broadcast: 2,
	reader: 3,
	technician: 4,
	consumer: 5,
	metrology: 6,
});

const numberOfSetups = 6;

const protectedRequests = policyBit.authenticatedRequest | policyBit.encryptedRequest;
export const fullProtection = protectedRequests | policyBit.authenticatedResponse | policyBit.encryptedResponse;

/** All security setups of one meter. The only owner of keys and invocation counters. */
export class SecurityState {
	/** Made when first asked for: most meters never meet most of their clients. */
	readonly #setups: (SecuritySetupState | undefined)[] = new Array(numberOfSetups).fill(undefined);
	readonly #store: RecordStore;
	readonly #scratch = new Writer(securityRecordCapacity);
	readonly #keys: KeySet;
	readonly #secret: Uint8Array;
	readonly #policy: number;
	#listener: SecurityListener | undefined;

	/** @param store survives power loss; holds records of its own for each setup */
	constructor(store: RecordStore, factory: FactorySecurity) {
		const keys = [
			factory.globalUnicastEncryptionKey,
			factory.globalBroadcastEncryptionKey,
			factory.authenticationKey,
			factory.masterKey,
		] as const;
		for (const key of keys) if (key.length !== 16) throw new RangeError("keys of suite 0 have 16 octets");
		this.#store = store;
		this.#keys = keys;
		this.#secret = factory.secret ?? noOctets;
		this.#policy = factory.policy ?? fullProtection;
	}

	/** Told of everything that belongs into the event logs. */
	listen(listener: SecurityListener): void {
		this.#listener = listener;
	}

	/**
	 * @param number 1..6, see `setupNumber`
	 * @throws DeviceError("flash", …) when its stored record cannot be understood
	 */
	setup(number: number): SecuritySetupState {
		if (!Number.isInteger(number) || number < 1 || number > numberOfSetups) {
			throw new RangeError(`security setup ${number}`);
		}
		let setup = this.#setups[number - 1];
		if (setup === undefined) {
			const policy = number === setupNumber.broadcast ? protectedRequests : this.#policy;
			setup = new SecuritySetupState(number, this.#store, this.#scratch, this.#keys, this.#secret, policy);
			this.#setups[number - 1] = setup;
		}
		return setup;
	}

	/**
	 * Value of object 0-0:43.1.e: the last counter accepted (0 management, 1 broadcast, 2 reader, 3 technician,
	 * 4 consumer, 6 metrology), or the next one the meter sends to management with (5).
	 */
	invocationCounter(e: number): number {
		switch (e) {
			case 0:
				return this.setup(setupNumber.management).lastReceived(keyId.globalUnicastEncryption);
			case 1:
				return this.setup(setupNumber.broadcast).lastReceived(keyId.globalBroadcastEncryption);
			case 5:
				return this.setup(setupNumber.management).nextSendCounter;
			case 2:
			case 3:
			case 4:
				return this.setup(e + 1).lastReceived(keyId.globalUnicastEncryption);
			case 6:
				return this.setup(setupNumber.metrology).lastReceived(keyId.globalUnicastEncryption);
			default:
				throw new RangeError(`invocation counter ${e}`);
		}
	}

	/** Puts changed keys in force; called when the response to the request that changed them is protected. */
	settle(): void {
		for (let n = 0; n < numberOfSetups; n++) this.#setups[n]?.settle();
	}

	report(event: number, setup: number): void {
		this.#listener?.securityEvent(event, setup);
	}
}
