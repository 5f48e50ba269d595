// SPDX-License-Identifier: Apache-2.0
import type { WebSocket } from "@fastify/websocket";

const period_ms = 200;
/** Whoever has not read this much is not looking: the state is left out for him. */
const longestBacklog = 256 * 1024;
export const greatestNumberOfViewers = 32;

/** Pushes the state to all viewers about five times a second; costs nothing while nobody looks. */
export class LiveFeed {
	readonly #state: () => string;
	readonly #viewers = new Set<WebSocket>();
	#timer: NodeJS.Timeout | undefined;

	/** @param state the state as JSON */
	constructor(state: () => string) {
		this.#state = state;
	}

	get viewers(): number {
		return this.#viewers.size;
	}

	/** Takes a viewer in and sends the present state at once. */
	add(socket: WebSocket): void {
		if (this.#viewers.size >= greatestNumberOfViewers) {
			socket.close(1013, "too many viewers");
			return;
		}
		this.#viewers.add(socket);
		socket.on("error", () => undefined); // "close" follows
		socket.on("close", () => this.#remove(socket));
		socket.send(this.#state());
		this.#timer ??= setInterval(() => this.push(), period_ms);
	}

	/** Sends the present state to everybody. */
	push(): void {
		if (this.#viewers.size === 0) return;
		const state = this.#state();
		for (const socket of this.#viewers) {
			if (socket.bufferedAmount < longestBacklog) socket.send(state);
		}
	}

	close(): void {
		for (const socket of this.#viewers) socket.terminate();
		this.#viewers.clear();
		this.#stop();
	}

	#remove(socket: WebSocket): void {
		this.#viewers.delete(socket);
		if (this.#viewers.size === 0) this.#stop();
	}

	#stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}
}
