// SPDX-License-Identifier: Apache-2.0
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { ApduHandler } from "../../../src/cosem/apdu-handler.js";
import { WrapperDatagram } from "../../../src/cosem/wrapper/wrapper-datagram.js";
import type { Log } from "../../../src/ports/log.js";
import type { Capture } from "../capture/capture.js";
import { ListenError } from "./listen-error.js";

export interface UdpLinkServerOptions {
	readonly host: string;
	readonly port: number;
	readonly handler: ApduHandler;
	readonly capture?: Capture | undefined;
	readonly log: Log;
}

/** DLMS over UDP with the wrapper, on the port number of the TCP one: datagrams in, none out. */
export class UdpLinkServer {
	readonly nextDeadline_ms = Infinity;
	readonly #options: UdpLinkServerOptions;
	#socket: Socket;
	#session: WrapperDatagram;

	constructor(options: UdpLinkServerOptions) {
		this.#options = options;
		this.#socket = this.#createSocket();
		this.#session = this.#createSession();
	}

	/** @throws ListenError when the address cannot be bound */
	listen(): Promise<number> {
		return this.#bind(this.#socket, this.#options.port);
	}

	/**
	 * Takes datagrams on another port instead.
	 * @throws ListenError when the address cannot be bound: the old port then stays
	 */
	async move(port: number): Promise<number> {
		const socket = this.#createSocket();
		const found = await this.#bind(socket, port);
		this.#socket.close();
		this.#socket = socket;
		return found;
	}

	#createSocket(): Socket {
		const socket = createSocket(isIPv6(this.#options.host) ? "udp6" : "udp4");
		socket.on("message", (message, from) => this.#take(message, from));
		return socket;
	}

	#bind(socket: Socket, port: number): Promise<number> {
		const { host, log } = this.#options;
		return new Promise((resolve, reject) => {
			const fail = (error: NodeJS.ErrnoException) => reject(new ListenError(host, port, error.code ?? "unknown"));
			socket.once("error", fail);
			socket.bind({ address: host, port, exclusive: true }, () => {
				socket.off("error", fail);
				socket.on("error", (error) => log.write("warning", "links", `udp: ${error.message}`));
				resolve(socket.address().port);
			});
		});
	}

	advance(): void {}

	/** What a meter without supply forgets. */
	dropAll(): void {
		this.#session.close();
		this.#session = this.#createSession();
	}

	close(): Promise<void> {
		this.#session.close();
		return new Promise((resolve) => this.#socket.close(() => resolve()));
	}

	#createSession(): WrapperDatagram {
		return new WrapperDatagram(this.#options.handler, { port: "udp", name: "udp" });
	}

	#take(message: Buffer, from: RemoteInfo): void {
		const { capture, log } = this.#options;
		capture?.datagram(from, this.#socket.address(), true, message);
		try {
			this.#session.receive(message);
		} catch (error) {
			log.write("error", "links", error instanceof Error ? (error.stack ?? error.message) : String(error));
		}
	}
}
