// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import type { OpenedHead } from "./general-protection.js";
import { formOf, isDedicatedForm, protectionForm } from "./protection-form.js";
import { type SecurityReporter, securityEvent } from "./security-event.js";
import { keyId, lastCounter, type SecuritySetupState, warningCounter } from "./security-setup-state.js";

/** A step of the counter that is taken, but noted. */
const notedJump = 2 ** 20;

/** A counter under the global or the dedicated key: greater than the last one, and the last one from now on. */
export function countReceived(
	security: SecurityReporter,
	association: Association,
	setup: SecuritySetupState,
	isDedicated: boolean,
	global: number,
	counter: number,
): boolean {
	const keys = isDedicated ? association.keys : undefined;
	const last = keys !== undefined ? keys.dedicatedReceived : setup.lastReceived(global);
	if (counter <= last) return false;
	if (keys !== undefined) keys.dedicatedReceived = counter;
	else accept(security, setup, global, counter, last);
	return true;
}

/**
 * A counter under a key that came with an APDU. Where it comes, APDU and key must be new: by the counter, if the client
 * goes on with that of the unicast key, or by the transaction-id, if its counters begin again with each key.
 */
export function countMessage(
	security: SecurityReporter,
	association: Association,
	setup: SecuritySetupState,
	head: OpenedHead,
	transaction: Uint8Array,
	counter: number,
): boolean {
	const unicast = keyId.globalUnicastEncryption;
	if (!head.isNew) {
		const keys = association.takeKeys();
		if (counter <= keys.messageReceived) return false;
		keys.messageReceived = counter;
		return true;
	}
	const isNewer = setup.isNewer(transaction);
	const last = setup.lastReceived(unicast);
	if (counter <= last && !isNewer) return false;
	if (counter > last) accept(security, setup, unicast, counter, last);
	if (isNewer) setup.acceptTransaction(transaction);
	const keys = association.takeKeys();
	keys.forgetMessageKey();
	keys.messageKey = [head.kind, head.key];
	keys.messageReceived = counter;
	return true;
}

/** The lowest counter that would be taken, for the exception response. */
export function expectedCounter(association: Association, tag: number): number {
	const form = formOf(tag);
	const isDedicated = isDedicatedForm(form);
	const { keys } = association;
	if (form === protectionForm.generalCiphering && keys?.messageKey !== undefined) {
		return Math.min(keys.messageReceived + 1, lastCounter);
	}
	const last = isDedicated
		? (keys?.dedicatedReceived ?? -1)
		: (association.setup?.lastReceived(keyId.globalUnicastEncryption) ?? 0);
	return Math.min(last + 1, lastCounter);
}

/** @param key `keyId` of the encryption key */
function accept(
	security: SecurityReporter,
	setup: SecuritySetupState,
	key: number,
	counter: number,
	last: number,
): void {
	setup.acceptReceived(key, counter);
	if (counter - last > notedJump) security.report(securityEvent.counterJumped, setup.number);
	if (counter >= warningCounter && (last < warningCounter || counter === lastCounter))
		security.report(securityEvent.counterUsedUp, setup.number);
}
