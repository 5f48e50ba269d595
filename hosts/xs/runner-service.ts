// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { ChipWorld } from "./chip-world.js";
import { ClientSession } from "./client-session.js";
import { runnerOperation } from "./src/support/runner-operation.js";

const tagLength = 12;
/** Initial value of RFC 3394, 2.2.3.1. */
const wrapInitialValue = Buffer.alloc(8, 0xa6);

function wrapName(key: Uint8Array): string {
	return `id-aes${key.length * 8}-wrap`;
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
	#session: ClientSession | undefined;

	/** As `compute`, and what needs a client that waits for its answers. */
	async answer(request: Buffer): Promise<Buffer> {
		if (request[0] !== runnerOperation.exchange) return this.compute(request);
		const [response] = splitBuffers(request);
		this.#session ??= new ClientSession();
		const next = await this.#session.next(response!);
		return next === undefined
			? Buffer.of(0)
			: Buffer.concat([Buffer.of(this.#session.turn.isWriting ? 2 : 1, 2), next]);
	}

	/** @returns status, then for each replaced buffer its number (the first is 1) and content */
	compute(request: Buffer): Buffer {
		const operation = request[0];
		const buffers = splitBuffers(request);
		const [first, second, third, fourth, fifth] = buffers as [Buffer, Buffer, Buffer, Buffer, Buffer];
		switch (operation) {
			case runnerOperation.gcmSeal: {
				const cipher = createCipheriv(gcmName(first), first, second, { authTagLength: tagLength });
				cipher.setAAD(third);
				const text = Buffer.concat([cipher.update(fourth), cipher.final()]);
				return Buffer.concat([Buffer.of(1, 4), text, Buffer.of(5), cipher.getAuthTag()]);
			}
			case runnerOperation.gcmOpen: {
				const decipher = createDecipheriv(gcmName(first), first, second, { authTagLength: tagLength });
				decipher.setAAD(third);
				decipher.setAuthTag(fifth);
				try {
					return Buffer.concat([Buffer.of(1, 4), decipher.update(fourth), decipher.final()]);
				} catch {
					return Buffer.of(0);
				}
			}
			case runnerOperation.wrapKey: {
				const cipher = createCipheriv(wrapName(first), first, wrapInitialValue);
				return Buffer.concat([Buffer.of(1, 3), cipher.update(second), cipher.final()]);
			}
			case runnerOperation.unwrapKey: {
				const decipher = createDecipheriv(wrapName(first), first, wrapInitialValue);
				try {
					return Buffer.concat([Buffer.of(1, 3), decipher.update(second), decipher.final()]);
				} catch {
					return Buffer.of(0);
				}
			}
			case runnerOperation.sha256:
				return Buffer.concat([Buffer.of(1, 2), createHash("sha256").update(first).digest()]);
			case runnerOperation.random:
				return Buffer.concat([Buffer.of(1, 1), this.#random(first.length)]);
			case runnerOperation.spi:
				this.#world ??= new ChipWorld();
				this.#world.transfer(first.readDoubleBE(), second);
				return Buffer.concat([Buffer.of(1, 2), second]);
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

function gcmName(key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" {
	return key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
}
