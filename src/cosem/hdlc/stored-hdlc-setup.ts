// SPDX-License-Identifier: Apache-2.0
import type { RecordStore } from "../../storage/record-store.js";
import { maximumInformation, maximumWindow, minimumInformation } from "./hdlc-parameters.js";
import type { HdlcSetup } from "./hdlc-setup.js";

const layoutVersion = 1;
const recordLength = 14;

/** 0x0001 … 0x000F are reserved, 0x3FFE is the calling and 0x3FFF the all-station address (IEC 62056-46). */
const lowestAddress = 0x10;
const highestAddress = 0x3ffd;
/** The same two in addresses of one octet. */
const callingOctet = 0x7e;
const allStationsOctet = 0x7f;

/** Least and greatest value of each parameter (Blue Book, class 23). */
const ranges: { readonly [field in keyof HdlcSetup]: readonly [least: number, greatest: number] } = Object.freeze({
	commSpeed: Object.freeze([0, 9] as const),
	windowSizeTransmit: Object.freeze([1, maximumWindow] as const),
	windowSizeReceive: Object.freeze([1, maximumWindow] as const),
	maxInfoFieldLengthTransmit: Object.freeze([minimumInformation, maximumInformation] as const),
	maxInfoFieldLengthReceive: Object.freeze([minimumInformation, maximumInformation] as const),
	interOctetTimeout_ms: Object.freeze([20, 6000] as const),
	inactivityTimeout_s: Object.freeze([0, 0xffff] as const),
	deviceAddress: Object.freeze([lowestAddress, highestAddress] as const),
});

/** HDLC parameters of one port in non-volatile memory; link layers hold on to this object and see each change. */
export class StoredHdlcSetup implements HdlcSetup {
	commSpeed: number;
	windowSizeTransmit: number;
	windowSizeReceive: number;
	maxInfoFieldLengthTransmit: number;
	maxInfoFieldLengthReceive: number;
	interOctetTimeout_ms: number;
	inactivityTimeout_s: number;
	deviceAddress: number;
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #record = new Uint8Array(recordLength);
	readonly #view = new DataView(this.#record.buffer);

	/** @param key record of this port @param factory what holds until a client has written */
	constructor(store: RecordStore, key: number, factory: HdlcSetup) {
		this.#store = store;
		this.#key = key;
		this.commSpeed = factory.commSpeed;
		this.windowSizeTransmit = factory.windowSizeTransmit;
		this.windowSizeReceive = factory.windowSizeReceive;
		this.maxInfoFieldLengthTransmit = factory.maxInfoFieldLengthTransmit;
		this.maxInfoFieldLengthReceive = factory.maxInfoFieldLengthReceive;
		this.interOctetTimeout_ms = factory.interOctetTimeout_ms;
		this.inactivityTimeout_s = factory.inactivityTimeout_s;
		this.deviceAddress = factory.deviceAddress;
		if (store.read(key, this.#record) === recordLength && this.#record[0] === layoutVersion) this.decode();
	}

	/**
	 * Stores, then takes effect.
	 * @returns false, and nothing changed, for a value out of range
	 * @throws DeviceError, and nothing changed
	 */
	change(field: keyof HdlcSetup, value: number): boolean {
		const [least, greatest] = ranges[field];
		if (value < least || value > greatest) return false;
		if (field === "deviceAddress" && (value === callingOctet || value === allStationsOctet)) return false;
		const before = this[field];
		this[field] = value;
		try {
			this.encode();
			this.#store.write(this.#key, this.#record);
		} catch (error) {
			this[field] = before;
			throw error;
		}
		return true;
	}

	private encode(): void {
		const view = this.#view;
		view.setUint8(0, layoutVersion);
		view.setUint8(1, this.commSpeed);
		view.setUint8(2, this.windowSizeTransmit);
		view.setUint8(3, this.windowSizeReceive);
		view.setUint16(4, this.maxInfoFieldLengthTransmit);
		view.setUint16(6, this.maxInfoFieldLengthReceive);
		view.setUint16(8, this.interOctetTimeout_ms);
		view.setUint16(10, this.inactivityTimeout_s);
		view.setUint16(12, this.deviceAddress);
	}

	private decode(): void {
		const view = this.#view;
		this.commSpeed = view.getUint8(1);
		this.windowSizeTransmit = view.getUint8(2);
		this.windowSizeReceive = view.getUint8(3);
		this.maxInfoFieldLengthTransmit = view.getUint16(4);
		this.maxInfoFieldLengthReceive = view.getUint16(6);
		this.interOctetTimeout_ms = view.getUint16(8);
		this.inactivityTimeout_s = view.getUint16(10);
		this.deviceAddress = view.getUint16(12);
	}
}
