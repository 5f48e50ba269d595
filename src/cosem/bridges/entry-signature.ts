// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { noOctets } from "../../core/no-octets.js";
import type { Cipher } from "../../ports/cipher.js";
import type { Random } from "../../ports/random.js";
import type { CaptureColumn } from "../../profile/capture-column.js";
import type { Application } from "../application.js";
import { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { curveSize } from "../security/certificate.js";
import type { PublicKeys } from "../security/public-keys.js";
import { setupNumber } from "../security/security-state.js";

/** Digital signature of a profile entry: its last column, where it is captured. */
export const signatureName: number = parseLogicalName("0-0:96.16.0.255");

/** What stands before the columns in the message that is signed: this object's name, system title, name of the profile. */
const headLength = 6 + 8 + 6;

/** What a signature is made with. */
export interface SigningPorts {
	readonly cipher: Cipher;
	readonly random: Random;
}

/** Whether a column is the signature of the entry itself. */
export function isSignature({ logicalName, attributeIndex }: CaptureColumn): boolean {
	return logicalName === signatureName && attributeIndex === 2;
}

/** Most octets of the column; -1 in suite 0, which has no signatures, and on a board (docs/decisions/0045). */
export function longestSignature({ security, size }: Application): number {
	if (size === "board") return -1;
	const { suite } = security.setup(setupNumber.management);
	return suite === 0 ? -1 : 2 + 2 * curveSize(suite);
}

/** Undefined in suite 0. */
function keysOf(application: Application, ports: SigningPorts): PublicKeys | undefined {
	const { security } = application;
	const { suite } = security.setup(setupNumber.management);
	return suite === 0 ? undefined : security.publicKeys(suite, ports, application);
}

/** A signature among these columns stands last, and the meter can give it. */
export function canSign(columns: readonly CaptureColumn[], application: Application, ports: SigningPorts): boolean {
	const at = columns.findIndex(isSignature);
	if (at < 0) return true;
	if (longestSignature(application) < 0) return false;
	return at === columns.length - 1 && keysOf(application, ports)?.canSign() === true;
}

/**
 * Signs the columns of an entry that stand before its signature, as they are encoded (docs/decisions/0045).
 * @param profile logical name
 * @returns r || s; no octets where the meter has no key with a valid certificate: the entry is worth more
 */
export function signEntry(application: Application & SigningPorts, profile: number, columns: Uint8Array): Uint8Array {
	const w = new Writer(headLength + columns.length);
	w.u48(signatureName);
	w.octets(application.identity.systemTitle);
	w.u48(profile);
	w.octets(columns);
	try {
		return keysOf(application, application)?.sign(w.bytes) ?? noOctets;
	} catch (error) {
		if (error instanceof DeviceError) return noOctets;
		throw error;
	}
}
