// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";

interface GroupServices {
	readonly classId: number;
	/** Bit n = attribute n may be written. */
	readonly writes: number;
	/** Bit n = method n may be called. */
	readonly methods: number;
}

/**
 * What the broadcast key may do at most (SEC-bcast): whoever takes one meter apart has the key of all, so it sets clocks,
 * begins and ends Code Red, and brings blocks of images. It never switches, whatever the access tables grant its client.
 */
const groupServices: readonly GroupServices[] = deepFreeze([
	{ classId: 8, writes: 1 << 2, methods: 1 << 6 }, // Clock: time, shift_time
	{ classId: 71, writes: 1 << 8, methods: 0 }, // Limiter: emergency_profile
	{ classId: 18, writes: 0, methods: 1 << 2 }, // Image transfer: image_block_transfer
]);

export function isGroupWrite(classId: number, attributeId: number): boolean {
	return isSet(find(classId)?.writes ?? 0, attributeId);
}

export function isGroupMethod(classId: number, methodId: number): boolean {
	return isSet(find(classId)?.methods ?? 0, methodId);
}

function find(classId: number): GroupServices | undefined {
	for (let n = 0; n < groupServices.length; n++) if (groupServices[n]!.classId === classId) return groupServices[n];
	return undefined;
}

function isSet(bits: number, number: number): boolean {
	return number > 0 && number < 31 && (bits & (1 << number)) !== 0;
}
