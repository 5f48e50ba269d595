// SPDX-License-Identifier: Apache-2.0
import { isSecret } from "../core/equal-octets.js";
import type { RecordStore } from "../storage/record-store.js";
import { baudRates, type LocalPortSetup } from "./local-port-setup.js";

const layoutVersion = 1;

/** Longest device address and longest password of IEC 62056-21. */
const longestText = 32;
const textSize = 1 + longestText;

/** Layout version, the four numbers, then length and octets of the device address and of each password. */
const offset = Object.freeze({ defaultMode: 1, defaultBaud: 2, proposedBaud: 3, responseTime: 4, texts: 5 });

/** Texts of the record, in its order. */
export const portText = Object.freeze({ deviceAddress: 0, passwordP1: 1, passwordP2: 2, passwordW5: 3 });
const numberOfTexts = 4;
const recordLength = offset.texts + numberOfTexts * textSize;

/** Greatest value of each number; the least is 0. */
const greatest = Object.freeze({
	defaultMode: 2,
	defaultBaud: baudRates.length - 1,
	proposedBaud: baudRates.length - 1,
	responseTime: 1,
});

export type PortNumber = keyof typeof greatest;

/**
 * Parameters of one local port in non-volatile memory; the port holds on to this object and sees each change. The
 * passwords are kept and not given out; programming mode asks for P1.
 */
export class StoredLocalPortSetup implements LocalPortSetup {
	defaultMode: number;
	defaultBaud: number;
	proposedBaud: number;
	responseTime: number;
	deviceAddress: Uint8Array;
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #record = new Uint8Array(recordLength);

	/** @param key record of this port @param factory what holds until a client has written */
	constructor(store: RecordStore, key: number, factory: LocalPortSetup) {
		this.#store = store;
		this.#key = key;
		this.defaultMode = factory.defaultMode;
		this.defaultBaud = factory.defaultBaud;
		this.proposedBaud = factory.proposedBaud;
		this.responseTime = factory.responseTime;
		this.deviceAddress = factory.deviceAddress;
		if (this.load()) {
			this.decode();
			this.forget();
		}
	}

	/**
	 * Stores, then takes effect.
	 * @returns false, and nothing changed, for a value out of range
	 * @throws DeviceError, and nothing changed
	 */
	changeNumber(field: PortNumber, value: number): boolean {
		if (value < 0 || value > greatest[field]) return false;
		this.begin();
		this.#record[offset[field]] = value;
		this.finish();
		return true;
	}

	/** As `changeNumber`, for one of `portText`; addresses are made of ASCII letters, digits and spaces. */
	changeText(text: number, octets: Uint8Array): boolean {
		if (octets.length > longestText) return false;
		if (text === portText.deviceAddress && !isAddress(octets)) return false;
		this.begin();
		this.put(text, octets);
		this.finish();
		return true;
	}

	/**
	 * @param text one of `portText`
	 * @returns whether `offered` is that password, in a time that tells nothing of it
	 */
	isPassword(text: number, offered: Uint8Array): boolean {
		const isRight = this.load() && isSecret(offered, this.octets(text));
		this.forget();
		return isRight;
	}

	/** Octets of a password, 0 where none is set. */
	passwordLength(text: number): number {
		const length = this.load() ? this.octets(text).length : 0;
		this.forget();
		return length;
	}

	private octets(text: number): Uint8Array {
		const at = offset.texts + text * textSize;
		return this.#record.subarray(at + 1, at + 1 + this.#record[at]!);
	}

	private load(): boolean {
		return this.#store.read(this.#key, this.#record) === recordLength && this.#record[0] === layoutVersion;
	}

	/** Fills the record with what holds now. */
	private begin(): void {
		if (this.load()) return;
		const record = this.#record;
		record.fill(0);
		record[0] = layoutVersion;
		record[offset.defaultMode] = this.defaultMode;
		record[offset.defaultBaud] = this.defaultBaud;
		record[offset.proposedBaud] = this.proposedBaud;
		record[offset.responseTime] = this.responseTime;
		this.put(portText.deviceAddress, this.deviceAddress);
	}

	private finish(): void {
		try {
			this.#store.write(this.#key, this.#record);
			this.decode();
		} finally {
			this.forget();
		}
	}

	/** No password stays in RAM. */
	private forget(): void {
		this.#record.fill(0);
	}

	private put(text: number, octets: Uint8Array): void {
		const at = offset.texts + text * textSize;
		this.#record.fill(0, at, at + textSize);
		this.#record[at] = octets.length;
		this.#record.set(octets, at + 1);
	}

	private decode(): void {
		const record = this.#record;
		this.defaultMode = record[offset.defaultMode]!;
		this.defaultBaud = record[offset.defaultBaud]!;
		this.proposedBaud = record[offset.proposedBaud]!;
		this.responseTime = record[offset.responseTime]!;
		this.deviceAddress = this.octets(portText.deviceAddress).slice();
	}
}

function isAddress(octets: Uint8Array): boolean {
	for (let n = 0; n < octets.length; n++) {
		const octet = octets[n]!;
		const letter = octet & 0xdf;
		const isLetter = letter >= 0x41 && letter <= 0x5a;
		if (!isLetter && !(octet >= 0x30 && octet <= 0x39) && octet !== 0x20) return false;
	}
	return true;
}
