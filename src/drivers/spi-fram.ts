// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { SpiDevice } from "../ports/bus.js";
import type { Fram } from "../ports/fram.js";

/**
 * Op-codes, the same on all serial FRAM of up to 512 kbit (two octets of address): data sheets of the Ramtron FM25640 (rev. 2.1,
 * table 1), Cypress FM25CL64B and Fujitsu MB85RS64V.
 */
const opcode = Object.freeze({ write: 0x02, read: 0x03, writeEnable: 0x06 });
const commandLength = 3;
/** Octets of data in a frame. */
const pieceLength = 128;

/**
 * Serial FRAM. Each write has to be enabled anew: the part forgets it when it is deselected after a write, and at power-up. A part
 * that is not there does not show: it reads zeros or ones, and whoever wrote has to read back.
 */
export class SpiFram implements Fram {
	readonly size: number;
	readonly #spi: SpiDevice;
	readonly #frame = new Uint8Array(commandLength + pieceLength);
	readonly #enable = new Uint8Array(1);

	/** @param size octets of the part, up to 65,536 */
	constructor(spi: SpiDevice, size: number) {
		if (!(size > 0 && size <= 0x1_0000)) throw new DeviceError("fram", "range", `no part of ${size} octets`);
		this.#spi = spi;
		this.size = size;
	}

	read(address: number, into: Uint8Array): void {
		this.check(address, into.length);
		const frame = this.#frame;
		for (let done = 0; done < into.length; done += pieceLength) {
			this.command(opcode.read, address + done);
			this.#spi.transfer(frame); // behind the last octet wanted, and of the part, come others
			const count = Math.min(pieceLength, into.length - done);
			for (let n = 0; n < count; n++) into[done + n] = frame[commandLength + n]!;
		}
	}

	write(address: number, bytes: Uint8Array, length: number = bytes.length): void {
		this.check(address, length);
		const frame = this.#frame;
		for (let done = 0; done < length; done += pieceLength) {
			this.#enable[0] = opcode.writeEnable;
			this.#spi.transfer(this.#enable);
			this.command(opcode.write, address + done);
			const count = Math.min(pieceLength, length - done);
			for (let n = 0; n < count; n++) frame[commandLength + n] = bytes[done + n]!;
			this.#spi.transfer(count === pieceLength ? frame : frame.subarray(0, commandLength + count));
		}
	}

	private command(code: number, address: number): void {
		this.#frame[0] = code;
		this.#frame[1] = address >> 8;
		this.#frame[2] = address;
	}

	private check(address: number, length: number): void {
		if (address < 0 || address + length > this.size) throw new DeviceError("fram", "range");
	}
}
