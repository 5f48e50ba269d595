// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../../src/cosem/apdu-handler.js";
import type { Writer } from "../../src/cosem/codec/writer.js";
import type { LinkSink } from "../../src/ports/link.js";
import { fromHex, toHex } from "./client/bytes.js";

/** A request whose first octet is this asks for `longAnswer` of the length in the two octets after it. */
export const askLong = 0x4c;

/** Octets that depend on the whole request, so that a lost or doubled segment shows. */
export function longAnswer(length: number, request: Uint8Array): Uint8Array {
	let sum = 0;
	for (const octet of request) sum = (sum * 31 + octet) & 0xffff;
	return Uint8Array.from({ length }, (_, n) => (n * 7 + sum) & 0xff);
}

/** Stands for the server: echoes, gives long or prescribed answers, and notes what it was asked. */
export class FakeApduHandler implements ApduHandler {
	readonly requests: { link: number; clientSap: number; serverSap: number; hex: string }[] = [];
	readonly aborts: (number | undefined)[] = [];
	readonly prescribed = new Map<string, string>();
	readonly knownClients = new Set([1, 2, 3, 16, 102]);
	openLinks = 0;
	maximumLinks = Infinity;
	isSilent = false;
	/** APDUs, in hex, that follow each answer. */
	following: readonly string[] = [];
	#followed = 0;
	#lastLink = 0;

	open(_link: LinkInfo): number {
		if (this.openLinks >= this.maximumLinks) return -1;
		this.openLinks++;
		return this.#lastLink++;
	}

	handle(
		link: number,
		clientSap: number,
		serverSap: number,
		bytes: Uint8Array,
		from: number,
		to: number,
		response: Writer,
	): boolean {
		const request = bytes.slice(from, to);
		const hex = toHex(request);
		this.requests.push({ link, clientSap, serverSap, hex });
		bytes.fill(0xa5, from, to); // a real server deciphers in place
		response.reset();
		this.#followed = 0;
		if (this.isSilent) return false;
		const prescribed = this.prescribed.get(hex);
		if (prescribed !== undefined) response.octets(fromHex(prescribed));
		else if (request[0] === askLong && request.length >= 3) {
			const length = Math.min(response.remaining, Math.max(1, (request[1]! << 8) | request[2]!));
			response.octets(longAnswer(length, request));
		} else response.octets(request, 0, Math.min(request.length, response.remaining));
		return true;
	}

	handleMore(_link: number, _clientSap: number, _serverSap: number, response: Writer): boolean {
		const apdu = this.following[this.#followed++];
		if (apdu === undefined) return false;
		response.reset();
		response.octets(fromHex(apdu));
		return true;
	}

	isHeard(_link: number, clientSap: number, serverSap: number): boolean {
		return serverSap === 1 && clientSap !== 102;
	}

	isKnown(_link: number, clientSap: number, serverSap: number): boolean {
		return serverSap === 1 && this.knownClients.has(clientSap);
	}

	abort(_link: number, clientSap?: number): void {
		this.aborts.push(clientSap);
	}

	close(_link: number): void {
		this.openLinks--;
	}
}

/** Keeps what was sent, one entry for each call. */
export class RecordingSink implements LinkSink {
	readonly sent: string[] = [];
	disconnects = 0;

	send(bytes: Uint8Array): void {
		this.sent.push(toHex(bytes));
	}

	disconnect(): void {
		this.disconnects++;
	}

	/** What was sent since the last call. */
	take(): string[] {
		return this.sent.splice(0);
	}
}

/** Small seeded generator (mulberry32): 0 ≤ x < 1. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}

/** Octets with a bias to those that mean something to the protocol. */
export function randomOctets(random: () => number, length: number, favourites: readonly number[]): Uint8Array {
	return Uint8Array.from({ length }, () =>
		random() < 0.5 && favourites.length > 0
			? favourites[Math.floor(random() * favourites.length)]!
			: Math.floor(random() * 256),
	);
}
