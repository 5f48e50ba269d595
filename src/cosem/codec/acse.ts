// SPDX-License-Identifier: Apache-2.0
import { closeElement, objectIdentifierKind, openElement, writeObjectIdentifier } from "./ber.js";
import { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

/** Tags that AARQ and AARE have in common (Green Book, ACSE APDUs). */
export const acseTag = Object.freeze({
	applicationContextName: 0xa1,
	userInformation: 0xbe,
	objectIdentifier: 0x06,
	octetString: 0x04,
	charstring: 0x80,
});

/** ACSE requirements: the authentication functional unit, a BIT STRING of one bit. */
const authenticationUnit = 0x0780;

export function writeApplicationContext(w: Writer, context: number): void {
	const outer = openElement(w, acseTag.applicationContextName);
	const name = openElement(w, acseTag.objectIdentifier);
	writeObjectIdentifier(w, objectIdentifierKind.applicationContext, context);
	closeElement(w, name);
	closeElement(w, outer);
}

/** That authentication is wanted, and by which mechanism. */
export function writeMechanism(w: Writer, requirementsTag: number, nameTag: number, mechanism: number): void {
	w.u8(requirementsTag);
	w.u8(2);
	w.u16(authenticationUnit);
	const name = openElement(w, nameTag);
	writeObjectIdentifier(w, objectIdentifierKind.mechanism, mechanism);
	closeElement(w, name);
}

/** A second view of what `r` has left. */
export function sameView(r: Reader): Reader {
	return new Reader(r.bytes, r.position, r.end);
}
