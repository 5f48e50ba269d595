// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "./model.js";
import { optionBit } from "./model.js";

/** Logical device name, system title and serial number of one meter (IDIS). */
export interface DeviceIdentity {
	/** 16 ASCII octets: maker, T1, T2, serial number. */
	readonly logicalDeviceName: Uint8Array;
	/** 8 octets: maker, T1, T2 and serial number in 28 bits. */
	readonly systemTitle: Uint8Array;
	/** 8 ASCII digits. */
	readonly serialNumber: Uint8Array;
}

/** T2: bit 0 disconnector, bit 1 load-management relay, bit 2 multi-utility. */
export function functionType(model: ModelDescriptor): number {
	const has = (bit: number): number => ((model.options & bit) !== 0 ? 1 : 0);
	return has(optionBit.disconnector) | (has(optionBit.io) << 1) | (has(optionBit.mbus) << 2);
}

function writeDigits(into: Uint8Array, from: number, to: number, value: number): void {
	let rest = value;
	for (let n = to - 1; n >= from; n--) {
		into[n] = 0x30 + (rest % 10);
		rest = Math.floor(rest / 10);
	}
}

/**
 * @param flag three upper-case letters of the FLAG list
 * @param serial 0 … 99 999 999
 * @throws RangeError naming the field that is wrong
 */
export function identityOf(model: ModelDescriptor, flag: string, serial: number): DeviceIdentity {
	if (!/^[A-Z]{3}$/.test(flag)) throw new RangeError(`FLAG id must be three capital letters, not "${flag}"`);
	if (!Number.isInteger(serial) || serial < 0 || serial > 99_999_999) throw new RangeError(`serial number ${serial}`);
	const logicalDeviceName = new Uint8Array(16);
	const systemTitle = new Uint8Array(8);
	const serialNumber = new Uint8Array(8);
	for (let n = 0; n < 3; n++) systemTitle[n] = logicalDeviceName[n] = flag.charCodeAt(n);
	const t2 = functionType(model);
	writeDigits(logicalDeviceName, 3, 6, model.deviceType);
	writeDigits(logicalDeviceName, 6, 8, t2);
	writeDigits(logicalDeviceName, 8, 16, serial);
	writeDigits(serialNumber, 0, 8, serial);
	systemTitle[3] = model.deviceType;
	systemTitle[4] = (t2 << 4) | (serial >>> 24);
	systemTitle[5] = serial >>> 16;
	systemTitle[6] = serial >>> 8;
	systemTitle[7] = serial;
	return { logicalDeviceName, systemTitle, serialNumber };
}
