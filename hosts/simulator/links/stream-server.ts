// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server, type Socket } from "node:net";
import type { LinkInfo, PortKind } from "../../../src/cosem/apdu-handler.js";
import type { LinkSession, LinkSink } from "../../../src/ports/link.js";
import type { Log } from "../../../src/ports/log.js";
import type { LinkTap } from "../capture/capture.js";
import type { Endpoint } from "../capture/ip-packets.js";
import { ListenError } from "./listen-error.js";

/** The meter's time as a server of links needs it. */
export interface LinkTime {
	/** Monotonic meter time. */
	now_ms(): number;
	/** The deadline of some session may have moved, to `deadline_ms` if given: look at `nextDeadline_ms` in time. */
	deadlineChanged(deadline_ms?: number): void;
}

export interface StreamServerOptions {
	readonly host: string;
	/** 0 = any free port. */
	readonly port: number;
	readonly time: LinkTime;
	readonly log?: Log;
	/** Octets that may wait for a client that does not read, before it is dropped; 1 MiB unless given. */
	readonly maximumBacklog?: number;
	/** How long a connection waits for room before it is refused, real time; 200 ms unless given. */
	readonly roomTimeout_ms?: number;
	/** Watches what goes over a connection. */
	readonly tap?: (port: PortKind, peer: Endpoint, meter: Endpoint, isOutgoing: boolean) => LinkTap;
}

/** One connection, and what tells whether it may go when another one wants in. */
export interface Connection<Session extends LinkSession> {
	readonly session: Session;
	readonly openedAt_ms: number;
	lastReceived_ms: number;
}

interface OpenConnection<Session extends LinkSession> extends Connection<Session> {
	readonly socket: Socket;
	readonly remoteAddress: string;
	readonly tap: LinkTap | undefined;
}

/** A connection that there is no room for yet. */
interface Waiting {
	readonly socket: Socket;
	readonly timer: NodeJS.Timeout;
}

/**
 * A client that closes and connects again at once may be seen before the end of its old connection is: the two arrive as
 * events of different sockets. More than so many never wait, so that a flood is refused as fast as it comes.
 */
const defaultRoomTimeout_ms = 200;
const maximumWaiting = 8;

/** With so much waiting for a client, nothing more is read from it. */
const highWater = 64 * 1024;

/** Octets given to a session at once: between two pieces the backlog is looked at. */
const pieceSize = 512;

/**
 * Accepts TCP connections and runs one session on each. Sessions never wait for each other: a client that does not
 * read is first not read from, then dropped.
 */
export abstract class StreamServer<Session extends LinkSession> {
	protected readonly options: StreamServerOptions;
	readonly #port: PortKind;
	#server: Server;
	readonly #connections = new Set<OpenConnection<Session>>();
	/** In the order they came. */
	readonly #waiting = new Set<Waiting>();
	readonly #maximumBacklog: number;

	constructor(port: PortKind, options: StreamServerOptions) {
		this.#port = port;
		this.options = options;
		this.#maximumBacklog = options.maximumBacklog ?? 1024 * 1024;
		this.#server = this.#createServer();
	}

	/** Makes the session of a new connection. */
	protected abstract createSession(sink: LinkSink, info: LinkInfo, now_ms: number, isOutgoing: boolean): Session;

	/** True when a connection from this address may be made. `sameAddress` of them are open already, `count` in all. */
	protected abstract hasRoom(count: number, sameAddress: number, remoteAddress: string): boolean;

	/** Order in which connections are given up for a new one: lowest first, undefined = never. */
	protected evictionRank(_connection: Connection<Session>, _now_ms: number): number | undefined {
		return undefined;
	}

	get connectionCount(): number {
		return this.#connections.size;
	}

	/**
	 * Starts to accept connections.
	 * @returns the port, which is the one asked for unless that was 0
	 * @throws ListenError when the address cannot be bound
	 */
	listen(): Promise<number> {
		return this.#listenWith(this.#server, this.options.port);
	}

	/**
	 * Accepts connections on another port instead; those that are open stay so.
	 * @throws ListenError when the address cannot be bound: the old port then stays
	 */
	async move(port: number): Promise<number> {
		const server = this.#createServer();
		const found = await this.#listenWith(server, port);
		this.#server.close();
		this.#server = server;
		return found;
	}

	#createServer(): Server {
		return createServer({ noDelay: true }, (socket) => this.#accept(socket));
	}

	#listenWith(server: Server, port: number): Promise<number> {
		const { host } = this.options;
		return new Promise((resolve, reject) => {
			const fail = (error: NodeJS.ErrnoException) => reject(new ListenError(host, port, error.code ?? "unknown"));
			server.once("error", fail);
			server.listen({ host, port }, () => {
				server.off("error", fail);
				server.on("error", (error) => this.#warn(`server: ${error.message}`));
				const address = server.address();
				resolve(typeof address === "object" && address !== null ? address.port : port);
			});
		});
	}

	/** Sends a message on a connection that the meter has made, and serves it like one that was accepted. */
	adopt(socket: Socket, message: Uint8Array): void {
		this.#serve(socket, message);
	}

	/** Closes every connection, as a meter without supply does. */
	dropAll(): void {
		for (const { socket } of this.#waiting) socket.destroy();
		for (const waiting of [...this.#waiting]) this.#stopWaiting(waiting);
		for (const connection of [...this.#connections]) this.#drop(connection);
	}

	/** Closes every connection and stops to listen. */
	close(): Promise<void> {
		this.dropAll();
		return new Promise((resolve) => {
			this.#server.close(() => resolve());
		});
	}

	/** Earliest deadline of all sessions. */
	get nextDeadline_ms(): number {
		let next = Infinity;
		for (const { session } of this.#connections) next = Math.min(next, session.nextDeadline_ms);
		return next;
	}

	/** Runs the time-outs that are due. */
	advance(now_ms: number): void {
		for (const connection of [...this.#connections]) {
			if (connection.session.nextDeadline_ms > now_ms) continue;
			this.#guard(connection, () => connection.session.advance(now_ms));
		}
		this.options.time.deadlineChanged();
	}

	#accept(socket: Socket): void {
		socket.on("error", () => undefined); // "close" follows and says all we need
		if (this.#makeRoom(socket.remoteAddress ?? "", this.options.time.now_ms())) this.#serve(socket);
		else if (this.#waiting.size < maximumWaiting) this.#letWait(socket);
		else this.#refuse(socket);
	}

	#refuse(socket: Socket): void {
		this.#warn(`${this.#port}: no room for ${socket.remoteAddress ?? ""}`);
		socket.destroy();
	}

	#letWait(socket: Socket): void {
		const timer = setTimeout(() => {
			this.#stopWaiting(waiting);
			this.#refuse(socket);
		}, this.options.roomTimeout_ms ?? defaultRoomTimeout_ms);
		const waiting: Waiting = { socket, timer };
		this.#waiting.add(waiting);
		socket.once("close", () => this.#stopWaiting(waiting));
	}

	#stopWaiting(waiting: Waiting): void {
		clearTimeout(waiting.timer);
		this.#waiting.delete(waiting);
	}

	/** A connection has ended: those that wait try again. */
	#admitWaiting(): void {
		for (const waiting of [...this.#waiting]) {
			const { socket } = waiting;
			if (socket.destroyed || !this.#makeRoom(socket.remoteAddress ?? "", this.options.time.now_ms())) continue;
			this.#stopWaiting(waiting);
			this.#serve(socket);
		}
	}

	#serve(socket: Socket, message?: Uint8Array): void {
		const now_ms = this.options.time.now_ms();
		const remoteAddress = socket.remoteAddress ?? "";
		const name = `${this.#port}:${remoteAddress}:${socket.remotePort ?? 0}`;
		const tap = this.options.tap?.(
			this.#port,
			{ address: remoteAddress, port: socket.remotePort ?? 0 },
			{ address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
			message !== undefined,
		);
		const sink: LinkSink = {
			send: (bytes) => {
				if (socket.destroyed) return;
				tap?.sent(bytes);
				socket.write(Buffer.from(bytes));
			},
			disconnect: () => {
				socket.uncork();
				// who has not taken all that was sent will not get it: nothing may linger for a peer that does not read
				if (socket.writableLength > 0) socket.destroy();
				else socket.destroySoon();
			},
		};
		if (message !== undefined) sink.send(message);
		const session = this.createSession(sink, { port: this.#port, name }, now_ms, message !== undefined);
		const connection = { socket, session, remoteAddress, tap, openedAt_ms: now_ms, lastReceived_ms: now_ms };
		this.#connections.add(connection);
		socket.on("data", (chunk: Buffer) => this.#receive(connection, chunk));
		socket.on("drain", () => socket.resume());
		socket.on("close", () => this.#drop(connection));
		this.options.time.deadlineChanged();
	}

	#receive(connection: OpenConnection<Session>, chunk: Buffer): void {
		const { socket, session } = connection;
		const now_ms = this.options.time.now_ms();
		connection.lastReceived_ms = now_ms;
		this.#guard(connection, () => {
			for (let from = 0; from < chunk.length && !socket.destroyed; from += pieceSize) {
				const piece = chunk.subarray(from, from + pieceSize);
				connection.tap?.received(piece);
				session.receive(piece, now_ms);
				if (socket.writableLength > this.#maximumBacklog) {
					this.#warn(`${this.#port}: ${connection.remoteAddress} does not read, dropped`);
					this.#drop(connection);
				} else if (socket.writableLength > highWater) {
					socket.pause();
					if (from + pieceSize < chunk.length) socket.unshift(chunk.subarray(from + pieceSize));
					break;
				}
			}
		});
		this.options.time.deadlineChanged(session.nextDeadline_ms);
	}

	/** An exception in a session is our fault; it must not cost more than this connection. */
	#guard(connection: OpenConnection<Session>, work: () => void): void {
		connection.socket.cork();
		try {
			work();
		} catch (error) {
			this.options.log?.write(
				"error",
				"links",
				error instanceof Error ? (error.stack ?? error.message) : String(error),
			);
			this.#drop(connection);
		}
		connection.socket.uncork();
	}

	#makeRoom(remoteAddress: string, now_ms: number): boolean {
		let sameAddress = 0;
		for (const connection of this.#connections) if (connection.remoteAddress === remoteAddress) sameAddress++;
		if (this.hasRoom(this.#connections.size, sameAddress, remoteAddress)) return true;
		if (!this.hasRoom(this.#connections.size - 1, sameAddress, remoteAddress)) return false;
		let victim: OpenConnection<Session> | undefined;
		let lowest = Infinity;
		for (const connection of this.#connections) {
			const rank = this.evictionRank(connection, now_ms);
			if (rank === undefined || rank >= lowest) continue; // the set is in order of age
			lowest = rank;
			victim = connection;
		}
		if (victim === undefined) return false;
		this.#remove(victim);
		return true;
	}

	#drop(connection: OpenConnection<Session>): void {
		if (this.#remove(connection)) this.#admitWaiting();
	}

	/** False when it had been removed before. */
	#remove(connection: OpenConnection<Session>): boolean {
		if (!this.#connections.delete(connection)) return false;
		connection.session.close();
		connection.socket.destroy();
		connection.tap?.closed(connection.socket.readableEnded || connection.socket.errored !== null);
		this.options.time.deadlineChanged();
		return true;
	}

	#warn(message: string): void {
		this.options.log?.write("warning", "links", message);
	}
}
