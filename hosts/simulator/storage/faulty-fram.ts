// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../../src/core/device-error.js";
import type { Fram } from "../../../src/ports/fram.js";
import { type FaultyFlash, PowerCut } from "./faulty-flash.js";

/**
 * Puts faults in front of a FRAM: power cuts in the middle of the n-th write, which leave any of its octets old and the others
 * new; refusals; a part that is not there; flipped bits. It has its supply in common with the flash: a cut takes both.
 */
export class FaultyFram implements Fram {
	readonly size: number;
	/** Writes seen, the torn ones included. */
	writes = 0;
	/** Which operations throw DeviceError("fram", "refused"); `absent` reads ones and takes nothing, without a word. */
	fault: "none" | "write" | "everything" | "absent" = "none";
	readonly #part: Fram;
	readonly #flash: FaultyFlash;
	/** 0 ≤ x < 1. */
	readonly #random: () => number;
	#cutAt = Infinity;

	constructor(part: Fram, flash: FaultyFlash, random: () => number) {
		this.#part = part;
		this.#flash = flash;
		this.#random = random;
		this.size = part.size;
	}

	/** Power fails in the middle of the n-th write from now (1 = the next); Infinity takes it back. */
	cutAfter(n: number): void {
		this.#cutAt = this.writes + n;
	}

	flip(address: number, bit: number): void {
		const octet = new Uint8Array(1);
		this.#part.read(address, octet);
		octet[0]! ^= 1 << bit;
		this.#part.write(address, octet);
	}

	read(address: number, into: Uint8Array): void {
		this.#check(this.fault === "everything");
		if (this.fault === "absent") into.fill(0xff);
		else this.#part.read(address, into);
	}

	write(address: number, bytes: Uint8Array, length: number = bytes.length): void {
		this.#check(this.fault === "everything" || this.fault === "write");
		if (this.fault === "absent") return;
		if (++this.writes >= this.#cutAt) this.#tear(address, bytes, length);
		this.#part.write(address, bytes, length);
	}

	#check(isRefused: boolean): void {
		if (this.#flash.isCut) throw new PowerCut();
		if (isRefused) throw new DeviceError("fram", "refused", "the part refuses");
	}

	/** The octets go in one after the other; the one on its way may be anything. */
	#tear(address: number, bytes: Uint8Array, length: number): never {
		const done = Math.floor(this.#random() * (length + 1));
		this.#part.write(address, bytes, done);
		if (done < length) this.#part.write(address + done, Uint8Array.of(Math.floor(this.#random() * 256)));
		this.#cutAt = Infinity;
		this.#flash.cut();
		throw new PowerCut();
	}
}
