// SPDX-License-Identifier: Apache-2.0
import { crc16X25, crc32 } from "../src/core/crc.js";
import { type Bench, type Figure, timePerCall_s } from "./bench.js";

const octets = Uint8Array.from({ length: 1024 }, (_, n) => (n * 167 + 13) & 255);

/** The plainest loop over the same octets: what reading them costs. */
function sumOctets(): number {
	let sum = 0;
	for (let n = 0; n < octets.length; n++) sum += octets[n]!;
	return sum;
}

export const coreBench: Bench = {
	area: "core",
	run(): Figure[] {
		const plain_s = timePerCall_s(sumOctets);
		const ratio = (name: string, work: () => number): Figure => ({
			area: "core",
			name,
			value: timePerCall_s(work) / plain_s,
			unit: "x",
			reference: "a plain sum of the same 1024 octets",
		});
		return [
			ratio("CRC-16/X.25", () => crc16X25(octets, 0, octets.length)),
			ratio("CRC-32", () => crc32(octets, 0, octets.length)),
		];
	},
};
