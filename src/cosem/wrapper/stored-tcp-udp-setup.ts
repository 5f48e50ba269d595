// SPDX-License-Identifier: Apache-2.0
import type { Outlet } from "../../ports/outlet.js";
import type { RecordStore } from "../../storage/record-store.js";
import type { TcpUdpSetup } from "./tcp-udp-setup.js";

const layoutVersion = 1;
const recordLength = 8;
/** Registered for DLMS/COSEM (IANA). */
export const dlmsPort = 4059;
const defaultSegment = 576;
/** SEC-conn. */
const leastInactivity_s = 30;
const greatestInactivity_s = 600;
const defaultInactivity_s = 120;

export type TcpUdpField = "port" | "maximumSegmentSize" | "simultaneousConnections" | "inactivityTimeout_s";

/** TCP-UDP parameters in non-volatile memory; link layers hold on to this object and see each change. */
export class StoredTcpUdpSetup implements TcpUdpSetup {
	port = dlmsPort;
	maximumSegmentSize = defaultSegment;
	simultaneousConnections: number;
	inactivityTimeout_s = defaultInactivity_s;
	readonly #store: RecordStore;
	readonly #key: number;
	readonly #greatestCount: number;
	readonly #outlet: Outlet | undefined;

	/**
	 * @param key record
	 * @param greatestCount connections that the host can have at a time, and has until a client has written
	 * @param outlet is told on which port the meter is to be reached
	 */
	constructor(store: RecordStore, key: number, greatestCount: number, outlet: Outlet | undefined) {
		this.#outlet = outlet;
		this.#store = store;
		this.#key = key;
		this.#greatestCount = greatestCount;
		this.simultaneousConnections = greatestCount;
		const view = new DataView(new ArrayBuffer(recordLength));
		const length = store.read(key, new Uint8Array(view.buffer));
		if (length === recordLength && view.getUint8(0) === layoutVersion) {
			this.simultaneousConnections = Math.min(view.getUint8(1), greatestCount);
			this.port = view.getUint16(2);
			this.maximumSegmentSize = view.getUint16(4);
			this.inactivityTimeout_s = view.getUint16(6);
		}
		outlet?.listen?.(this.port);
	}

	/**
	 * Stores, then takes effect.
	 * @returns false, and nothing changed, for a value out of range
	 * @throws DeviceError, and nothing changed
	 */
	change(field: TcpUdpField, value: number): boolean {
		if (value < this.least(field) || value > this.greatest(field)) return false;
		const before = this[field];
		this[field] = value;
		try {
			const view = new DataView(new ArrayBuffer(recordLength));
			view.setUint8(0, layoutVersion);
			view.setUint8(1, this.simultaneousConnections);
			view.setUint16(2, this.port);
			view.setUint16(4, this.maximumSegmentSize);
			view.setUint16(6, this.inactivityTimeout_s);
			this.#store.write(this.#key, new Uint8Array(view.buffer));
		} catch (error) {
			this[field] = before;
			throw error;
		}
		if (field === "port" && value !== before) this.#outlet?.listen?.(value);
		return true;
	}

	private least(field: TcpUdpField): number {
		if (field === "maximumSegmentSize") return this.maximumSegmentSize; // the stack below chooses its segments
		return field === "inactivityTimeout_s" ? leastInactivity_s : 1;
	}

	private greatest(field: TcpUdpField): number {
		if (field === "simultaneousConnections") return this.#greatestCount;
		if (field === "maximumSegmentSize") return this.maximumSegmentSize;
		return field === "inactivityTimeout_s" ? greatestInactivity_s : 0xffff;
	}
}
