// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** A pseudo-terminal could not be had; the message says what to do. */
export class PtyError extends Error {
	override readonly name = "PtyError";
}

/** A client that is silent for so long has told the terminal its rate and format. */
const settled_ms = 250;
/** A rate that no client asks for. */
const neutralRate = "50";

/**
 * A pseudo-terminal in front of a link that is served on a TCP port of this machine, for clients that want a serial port.
 * The terminal is made by socat, stays for the whole life of the bridge and does not care whether anybody has it open; the
 * connection behind it is made when something is written to it, and again after a failure of the meter's supply.
 *
 * A pseudo-terminal has no rate and always eight bits. Linux refuses a client that asks for seven bits with parity, unless
 * something else of what it asks for does change; so the rate is changed behind the back of each client.
 */
export class PtyBridge {
	/** Device file to open, such as `/dev/pts/3`. */
	readonly path: string;
	readonly #socat: ChildProcess;
	readonly #port: number;
	/** Held open so that the terminal outlives each client. */
	readonly #held: number;
	#socket: Socket | undefined;
	#settling: NodeJS.Timeout | undefined;

	private constructor(socat: ChildProcess, path: string, port: number) {
		this.path = path;
		this.#socat = socat;
		this.#port = port;
		this.#held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
		socat.stdout?.on("data", (octets: Buffer) => {
			this.#connection().write(octets);
			if (process.platform !== "linux") return;
			clearTimeout(this.#settling);
			this.#settling = setTimeout(() => this.#neutralise(), settled_ms);
		});
		socat.stdin?.on("error", () => undefined); // it has ended: there is nobody to tell
	}

	/**
	 * @param port TCP port of the link on 127.0.0.1
	 * @throws PtyError when there is no socat, or no terminal left
	 */
	static open(port: number): Promise<PtyBridge> {
		const socat = spawn("socat", ["-d", "-d", "PTY,rawer,echo=0", "STDIO"], { stdio: ["pipe", "pipe", "pipe"] });
		return new Promise((resolve, reject) => {
			let said = "";
			socat.once("error", () =>
				reject(new PtyError("a pseudo-terminal needs the program socat (Debian: apt-get install socat)")),
			);
			socat.once("close", () => reject(new PtyError(`socat ended: ${said}`)));
			createInterface({ input: socat.stderr }).on("line", (line) => {
				said = line;
				const path = / PTY is (\S+)$/.exec(line)?.[1];
				if (path === undefined) return;
				try {
					resolve(new PtyBridge(socat, path, port));
				} catch (error) {
					socat.kill();
					reject(new PtyError((error as Error).message));
				}
			});
		});
	}

	close(): void {
		clearTimeout(this.#settling);
		this.#socket?.destroy();
		closeSync(this.#held);
		this.#socat.kill();
	}

	#neutralise(): void {
		const stty = spawn("stty", ["-F", this.path, neutralRate], { stdio: "ignore" });
		stty.once("error", () => undefined); // without it the terminal is as any other
	}

	#connection(): Socket {
		if (this.#socket !== undefined) return this.#socket;
		const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true });
		socket.on("data", (octets) => this.#socat.stdin?.write(octets));
		socket.on("error", () => undefined); // "close" follows
		socket.on("close", () => {
			if (this.#socket === socket) this.#socket = undefined;
		});
		this.#socket = socket;
		return socket;
	}
}
