// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "../../src/cosem/codec/writer.js";

/** Ways in which a simulated meter can be wrong on purpose, so that head ends can test their defences (SEC-wrong). */
export const wrongWays = [
	"badTag",
	"repeatedCounter",
	"wrongTitle",
	"weakChallenge",
	"downgrade",
	"truncated",
] as const;
export type WrongWay = (typeof wrongWays)[number];

const aareTag = 0x61;
const titleInAare = [0xa4, 0x0a, 0x04, 0x08];
const contextInAare = [0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01];
const mechanismInAare = [0x89, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x02];
const challengeTag = 0xaa;
/** Shorter answers are left whole. */
const shortestTruncated = 40;

function indexOf(bytes: Uint8Array, wanted: readonly number[]): number {
	for (let at = 0; at + wanted.length <= bytes.length; at++) {
		if (wanted.every((octet, n) => bytes[at + n] === octet)) return at;
	}
	return -1;
}

/** Service ciphering with either key, and the general forms. */
function isProtected(tag: number): boolean {
	return (tag >= 0xcc && tag <= 0xcf) || (tag >= 0xd4 && tag <= 0xd7) || (tag >= 0xdb && tag <= 0xdd) || tag === 0xdf;
}

/** Spoils answers on their way out; the meter behind it is right. */
export class WrongAnswers {
	#way: WrongWay | undefined;
	#last: Uint8Array | undefined;

	get way(): WrongWay | undefined {
		return this.#way;
	}

	/** @param way undefined = right again */
	set(way: WrongWay | undefined): void {
		this.#way = way;
		this.#last = undefined;
	}

	spoil(response: Writer): void {
		const bytes = response.bytes.subarray(0, response.position);
		if (bytes.length === 0) return;
		const tag = bytes[0]!;
		switch (this.#way) {
			case "badTag":
				if (isProtected(tag)) bytes[bytes.length - 1]! ^= 1;
				break;
			case "repeatedCounter":
				if (!isProtected(tag)) break;
				if (this.#last === undefined) this.#last = bytes.slice();
				else {
					response.bytes.set(this.#last);
					response.position = this.#last.length;
				}
				break;
			case "wrongTitle":
				spoilTitle(bytes);
				break;
			case "weakChallenge":
				if (tag === aareTag) spoilChallenge(bytes);
				break;
			case "downgrade":
				if (tag === aareTag) spoilNames(bytes);
				break;
			case "truncated":
				if (bytes.length >= shortestTruncated) response.position = bytes.length >> 1;
				break;
			default:
		}
	}
}

function spoilTitle(bytes: Uint8Array): void {
	const at = bytes[0] === aareTag ? indexOf(bytes, titleInAare) + titleInAare.length : 2;
	const hasTitle = bytes[0] === aareTag ? at >= titleInAare.length : bytes[0] === 0xdb || bytes[0] === 0xdc;
	if (hasTitle) bytes[at + 7]! ^= 1;
}

/** A challenge that is always the same. */
function spoilChallenge(bytes: Uint8Array): void {
	for (let at = 0; at + 4 < bytes.length; at++) {
		const length = bytes[at + 3]!;
		if (bytes[at] === challengeTag && bytes[at + 1] === length + 2 && bytes[at + 2] === 0x80) {
			bytes.fill(0, at + 4, at + 4 + length);
			return;
		}
	}
}

/** Names of the context without ciphering, and of the mechanism with a password. */
function spoilNames(bytes: Uint8Array): void {
	const context = indexOf(bytes, contextInAare);
	if (context >= 0) bytes[context + contextInAare.length] = 1;
	const mechanism = indexOf(bytes, mechanismInAare);
	if (mechanism >= 0) bytes[mechanism + mechanismInAare.length] = 1;
}
