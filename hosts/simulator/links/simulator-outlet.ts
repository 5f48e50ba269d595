// SPDX-License-Identifier: Apache-2.0
import { createSocket } from "node:dgram";
import { connect, isIPv6, type Socket } from "node:net";
import { dlmsPort } from "../../../src/cosem/wrapper/stored-tcp-udp-setup.js";
import { encodeWrapperHeader, wrapperHeaderSize, wrapperVersion } from "../../../src/cosem/wrapper/wrapper-header.js";
import type { Log } from "../../../src/ports/log.js";
import { type OutgoingMessage, type Outlet, type OutletListener, transport } from "../../../src/ports/outlet.js";
import type { Endpoint } from "../capture/ip-packets.js";
import { isLoopback } from "./tcp-link-server.js";

/** A connection that is not there after so long has failed. */
const connectTimeout_ms = 5000;

/**
 * Brings messages of the meter to their destination. A simulator that listens on this machine alone also talks to nobody
 * else, whatever a client has written into its push setups.
 */
export class SimulatorOutlet implements Outlet {
	/** 127.0.0.1, or any other address that the simulator listens on, as a number. */
	readonly address: number;
	/** Takes over a connection whose message has been sent: the receiver may go on as a client. */
	adopt: ((socket: Socket, message: Uint8Array) => void) | undefined;
	/** Told of each datagram that leaves. */
	onDatagram: ((receiver: Endpoint, meter: Endpoint, payload: Uint8Array) => void) | undefined;
	/** Told when the meter wants to be reached on another port. */
	onPort: ((port: number) => void) | undefined;
	/** The port that the meter wants to be reached on. */
	port: number = dlmsPort;
	readonly #isOpen: boolean;
	readonly #log: Log;
	readonly #sockets = new Set<Socket>();

	/** @param host address that the simulator listens on */
	constructor(host: string, log: Log) {
		this.#isOpen = !isLoopback(host) && host !== "localhost";
		this.#log = log;
		const octets =
			/^\d+\.\d+\.\d+\.\d+$/.test(host) && host !== "0.0.0.0" ? host.split(".").map(Number) : [127, 0, 0, 1];
		this.address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
	}

	send(message: OutgoingMessage, listener: OutletListener): void {
		const { destination, sourceSap, destinationSap, apdu, number } = message;
		const at = destination.lastIndexOf(":");
		const host = destination.slice(0, at).replace(/^\[(.*)\]$/, "$1");
		const port = Number(destination.slice(at + 1));
		const unit = new Uint8Array(wrapperHeaderSize + apdu.length);
		const header = { version: wrapperVersion, sourceWPort: sourceSap, destinationWPort: destinationSap };
		encodeWrapperHeader({ ...header, length: apdu.length }, unit, 0);
		unit.set(apdu, wrapperHeaderSize);
		const done = (isDelivered: boolean): void => listener.messageSent(number, isDelivered);
		if (!this.#isOpen && host !== "localhost" && !isLoopback(host)) {
			this.#log.write("warning", "links", `push to ${destination} refused: this simulator is for loopback alone`);
			setImmediate(done, false);
		} else if (message.transport === transport.udp) this.#sendDatagram(host, port, unit, done);
		else this.#sendStream(host, port, unit, done);
	}

	listen(port: number): void {
		if (port === this.port) return;
		this.port = port;
		this.onPort?.(port);
	}

	close(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	#sendDatagram(host: string, port: number, unit: Uint8Array, done: (isDelivered: boolean) => void): void {
		const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
		const end = (error?: Error | null): void => {
			socket.close();
			done(error == null);
		};
		socket.once("error", end);
		// connected first: only then both addresses are known
		socket.connect(port, host, () => {
			this.onDatagram?.(socket.remoteAddress(), socket.address(), unit);
			socket.send(unit, (error) => {
				socket.removeAllListeners("error");
				end(error);
			});
		});
	}

	#sendStream(host: string, port: number, unit: Uint8Array, done: (isDelivered: boolean) => void): void {
		const socket = connect({ host, port, noDelay: true });
		this.#sockets.add(socket);
		socket.setTimeout(connectTimeout_ms, () => socket.destroy());
		const fail = (): void => {
			this.#sockets.delete(socket);
			done(false);
		};
		socket.on("error", () => undefined); // "close" follows
		socket.once("close", fail);
		socket.once("connect", () => {
			socket.setTimeout(0);
			socket.off("close", fail);
			this.#sockets.delete(socket);
			if (this.adopt === undefined) socket.end(unit);
			else this.adopt(socket, unit);
			done(true);
		});
	}
}
