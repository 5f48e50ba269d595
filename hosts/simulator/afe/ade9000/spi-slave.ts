// SPDX-License-Identifier: Apache-2.0
import { crc16Ccitt } from "../../../../src/core/crc.js";
import type { RegisterFile } from "./register-file.js";
import { address, is16Bit, registerSpace } from "./register-map.js";

/** What the bus needs of the waveform buffer. */
export interface WaveformPort {
	/**
	 * Fills `frame[from … to-1]` with a burst beginning at location `at` (0 … 2047).
	 */
	readBurst(at: number, frame: Uint8Array, from: number, to: number): void;
	/** One location, 32 bits. */
	readLocation(at: number): number;
}

const burstEnable = 1 << 11;
const singleLocation = 0xf;
/** By address: where a read is nothing but value and checksum, and of how many bits. */
const plain = new Uint8Array(0x1000);
const plain32 = 1;
const plain16 = 2;
for (let at = 0; at < registerSpace; at++) {
	if (!isEcho(at) && !isBurstable(at) && at !== address.crcSpi) plain[at] = is16Bit(at) ? plain16 : plain32;
}

/**
 * The serial port: one call is one transaction between a falling and a rising edge of SS.
 *
 * Replies are high in no case while the command is clocked in: MISO is 0 then, as well as during writes and behind
 * the last defined octet.
 */
export class SpiSlave {
	readonly #registers: RegisterFile;
	readonly #waveform: WaveformPort;
	/** Data of the last burst, whose checksum nobody has asked for yet. */
	#burst = new Uint8Array(0);
	#burstLength = 0;

	constructor(registers: RegisterFile, waveform: WaveformPort) {
		this.#registers = registers;
		this.#waveform = waveform;
	}

	/** The registers have their defaults again. */
	reset(): void {
		this.#burstLength = 0;
	}

	/** Takes MOSI from `frame` and leaves MISO in it. */
	transfer(frame: Uint8Array): void {
		if (frame.length < 2) {
			clear(frame);
			return;
		}
		const command = (frame[0]! << 8) | frame[1]!;
		const at = command >> 4;
		if ((command & 8) !== 0 && (this.#registers.values[address.config1]! & burstEnable) === 0) {
			const kind = plain[at]!;
			if (kind === plain32 && frame.length === 8) {
				this.#readPlain(at, command, frame);
				return;
			}
			if (kind === plain16 && frame.length === 6) {
				this.#readPlain16(at, command, frame);
				return;
			}
		}
		if (command & 8) {
			clear(frame);
			this.#read(at, frame);
		} else {
			this.#write(at, frame);
			clear(frame);
		}
		if (!isEcho(at)) this.#registers.values[address.lastCmd] = command;
	}

	/** Written only when all bits have arrived; LAST_DATA shows what arrived, also where the write was refused. */
	#write(at: number, frame: Uint8Array): void {
		const width = is16Bit(at) ? 2 : 4;
		if (frame.length < 2 + width) return;
		let data = (frame[2]! << 8) | frame[3]!;
		if (width === 4) data = ((data << 16) | (frame[4]! << 8) | frame[5]!) >>> 0;
		this.#registers.write(at, data);
		this.#keepData(at, width, data);
	}

	#read(at: number, frame: Uint8Array): void {
		const { values } = this.#registers;
		if (at >= address.waveform && (values[address.wfbCfg]! & 0xf) !== singleLocation) {
			this.#waveform.readBurst(at - address.waveform, frame, 2, frame.length);
			this.#keepBurst(frame);
			return;
		}
		if (at === address.crcSpi) this.#settleCrc();
		const isBursting = (values[address.config1]! & burstEnable) !== 0;
		if (isBursting && isBurstable(at)) {
			this.#readBurst(at, frame);
			return;
		}
		const width = is16Bit(at) ? 2 : 4;
		const data = at >= address.waveform ? this.#waveform.readLocation(at - address.waveform) : this.#registers.read(at);
		if (frame.length < 2 + width) {
			put(frame, 2, width, data);
			return;
		}
		if (width === 2) put16(frame, 2, data);
		else {
			put16(frame, 2, data >>> 16);
			put16(frame, 4, data);
		}
		this.#registers.finishRead(at);
		this.#keepData(at, width, data);
		const crc = this.#keepCrc(at, frame, 2, 2 + width);
		if (!isBursting) put(frame, 2 + width, 2, crc);
	}

	/** What nearly all transfers are: a register of 32 bits and its checksum, not of those that burst. */
	#readPlain(at: number, command: number, frame: Uint8Array): void {
		const registers = this.#registers;
		const data = registers.read(at);
		registers.finishRead(at);
		frame[0] = 0;
		frame[1] = 0;
		frame[2] = data >>> 24;
		frame[3] = data >>> 16;
		frame[4] = data >>> 8;
		frame[5] = data;
		registers.values[address.lastData32] = data;
		this.#endPlain(frame, 6, command);
	}

	#readPlain16(at: number, command: number, frame: Uint8Array): void {
		const registers = this.#registers;
		const data = registers.read(at);
		registers.finishRead(at);
		frame[0] = 0;
		frame[1] = 0;
		frame[2] = data >>> 8;
		frame[3] = data;
		registers.values[address.lastData16] = data;
		this.#endPlain(frame, 4, command);
	}

	/** The checksum behind the data, which end at `end`, and what the chip remembers of the transfer. */
	#endPlain(frame: Uint8Array, end: number, command: number): void {
		const { values } = this.#registers;
		const crc = crc16Ccitt(frame, 2, end);
		frame[end] = crc >>> 8;
		frame[end + 1] = crc;
		values[address.crcSpi] = crc;
		values[address.lastCmd] = command;
		this.#burstLength = 0;
	}

	#readBurst(start: number, frame: Uint8Array): void {
		let at = start;
		let from = 2;
		for (; from < frame.length && isBurstable(at); from += 4) put(frame, from, 4, this.#registers.read(at++));
		this.#keepCrc(start, frame, 2, Math.min(from, frame.length));
	}

	#keepData(at: number, width: number, data: number): void {
		if (!isEcho(at)) this.#registers.values[width === 2 ? address.lastData16 : address.lastData32] = data;
	}

	/** CRC_SPI is that of the last data that left; reading CRC_SPI itself leaves it alone. */
	#keepCrc(at: number, frame: Uint8Array, from: number, to: number): number {
		const crc = crc16Ccitt(frame, from, to);
		if (at !== address.crcSpi) {
			this.#registers.values[address.crcSpi] = crc;
			this.#burstLength = 0;
		}
		return crc;
	}

	/** A burst of the waveform buffer is long and carries no checksum: it is worked out when CRC_SPI is read. */
	#keepBurst(frame: Uint8Array): void {
		if (this.#burst.length < frame.length) this.#burst = new Uint8Array(frame.length);
		this.#burst.set(frame);
		this.#burstLength = frame.length;
	}

	#settleCrc(): void {
		if (this.#burstLength > 0) this.#registers.values[address.crcSpi] = crc16Ccitt(this.#burst, 2, this.#burstLength);
		this.#burstLength = 0;
	}
}

/** Short frames are the rule: for them stores beat the call. */
function clear(frame: Uint8Array): void {
	const { length } = frame;
	if (length === 6) {
		frame[0] = 0;
		frame[1] = 0;
		frame[2] = 0;
		frame[3] = 0;
		frame[4] = 0;
		frame[5] = 0;
	} else if (length > 16) frame.fill(0);
	else for (let n = 0; n < length; n++) frame[n] = 0;
}

function isEcho(at: number): boolean {
	return at === address.lastCmd || at === address.lastData16 || at === address.lastData32;
}

function isBurstable(at: number): boolean {
	return (at >= 0x500 && at <= 0x63c) || (at >= 0x680 && at <= 0x6bc);
}

function put16(frame: Uint8Array, from: number, value: number): void {
	frame[from] = value >>> 8;
	frame[from + 1] = value;
}

/** Big-endian, cut off at the end of the frame. */
function put(frame: Uint8Array, from: number, width: number, value: number): void {
	for (let n = 0; n < width && from + n < frame.length; n++) frame[from + n] = value >>> (8 * (width - 1 - n));
}
