// SPDX-License-Identifier: Apache-2.0

import { connect, type Socket } from "node:net";
import type { LinkTime } from "../../../../hosts/simulator/links/stream-server.js";
import { fromHex, toHex } from "../../../support/client/bytes.js";

/** Meter time that only tests move. */
export class ManualTime implements LinkTime {
	time_ms = 0;
	changes = 0;

	now_ms(): number {
		return this.time_ms;
	}

	deadlineChanged(): void {
		this.changes++;
	}
}

/** A TCP client that waits for events, never for time. */
export class TestClient {
	readonly socket: Socket;
	received = "";
	isClosed = false;
	#changed: () => void = () => undefined;

	private constructor(socket: Socket) {
		this.socket = socket;
		socket.on("data", (bytes) => {
			this.received += toHex(bytes);
			this.#changed();
		});
		socket.on("error", () => undefined);
		socket.on("close", () => {
			this.isClosed = true;
			this.#changed();
		});
	}

	static open(port: number, host = "127.0.0.1"): Promise<TestClient> {
		return new Promise((resolve, reject) => {
			const socket = connect({ port, host });
			const client = new TestClient(socket);
			socket.once("connect", () => resolve(client));
			socket.once("error", reject);
		});
	}

	send(hex: string): void {
		this.socket.write(fromHex(hex));
	}

	/** Resolves with the next `length` octets in hex; rejects when the connection closes before. */
	async take(length: number): Promise<string> {
		while (this.received.length < 2 * length) {
			if (this.isClosed) throw new Error(`closed after ${this.received}`);
			await this.#change();
		}
		const taken = this.received.slice(0, 2 * length);
		this.received = this.received.slice(2 * length);
		return taken;
	}

	async closed(): Promise<void> {
		while (!this.isClosed) await this.#change();
	}

	/** Stops to take octets from the operating system. */
	stopReading(): void {
		this.socket.pause();
	}

	end(): Promise<void> {
		this.socket.destroy();
		return this.closed();
	}

	#change(): Promise<void> {
		return new Promise((resolve) => {
			this.#changed = resolve;
		});
	}
}

/** Lets pending events of the operating system be served until `condition` holds; mocha's time-out is the limit. */
export async function until(condition: () => boolean): Promise<void> {
	while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
