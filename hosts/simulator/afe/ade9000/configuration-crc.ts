// SPDX-License-Identifier: Apache-2.0
import { crc16Ccitt } from "../../../../src/core/crc.js";
import type { RegisterFile } from "./register-file.js";
import { address, is16Bit, registerRows } from "./register-map.js";

const computation_s = 0.0108;
const statusDone = 1 << 27;
const statusChanged = 1 << 26;

/** Registers that CRC_OPTEN adds, by bit. */
const optional: readonly number[] = [
	...[address.mask0, address.mask1, address.eventMask, address.dipLvl, address.dipCyc, address.swellLvl],
	...[address.swellCyc, address.noLoadLevel, address.noLoadLevel + 1, address.noLoadLevel + 2, address.zxtout],
	...[address.zxLpSel, address.seqCyc, address.wfbCfg, address.wfbPgIrqen, address.wfbTrgCfg],
];
const waveformOption = 1 << optional.indexOf(address.wfbCfg);
/** Commands and switches that are no configuration. */
const excluded: ReadonlySet<number> = new Set([
	...optional,
	...[address.run, address.crcForce, address.crcOpten, address.tempCfg, address.wrLock],
]);
const always: readonly number[] = registerRows
	.filter((row) => row.access === "RW" && !excluded.has(row.address))
	.map((row) => row.address);

/**
 * The chip's own watch over its configuration: a CRC-16 that is computed in the background, 10.8 ms at a time. List and
 * order of the registers are the model's own; only comparisons with a reading of the same chip mean something.
 */
export class ConfigurationCrc {
	readonly #registers: RegisterFile;
	readonly #bytes = new Uint8Array(4 * (always.length + optional.length));
	/** When the running computations end; Infinity while none runs. */
	#forced_s = Number.POSITIVE_INFINITY;
	#background_s = Number.POSITIVE_INFINITY;
	#hasReference = false;
	/** Writes since the last call of `advance` happened at its time. */
	#last_s = 0;

	constructor(registers: RegisterFile) {
		this.#registers = registers;
	}

	reset(): void {
		this.#forced_s = Number.POSITIVE_INFINITY;
		this.#background_s = Number.POSITIVE_INFINITY;
		this.#hasReference = false;
	}

	/** RUN: the background task begins; its first result is the reference. */
	start(now_s: number): void {
		this.#background_s = now_s + computation_s;
	}

	/** CRC_FORCE was written. */
	force(now_s: number): void {
		this.#forced_s = now_s + computation_s;
	}

	advance(now_s: number): void {
		const registers = this.#registers;
		const isTouched =
			registers.isConfigurationTouched ||
			(registers.isWaveformTouched && (registers.values[address.crcOpten]! & waveformOption) !== 0);
		if (isTouched && this.#hasReference && this.#background_s === Number.POSITIVE_INFINITY) {
			this.#background_s = this.#last_s + computation_s;
		}
		this.#last_s = now_s;
		registers.isConfigurationTouched = false;
		registers.isWaveformTouched = false;
		if (now_s >= this.#background_s) {
			this.#background_s = Number.POSITIVE_INFINITY;
			this.#compute();
		}
		if (now_s >= this.#forced_s) {
			this.#forced_s = Number.POSITIVE_INFINITY;
			this.#compute();
			registers.values[address.crcForce] = 0;
			registers.raise1(statusDone);
		}
	}

	#compute(): void {
		const v = this.#registers.values;
		let length = 0;
		for (const at of always) length = this.#append(at, length);
		for (const [bit, at] of optional.entries()) {
			if ((v[address.crcOpten]! >> bit) & 1) length = this.#append(at, length);
		}
		const crc = crc16Ccitt(this.#bytes, 0, length);
		if (this.#hasReference && crc !== v[address.crcRslt]) this.#registers.raise1(statusChanged);
		v[address.crcRslt] = crc;
		this.#hasReference = true;
	}

	/** Most significant octet first. */
	#append(at: number, from: number): number {
		const value = this.#registers.values[at]!;
		const width = is16Bit(at) ? 2 : 4;
		for (let n = 0; n < width; n++) this.#bytes[from + n] = value >>> (8 * (width - 1 - n));
		return from + width;
	}
}
