// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/**
 * Sockets that leave HTTP for a WebSocket. The HTTP server forgets them at that moment, with its time-outs, so this
 * keeps count of them: whoever asks for another address than the one that has a WebSocket is cut off at once.
 */
export class UpgradeGate {
	readonly #sockets = new Set<Duplex>();

	/** @param path the only address with a WebSocket */
	constructor(server: Server, path: string) {
		server.prependListener("upgrade", (request: IncomingMessage, socket: Duplex) => {
			this.#sockets.add(socket);
			socket.on("close", () => this.#sockets.delete(socket));
			if (request.url?.split("?", 1)[0] === path) return;
			socket.on("error", () => undefined); // what is written to it from here on
			socket.destroy();
		});
	}

	/** Cuts off all that are left. */
	close(): void {
		for (const socket of this.#sockets) socket.destroy();
	}
}
