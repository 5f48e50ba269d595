// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../../core/numbers.js";
import type { PortKind } from "../apdu-handler.js";
import { clientIndex } from "../model.js";

const ports: readonly PortKind[] = Object.freeze(["tcp", "udp", "optical", "rs485"]);

/** Row shared by all unknown clients, so that a lock tells nobody which clients exist. */
export const unknownClient = Object.keys(clientIndex).length;

const longestDelay_ms = 300_000;

/**
 * Growing delays for a client that fails to authenticate on a port (SEC-lock). A failure of one client on one port
 * concerns no other client and no other port.
 */
export class LockOut {
	readonly #settings: { readonly failuresBeforeLock: number };
	readonly #failures = new Uint16Array((unknownClient + 1) * ports.length);
	readonly #lockedUntil_ms = zeros((unknownClient + 1) * ports.length);

	/** @param settings failures in a row until the first delay, 1..100; may change at any time */
	constructor(settings: { readonly failuresBeforeLock: number }) {
		this.#settings = settings;
	}

	isLocked(client: number, port: PortKind, now_ms: number): boolean {
		return now_ms < this.#lockedUntil_ms[this.row(client, port)]!;
	}

	/**
	 * Counts a failure; from the threshold on each one locks: 1, 2, 4 … 300 s.
	 * @returns true when it is one to report: it started a burst of locks, or is the first beyond the threshold in what the
	 * client failed on all ports, or all clients together, since their last success (F126)
	 */
	failed(client: number, port: PortKind, now_ms: number): boolean {
		const row = this.row(client, port);
		const threshold = this.#settings.failuresBeforeLock;
		const failures = Math.min(this.#failures[row]! + 1, 0xffff);
		this.#failures[row] = failures;
		const beyond = failures - threshold;
		if (beyond < 0) {
			const ofClient = this.sum(client * ports.length, ports.length);
			return ofClient === threshold || (ofClient < threshold && this.total() === threshold);
		}
		this.#lockedUntil_ms[row] = now_ms + Math.min(1000 * 2 ** Math.min(beyond, 16), longestDelay_ms);
		return beyond === 0;
	}

	/** @returns true when this ended a burst */
	succeeded(client: number, port: PortKind): boolean {
		const row = this.row(client, port);
		const wasBurst = this.#failures[row]! >= this.#settings.failuresBeforeLock;
		this.#failures[row] = 0;
		this.#lockedUntil_ms[row] = 0;
		return wasBurst;
	}

	private total(): number {
		return this.sum(0, this.#failures.length);
	}

	private sum(from: number, count: number): number {
		let sum = 0;
		for (let n = 0; n < count; n++) sum += this.#failures[from + n]!;
		return sum;
	}

	private row(client: number, port: PortKind): number {
		return client * ports.length + ports.indexOf(port);
	}
}
