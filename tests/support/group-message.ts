// SPDX-License-Identifier: Apache-2.0
import { concat, fromHex } from "./client/bytes.js";
import { data, ref } from "./client/data.js";
import { seal } from "./client/security.js";
import { encodeAction } from "./client/services.js";
import { testKeys } from "./client/test-client.js";

const clock = ref(8, "0-0:1.0.0.255");
const title = fromHex("4d4d4d0000000042");

/** A request of the pre-established client to all: under the broadcast key, general-glo-ciphering. */
export function groupMessage(plain: Uint8Array, counter: number): Uint8Array {
	const sealed = seal(plain, {
		control: 0x70,
		invocationCounter: counter,
		systemTitle: title,
		encryptionKey: testKeys.broadcastKey,
		authenticationKey: testKeys.authenticationKey,
	});
	return concat(0xdb, 8, title, sealed.length, sealed);
}

/** shift_time, unconfirmed. */
export function groupShift(seconds: number, counter: number): Uint8Array {
	return groupMessage(
		encodeAction({ id: 0, isConfirmed: false }, { ref: clock, method: 6 }, data.long(seconds)),
		counter,
	);
}
