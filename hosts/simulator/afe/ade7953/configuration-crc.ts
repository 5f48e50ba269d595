// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../../../../src/core/crc.js";
import type { RegisterFile } from "./register-file.js";
import { config, reg } from "./registers.js";

const registers: readonly (readonly [address: number, octets: number])[] = [
	[reg.LCYCMODE, 1],
	[reg.PGA_V, 1],
	[reg.PGA_IA, 1],
	[reg.PGA_IB, 1],
	[reg.WRITE_PROTECT, 1],
	[reg.CONFIG, 2],
	[reg.CF1DEN, 2],
	[reg.CF2DEN, 2],
	[reg.CFMODE, 2],
	[reg.PHCALA, 2],
	[reg.PHCALB, 2],
	[reg.ALT_OUTPUT, 2],
	[reg.ACCMODE, 3],
	[reg.IRQENA, 3],
	[reg.IRQENB, 3],
	...Array.from({ length: 0x18 }, (_, n) => [reg.AIGAIN + n, 3] as const),
];

/** Checksum that the data sheet gives for reset values with only CRC_ENABLE set. */
const resetValue = 0x4873_9163;
export const disabledValue = 0xffff_ffff;

/**
 * Checksum of the configuration registers.
 *
 * The chip's includes internal registers in an order that is not public. This one is a CRC-32 of the published registers,
 * shifted by a constant so that the value after reset is that of the data sheet: it changes when, and only when, a bit of
 * them does.
 */
export class ConfigurationCrc {
	readonly #octets = new Uint8Array(registers.reduce((sum, [, octets]) => sum + octets, 0));
	#shift = 0;

	/** @param file in the state after reset: it fixes the constant */
	constructor(file: RegisterFile) {
		this.#shift = (this.#plain(file, file.get(reg.CONFIG) | config.crcEnable) ^ resetValue) >>> 0;
	}

	value(file: RegisterFile): number {
		const bits = file.get(reg.CONFIG);
		if ((bits & config.crcEnable) === 0) return disabledValue;
		return (this.#plain(file, bits) ^ this.#shift) >>> 0;
	}

	#plain(file: RegisterFile, configBits: number): number {
		let at = 0;
		for (const [address, octets] of registers) {
			const value = address === reg.CONFIG ? configBits : file.get(address);
			for (let n = 0; n < octets; n++) this.#octets[at++] = value >> (8 * n);
		}
		return crc32(this.#octets, 0, at);
	}
}
