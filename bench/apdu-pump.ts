// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "../tests/support/client/duplex.js";

const headerSize = 8;
const lengthAt = 6;
const nothing = Buffer.alloc(0);

/**
 * One TCP connection that sends units of the wrapper as they are and waits for a whole unit in return. It does no more than
 * that, so that what is measured is the other side. As a duplex it serves a client that opens an association on it.
 */
export class ApduPump implements Duplex {
	/** The unit that came last. */
	last: Buffer = nothing;
	onData: (bytes: Uint8Array) => void = () => undefined;
	onClose: () => void = () => undefined;
	readonly #socket: Socket;
	#received: Buffer = nothing;
	#wake: ((unit: Buffer) => void) | undefined;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.on("data", (chunk: Buffer) => this.#take(chunk));
		socket.on("error", () => undefined); // "close" follows
		socket.on("close", () => this.onClose());
	}

	static async open(port: number): Promise<ApduPump> {
		const socket = connect({ port, host: "127.0.0.1", noDelay: true });
		await once(socket, "connect");
		return new ApduPump(socket);
	}

	/** @returns the answer with its header */
	exchange(unit: Uint8Array): Promise<Buffer> {
		const answer = new Promise<Buffer>((resolve) => {
			this.#wake = resolve;
		});
		this.#socket.write(unit);
		return answer;
	}

	write(bytes: Uint8Array): void {
		this.#socket.write(bytes);
	}

	close(): void {
		this.#socket.destroy();
	}

	#take(chunk: Buffer): void {
		const received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
		if (received.length < headerSize || received.length < headerSize + received.readUInt16BE(lengthAt)) {
			this.#received = received;
			return;
		}
		this.#received = nothing;
		this.last = received;
		const wake = this.#wake;
		this.#wake = undefined;
		if (wake === undefined) this.onData(received);
		else wake(received);
	}
}
