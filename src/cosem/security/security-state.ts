// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../../core/equal-octets.js";
import { noOctets } from "../../core/no-octets.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { RecordStore } from "../../storage/record-store.js";
import { Writer } from "../codec/writer.js";
import { PublicKeys } from "./public-keys.js";
import { type SecurityListener, securityEvent } from "./security-event.js";
import { type KeySet, keyId, policyBit, SecuritySetupState, securityRecordCapacity } from "./security-setup-state.js";

/** Keys a meter leaves the factory with; the same for every client until they are changed. */
export interface FactorySecurity {
	/** security_suite, 0 when left out: all keys have 16 octets, in suite 2 they have 32. */
	readonly suite?: number;
	/** Authentication mechanism of a client by its name, where it is another than usual. */
	readonly mechanisms?: { readonly [client: string]: number };
	/** System titles that are taken from a client by its name; of a client without an entry each one is. */
	readonly clientTitles?: { readonly [client: string]: readonly Uint8Array[] };
	/** Octets that a client's challenge has at least, 8 to 16; 8 when left out. */
	readonly shortestChallenge?: number;
	/** GUEK. The arrays are kept, not copied. */
	readonly globalUnicastEncryptionKey: Uint8Array;
	readonly globalBroadcastEncryptionKey: Uint8Array;
	readonly authenticationKey: Uint8Array;
	readonly masterKey: Uint8Array;
	/** Secret of the mechanisms 3, 4 and 6; empty when left out. */
	readonly secret?: Uint8Array;
	/** Password of the mechanism 1; none is accepted when left out. */
	readonly password?: Uint8Array;
	/** The public client is not told which meter this is (SEC-id); it is when left out. */
	readonly hidesName?: boolean;
	/** Programming mode of mode C was ordered (SEC-opt); it was not when left out. */
	readonly allowsProgramming?: boolean;
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
/** Of a client, where the factory does not ask for more (Green Book 9.2.2.2.2.4). */
export const shortestClientChallenge = 8;

/** What signatures and agreements need beside their keys. */
interface PublicKeyPorts {
	readonly cipher: Cipher;
	readonly random: Random;
}

/** Who knows the meter's title and its time. */
interface PublicKeyOwner {
	readonly identity: { readonly systemTitle: Uint8Array };
	readonly clock: { readonly isValid: boolean; utc_s(): number };
}

const protectedRequests = policyBit.authenticatedRequest | policyBit.encryptedRequest;
export const fullProtection = protectedRequests | policyBit.authenticatedResponse | policyBit.encryptedResponse;

/** All security setups of one meter. The only owner of keys and invocation counters. */
export class SecurityState {
	/** Made when first asked for: most meters never meet most of their clients. */
	readonly #setups: (SecuritySetupState | undefined)[] = new Array(numberOfSetups).fill(undefined);
	readonly #store: RecordStore;
	readonly #scratch = new Writer(securityRecordCapacity);
	readonly #certificates: RecordStore;
	readonly #keys: KeySet;
	readonly #factory: FactorySecurity;
	#listener: SecurityListener | undefined;

	/**
	 * @param store survives power loss; holds records of its own for each setup
	 * @param certificates holds certificates and key pairs of suites 1 and 2
	 */
	constructor(store: RecordStore, factory: FactorySecurity, certificates: RecordStore = store) {
		const keys = [
			factory.globalUnicastEncryptionKey,
			factory.globalBroadcastEncryptionKey,
			factory.authenticationKey,
			factory.masterKey,
		] as const;
		const keyLength = factory.suite === 2 ? 32 : 16;
		for (const key of keys) if (key.length !== keyLength) throw new RangeError(`a key has ${key.length} octets`);
		this.#store = store;
		this.#certificates = certificates;
		this.#keys = keys;
		this.#factory = factory;
	}

	/** The suite the meter was made for. */
	get suite(): number {
		return this.#factory.suite ?? 0;
	}

	/** The public client learns neither logical device name nor device number. */
	get hidesName(): boolean {
		return this.#factory.hidesName ?? false;
	}

	/** Programming mode of the optical port was ordered; it works when its password is there. */
	get allowsProgramming(): boolean {
		return this.#factory.allowsProgramming ?? false;
	}

	/** Mechanism that the factory gave a client; undefined for the usual one. */
	mechanismOf(client: string): number | undefined {
		return this.#factory.mechanisms?.[client];
	}

	/** Octets that a client's challenge has at least. */
	get shortestChallenge(): number {
		return this.#factory.shortestChallenge ?? shortestClientChallenge;
	}

	/** False for a system title that is not on the client's list, where it has one (SEC-title). */
	isTitleAllowed(client: string, title: Uint8Array): boolean {
		const allowed = this.#factory.clientTitles?.[client];
		if (allowed === undefined) return true;
		for (let n = 0; n < allowed.length; n++) if (areEqual(allowed[n]!, title)) return true;
		return false;
	}

	/**
	 * The public-key functions, for the request in progress.
	 * @param suite 1 or 2
	 */
	publicKeys(suite: number, ports: PublicKeyPorts, owner: PublicKeyOwner): PublicKeys {
		const { clock, identity } = owner;
		return new PublicKeys({
			store: this.#certificates,
			cipher: ports.cipher,
			random: ports.random,
			title: identity.systemTitle,
			suite,
			now_s: clock.isValid ? clock.utc_s() : undefined,
		});
	}

	/** To be called when a request that used certificates ends: says when one of them ends soon. */
	used(keys: PublicKeys, setup: number): void {
		if (keys.isExpiring) this.report(securityEvent.certificateExpiring, setup);
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
			const { policy = fullProtection, secret = noOctets, password = noOctets } = this.#factory;
			setup = new SecuritySetupState(
				number,
				this.#store,
				this.#scratch,
				this.#keys,
				number === setupNumber.technician && this.mechanismOf("technician") === 1 ? password : secret,
				number === setupNumber.broadcast ? protectedRequests : policy,
				this.suite,
			);
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
