// SPDX-License-Identifier: Apache-2.0
import { type AccessTable, clientIndex } from "./model.js";

export type ClientName = keyof typeof clientIndex;

/** Rights of each client as text; a client that is not named does not see the object. */
export type AccessText = { readonly [client in ClientName]?: string };

const clientNames = Object.freeze(Object.keys(clientIndex)) as readonly ClientName[];
const columns = 3;
const all = 0x7fff_fffe;
/** Highest attribute or method number a table can hold. */
export const highestNumber = 30;

/** Equal tables are one object: a meter has some 900 rows but few different rights. Filled while modules load only. */
const pool = new Map<string, AccessTable>();

/**
 * Rights out of text, for object tables at module level.
 *
 * ```
 * access = item *( ";" item )
 * item   = ( "R" / "W" / "A" ) ( "*" / number *( "," number ) )   ; readable, writable attributes; callable methods
 * ```
 * @throws RangeError on any other text
 */
export function access(text: AccessText): AccessTable {
	const table: number[] = [];
	for (const name of clientNames) parseRights(text[name] ?? "", table);
	const name = table.join();
	const known = pool.get(name);
	if (known !== undefined) return known;
	const frozen = Object.freeze(table);
	pool.set(name, frozen);
	return frozen;
}

/** Appends reads, writes, methods. */
function parseRights(text: string, table: number[]): void {
	let reads = 0;
	let writes = 0;
	let methods = 0;
	for (const item of text === "" ? [] : text.split(";")) {
		const bits = parseNumbers(item);
		const kind = item[0];
		if (kind === "R") reads |= bits;
		else if (kind === "W") writes |= bits;
		else if (kind === "A") methods |= bits;
		else throw new RangeError(`not an access item: ${item}`);
	}
	table.push(reads, writes, methods);
}

function parseNumbers(item: string): number {
	if (item.length === 2 && item[1] === "*") return all;
	let bits = 0;
	for (const part of item.slice(1).split(",")) {
		const number = Number(part);
		if (!/^[0-9]+$/.test(part) || number < 1 || number > highestNumber) {
			throw new RangeError(`not an access item: ${item}`);
		}
		bits |= 1 << number;
	}
	return bits;
}

function isSet(bits: number, number: number): boolean {
	return number >= 0 && number <= highestNumber && ((bits >>> number) & 1) === 1;
}

/** A client without any right does not see the object. `client` is one of `clientIndex`. */
export function isVisible(table: AccessTable, client: number): boolean {
	const at = client * columns;
	return (table[at]! | table[at + 1]! | table[at + 2]!) !== 0;
}

/** The logical name can be read wherever any attribute can. */
export function mayRead(table: AccessTable, client: number, attributeId: number): boolean {
	const reads = table[client * columns]!;
	return attributeId === 1 ? reads !== 0 : isSet(reads, attributeId);
}

export function mayWrite(table: AccessTable, client: number, attributeId: number): boolean {
	return attributeId !== 1 && isSet(table[client * columns + 1]!, attributeId);
}

export function mayInvoke(table: AccessTable, client: number, methodId: number): boolean {
	return isSet(table[client * columns + 2]!, methodId);
}

/** Bit n = attribute n, as far as the table grants; for loops over many attributes. */
export function readableBits(table: AccessTable, client: number): number {
	return table[client * columns]!;
}

export function writableBits(table: AccessTable, client: number): number {
	return table[client * columns + 1]!;
}

/** Bit n = method n. */
export function invocableBits(table: AccessTable, client: number): number {
	return table[client * columns + 2]!;
}
