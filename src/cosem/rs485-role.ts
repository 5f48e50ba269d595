// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What an RS485 port is for; of the others the machinery is not there. */
export const rs485Role = Object.freeze({ off: 0, server: 1 });

const layoutVersion = 1;
const recordLength = 2;

/** Role of RS485 port 1 in non-volatile memory: a DLMS server until a client has written another. */
export function readRs485Role(store: RecordStore): number {
	const record = new Uint8Array(recordLength);
	const isFound = store.read(recordKey.rs485Role, record) === recordLength && record[0] === layoutVersion;
	return isFound ? record[1]! : rs485Role.server;
}

/** @throws DeviceError, and nothing changed */
export function writeRs485Role(store: RecordStore, role: number): void {
	store.write(recordKey.rs485Role, Uint8Array.of(layoutVersion, role));
}
