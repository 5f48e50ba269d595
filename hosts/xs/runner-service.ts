// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { HashName } from "../../src/ports/cipher.js";
import { NodeCipher } from "../simulator/cipher/node-cipher.js";
import { MemoryFram } from "../simulator/storage/memory-fram.js";
import { ChipWorld } from "./chip-world.js";
import { ClientSession } from "./client-session.js";
import { runnerOperation } from "./src/support/runner-operation.js";

const tagLength = 12;
const cipher = new NodeCipher();

/** Status, and on success buffer `number` with its new content. */
function replacing(isRight: boolean, number: number, content: Buffer): Buffer {
	return isRight ? Buffer.concat([Buffer.of(1, number), content]) : Buffer.of(0);
}

/** Takes the buffers of a request apart: each a length of two octets, high first, and the content. */
function splitBuffers(request: Buffer): Buffer[] {
	const buffers: Buffer[] = [];
	for (let at = 1; at < request.length; ) {
		const length = request.readUInt16BE(at);
		buffers.push(request.subarray(at + 2, at + 2 + length));
		at += 2 + length;
	}
	return buffers;
}

/**
 * Answers the `callRunner` requests of one scenario: stands for the native code of the board (ciphers, random numbers).
 */
export class RunnerService {
	#randomBlock = 0;
	#world: ChipWorld | undefined;
	readonly #fram = new MemoryFram();
	#session: ClientSession | undefined;

	/** As `compute`, and what needs a client that waits for its answers. */
	async answer(request: Buffer): Promise<Buffer> {
		if (request[0] !== runnerOperation.exchange) return this.compute(request);
		const [response, , visit] = splitBuffers(request);
		this.#session ??= new ClientSession(visit![0]!);
		const { turn } = this.#session;
		const next = await this.#session.next(response!);
		if (next === undefined) return Buffer.of(0);
		const status = (turn.isWriting ? 2 : 1) + (turn.isMeasured ? 4 : 0) + (turn.isNew ? 8 : 0);
		const { content, length } = next;
		return Buffer.concat([Buffer.of(status, 2), content, Buffer.of(3, turn.link, length >> 8, length & 255)]);
	}

	/** @returns status, then for each replaced buffer its number (the first is 1) and content */
	compute(request: Buffer): Buffer {
		const operation = request[0];
		const buffers = splitBuffers(request);
		const [first, second, third, fourth, fifth] = buffers as [Buffer, Buffer, Buffer, Buffer, Buffer];
		switch (operation) {
			case runnerOperation.gcmSeal: {
				const tag = Buffer.alloc(tagLength);
				cipher.gcmSeal(first, second, third, fourth, tag);
				return Buffer.concat([Buffer.of(1, 4), fourth, Buffer.of(5), tag]);
			}
			case runnerOperation.gcmOpen:
				return replacing(cipher.gcmOpen(first, second, third, fourth, fifth), 4, fourth);
			case runnerOperation.wrapKey:
				cipher.wrapKey(first, second, third);
				return replacing(true, 3, third);
			case runnerOperation.unwrapKey:
				return replacing(cipher.unwrapKey(first, second, third), 3, third);
			case runnerOperation.sha256:
				cipher.sha256(first, second);
				return replacing(true, 2, second);
			case runnerOperation.digest:
				cipher.digest(first.toString("latin1") as HashName, second, third);
				return replacing(true, 3, third);
			case runnerOperation.publicKeyOf:
				return replacing(cipher.publicKeyOf(first, second), 2, second);
			case runnerOperation.sign:
				cipher.sign(first, second, third);
				return replacing(true, 3, third);
			case runnerOperation.verify:
				return Buffer.of(cipher.verify(first, second, third) ? 1 : 0);
			case runnerOperation.agree:
				return replacing(cipher.agree(first, second, third), 3, third);
			case runnerOperation.random:
				return Buffer.concat([Buffer.of(1, 1), this.#random(first.length)]);
			case runnerOperation.spi:
				this.#world ??= new ChipWorld();
				this.#world.transfer(first.readDoubleBE(), second);
				return Buffer.concat([Buffer.of(1, 2), second]);
			case runnerOperation.framRead:
				this.#fram.read(first.readUInt32BE(), second);
				return replacing(true, 2, second);
			case runnerOperation.framWrite:
				this.#fram.write(first.readUInt32BE(), second);
				return Buffer.of(1);
			default:
				throw new Error(`unknown operation ${operation}`);
		}
	}

	#random(length: number): Buffer {
		const octets: Buffer[] = [];
		for (let have = 0; have < length; have += 32) {
			octets.push(
				createHash("sha256")
					.update(`sx402 engine ${this.#randomBlock++}`)
					.digest(),
			);
		}
		return Buffer.concat(octets).subarray(0, length);
	}
}
