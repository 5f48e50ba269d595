// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../../src/core/device-error.js";
import type { DamageableFlash } from "./damageable-flash.js";

/** The supply is gone. Not a `DeviceError`: no code of the meter runs after it, so none may catch it. */
export class PowerCut extends Error {
	override readonly name = "PowerCut";
}

/** Bits of octets in which power failed; they may read one way today and the other after the next start. */
interface UnstableOctets {
	readonly address: number;
	/** 1 = not certain. */
	readonly bits: Uint8Array;
}

/**
 * Faults in front of a simulated part: power cuts at the n-th write that tear it, with bits left half set; flipped bits;
 * refusals; a medium that fills up. After a cut every operation throws `PowerCut` until `restore`.
 */
export class FaultyFlash implements DamageableFlash {
	readonly sectorSize: number;
	readonly sectorCount: number;
	/** Programs and erases seen, the torn ones included. */
	writes = 0;
	/** Which operations throw DeviceError("flash", "refused"). */
	refuses: "nothing" | "program" | "erase" | "read" | "everything" = "nothing";
	/** Octets that may still be programmed; then DeviceError("flash", "full"). */
	room_octets = Infinity;
	readonly #part: DamageableFlash;
	/** 0 ≤ x < 1. */
	readonly #random: () => number;
	#cutAt = Infinity;
	#isCut = false;
	/** By the sector that they begin in. */
	readonly #unstable = new Map<number, UnstableOctets[]>();

	constructor(part: DamageableFlash, random: () => number) {
		this.#part = part;
		this.#random = random;
		this.sectorSize = part.sectorSize;
		this.sectorCount = part.sectorCount;
	}

	/** Power fails in the middle of the n-th program or erase from now (1 = the next). */
	cutAfter(n: number): void {
		this.#cutAt = this.writes + n;
	}

	/** Power fails between two operations. */
	cut(): void {
		this.#isCut = true;
	}

	/** True from the cut to `restore`. */
	get isCut(): boolean {
		return this.#isCut;
	}

	/** Power returns. Half set bits read all 0, all 1 or mixed, and stay uncertain until they are programmed or erased. */
	restore(): void {
		this.#isCut = false;
		this.#cutAt = Infinity;
		for (const [sector, regions] of this.#unstable) {
			const uncertain = regions.filter(({ bits }) => bits.some((octet) => octet !== 0));
			if (uncertain.length === 0) this.#unstable.delete(sector);
			else this.#unstable.set(sector, uncertain);
			for (const region of uncertain) this.#settle(region);
		}
	}

	#settle({ address, bits }: UnstableOctets): void {
		const octets = new Uint8Array(bits.length);
		this.#part.read(address, octets);
		const kind = Math.floor(this.#random() * 3);
		for (let n = 0; n < bits.length; n++) {
			if (bits[n] === 0) continue;
			const drawn = kind === 0 ? 0 : kind === 1 ? 0xff : this.#octet();
			octets[n] = (octets[n]! & ~bits[n]!) | (drawn & bits[n]!);
		}
		this.#part.overwrite(address, octets);
	}

	flip(address: number, bit: number): void {
		const octet = new Uint8Array(1);
		this.#part.read(address, octet);
		octet[0]! ^= 1 << bit;
		this.#part.overwrite(address, octet);
	}

	read(address: number, into: Uint8Array): void {
		this.#check("read");
		this.#part.read(address, into);
	}

	program(address: number, bytes: Uint8Array): void {
		this.#check("program");
		if (bytes.length > this.room_octets) throw new DeviceError("flash", "full");
		this.room_octets -= bytes.length;
		if (++this.writes >= this.#cutAt) this.#tear(address, bytes, true);
		this.#part.program(address, bytes);
		const last = Math.floor((address + bytes.length - 1) / this.sectorSize);
		// one that begins in the sector before may reach into the first
		for (let sector = Math.floor(address / this.sectorSize) - 1; sector <= last; sector++) {
			const regions = this.#unstable.get(sector);
			if (regions === undefined) continue;
			for (const region of regions) {
				const first = Math.max(region.address, address);
				const end = Math.min(region.address + region.bits.length, address + bytes.length);
				for (let at = first; at < end; at++) region.bits[at - region.address]! &= bytes[at - address]!;
			}
		}
	}

	erase(sector: number): void {
		this.#check("erase");
		const address = sector * this.sectorSize;
		if (++this.writes >= this.#cutAt) this.#tear(address, new Uint8Array(this.sectorSize).fill(0xff), false);
		this.#part.erase(sector);
		this.#unstable.delete(sector);
	}

	overwrite(address: number, bytes: Uint8Array): void {
		this.#part.overwrite(address, bytes);
	}

	#check(operation: "read" | "program" | "erase"): void {
		if (this.#isCut) throw new PowerCut();
		if (this.refuses === operation || this.refuses === "everything")
			throw new DeviceError("flash", "refused", `the part refuses to ${operation}`);
	}

	/**
	 * Leaves a finished prefix, an untouched suffix and between them bits that are neither; any of the three may be empty.
	 * Where data was being voided (zeros over it) the bits are torn, but certain: nothing that is written could decide for good
	 * about bits that are on their way to being voided, and the logs do not promise it.
	 */
	#tear(address: number, intended: Uint8Array, isProgram: boolean): never {
		const octets = new Uint8Array(intended.length);
		this.#part.read(address, octets);
		const bits = new Uint8Array(intended.length);
		const isVoiding = intended.every((octet) => octet === 0) && octets.some((octet) => octet !== 0xff);
		const done = this.#random() < 0.5 ? 0 : Math.floor(this.#random() * (intended.length + 1));
		const begun = this.#random() < 0.5 ? intended.length : done + Math.floor(this.#random() * (intended.length - done));
		for (let n = 0; n < begun; n++) {
			const target = isProgram ? octets[n]! & intended[n]! : intended[n]!;
			if (n < done) octets[n] = target;
			else if (isVoiding) octets[n]! &= this.#octet();
			else bits[n] = octets[n]! ^ target;
		}
		this.#part.overwrite(address, octets);
		const sector = Math.floor(address / this.sectorSize);
		this.#unstable.set(sector, [...(this.#unstable.get(sector) ?? []), { address, bits }]);
		this.#isCut = true;
		throw new PowerCut();
	}

	#octet(): number {
		return Math.floor(this.#random() * 256);
	}
}
