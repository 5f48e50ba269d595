// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { concat } from "./bytes.js";

/**
 * A line to the meter: a socket, or a session in the same process. What is received is given to `onData`, before or
 * after `write` returns.
 */
export interface Duplex {
	write(bytes: Uint8Array): void;
	/** Resolves when the other side has closed too, if there is another side. */
	close(): Promise<void> | void;
	onData: (bytes: Uint8Array) => void;
	onClose: () => void;
	/** Called while the client waits and nothing comes; a duplex in virtual time moves the meter's time here. */
	idle?(): void;
}

/** Nothing came in time. */
export class NoAnswerError extends Error {
	override readonly name = "NoAnswerError";
}

/** The meter closed the line. */
export class LineClosedError extends Error {
	override readonly name = "LineClosedError";
}

class SocketDuplex implements Duplex {
	readonly #socket: Socket;
	onData: (bytes: Uint8Array) => void = () => undefined;
	onClose: () => void = () => undefined;

	constructor(socket: Socket) {
		this.#socket = socket;
		socket.on("data", (chunk: Buffer) => this.onData(Uint8Array.from(chunk)));
		socket.on("error", () => undefined); // "close" follows
		socket.on("close", () => this.onClose());
	}

	write(bytes: Uint8Array): void {
		this.#socket.write(bytes);
	}

	close(): Promise<void> {
		return new Promise((resolve) => {
			if (this.#socket.closed) return resolve();
			const impatience = setTimeout(() => this.#socket.destroy(), 1000);
			this.#socket.once("close", () => {
				clearTimeout(impatience);
				resolve();
			});
			this.#socket.end();
		});
	}
}

export interface TcpAddress {
	/** 127.0.0.1 unless given. */
	readonly host?: string | undefined;
	readonly port: number;
}

/** Opens a TCP connection. */
export function openTcp({ host = "127.0.0.1", port }: TcpAddress): Promise<Duplex> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host, port, noDelay: true });
		socket.once("error", reject);
		socket.once("connect", () => {
			socket.off("error", reject);
			resolve(new SocketDuplex(socket));
		});
	});
}

/** What a parser took: a message, and how many octets of the stream it used. */
export interface Taken<Message> {
	readonly message: Message;
	readonly used: number;
}

/** How many times a duplex in virtual time is asked to move on before the answer is given up. */
const longestIdle = 10_000;

/** Buffers what a duplex receives until a parser finds a whole message in it. */
export class ByteStream {
	readonly #duplex: Duplex;
	readonly #timeout_ms: number;
	#pending: Uint8Array = new Uint8Array(0);
	#isClosed = false;
	#wake: () => void = () => undefined;

	/** @param timeout_ms longest wait for an answer, real time */
	constructor(duplex: Duplex, timeout_ms = 5000) {
		this.#duplex = duplex;
		this.#timeout_ms = timeout_ms;
		duplex.onData = (bytes) => {
			this.#pending = concat(this.#pending, bytes);
			this.#wake();
		};
		duplex.onClose = () => {
			this.#isClosed = true;
			this.#wake();
		};
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** What has come and was not yet taken. */
	get pending(): Uint8Array {
		return this.#pending;
	}

	write(bytes: Uint8Array): void {
		this.#duplex.write(bytes);
	}

	async close(): Promise<void> {
		await this.#duplex.close();
	}

	/** Forgets what has come. */
	clear(): void {
		this.#pending = new Uint8Array(0);
	}

	/**
	 * Waits until `parse` finds a message at the begin of what has come. It returns undefined to wait for more.
	 * @throws NoAnswerError, LineClosedError, and what `parse` throws
	 */
	async take<Message>(
		parse: (pending: Uint8Array) => Taken<Message> | undefined,
		timeout_ms = this.#timeout_ms,
	): Promise<Message> {
		const deadline_ms = performance.now() + timeout_ms;
		for (let turn = 0; ; turn++) {
			const taken = this.#pending.length === 0 ? undefined : parse(this.#pending);
			if (taken !== undefined) {
				this.#pending = this.#pending.slice(taken.used);
				return taken.message;
			}
			if (this.#isClosed) throw new LineClosedError("line closed by the meter");
			if (this.#duplex.idle !== undefined) {
				if (turn >= longestIdle) throw new NoAnswerError("no answer");
				this.#duplex.idle();
			} else if (!(await this.#wait(deadline_ms - performance.now()))) {
				throw new NoAnswerError(`no answer within ${timeout_ms} ms`);
			}
		}
	}

	/** Waits until the meter has closed the line. */
	async closed(timeout_ms = this.#timeout_ms): Promise<void> {
		const deadline_ms = performance.now() + timeout_ms;
		while (!this.#isClosed) {
			if (this.#duplex.idle !== undefined) this.#duplex.idle();
			else if (!(await this.#wait(deadline_ms - performance.now()))) throw new NoAnswerError("line stays open");
		}
	}

	#wait(wait_ms: number): Promise<boolean> {
		return new Promise((resolve) => {
			const timer = setTimeout(() => finish(false), Math.max(wait_ms, 0));
			const finish = (hasNews: boolean) => {
				clearTimeout(timer);
				this.#wake = () => undefined;
				resolve(hasNews);
			};
			this.#wake = () => finish(true);
		});
	}
}
