// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Association } from "./association.js";
import { concat } from "./bytes.js";
import { encodeLogicalName, type ObjectRef } from "./data.js";
import { type BlockTransferOptions, transferInGeneralBlocks } from "./general-blocks.js";

const accessRequest = 0xd9;
const accessResponse = 0xda;
const specification = { get: 1, set: 2, action: 3 } as const;

/** One item of ACCESS: what, and its data. */
export interface AccessItem {
	readonly kind: keyof typeof specification;
	readonly object: ObjectRef;
	readonly index: number;
	readonly value?: Uint8Array;
}

/** The request, with break-on-error if wanted. */
export function encodeAccess(items: readonly AccessItem[], breaks = false): Uint8Array {
	const specifications = items.map(({ kind, object, index }) =>
		concat(
			specification[kind],
			object.classId >> 8,
			object.classId & 0xff,
			encodeLogicalName(object.logicalName),
			index,
		),
	);
	const values = items.map(({ value }) => value ?? Uint8Array.of(0));
	return concat(
		accessRequest,
		breaks ? 0x60 : 0x40,
		0,
		0,
		7,
		0,
		items.length,
		...specifications,
		items.length,
		...values,
	);
}

/** Results of an answer to ACCESS, which end it: two octets an item. */
export function accessResults(plain: Uint8Array, count: number): number[] {
	assert.equal(plain[0], accessResponse);
	const results = plain.slice(plain.length - 2 * count);
	assert.equal(plain[plain.length - 2 * count - 1], count);
	return [...results].filter((_, n) => n % 2 === 1);
}

/** As agreed; ACCESS has no ciphered tag of its own. */
export function protect({ session }: Association, apdu: Uint8Array): Uint8Array {
	return session!.protect(apdu, apdu[0] === accessRequest ? "generalGlobal" : "global");
}

/** A request and its answer, both protected. */
export async function exchange(association: Association, apdu: Uint8Array): Promise<Uint8Array> {
	await association.sendRaw(protect(association, apdu));
	return association.receive();
}

/** A request, protected as agreed, and its answer, both in general blocks. */
export async function exchangeInBlocks(association: Association, apdu: Uint8Array, options?: BlockTransferOptions) {
	const session = association.session!;
	const { answer, received } = await transferInGeneralBlocks(association, protect(association, apdu), options);
	return { plain: session.unprotect(answer), received };
}
