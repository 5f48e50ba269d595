// SPDX-License-Identifier: Apache-2.0
import type { WaveformSource } from "../../../../src/ports/waveform-source.js";
import type { Ade7953Model } from "./ade7953-model.js";

const capacity = 1024;
const channels = 3;
/** IA, IB, V. */
const addresses = Object.freeze([0x316, 0x317, 0x318]);
const readCommand = 0x80;

/**
 * What the native sampling task is on the board: follows the data-ready output and reads the three waveform registers by
 * SPI frames into a ring. The output pulses in waveform gear only; in phasor gear no sample ever comes.
 */
export class WaveformSampler implements WaveformSource {
	readonly #chip: Ade7953Model;
	readonly #ring = new Int16Array(capacity * channels);
	readonly #frame = new Uint8Array(7);
	readonly #view = new DataView(this.#frame.buffer);
	#written = 0;
	#taken = 0;

	constructor(chip: Ade7953Model) {
		this.#chip = chip;
	}

	start(): void {
		this.#written = 0;
		this.#taken = 0;
		this.#chip.onDataReady = () => this.#sample();
	}

	stop(): void {
		this.#chip.onDataReady = undefined;
	}

	read(into: Int16Array, sets: number): number {
		if (this.#written - this.#taken > capacity) return -1;
		const count = Math.min(sets, this.#written - this.#taken);
		for (let n = 0; n < count; n++) {
			const at = (this.#taken++ % capacity) * channels;
			for (let c = 0; c < channels; c++) into[n * channels + c] = this.#ring[at + c]!;
		}
		return count;
	}

	#sample(): void {
		const at = (this.#written++ % capacity) * channels;
		for (let c = 0; c < channels; c++) {
			this.#view.setUint16(0, addresses[c]!);
			this.#frame[2] = readCommand;
			this.#chip.transfer(this.#frame);
			const value = Math.round(this.#view.getInt32(3) / 256);
			this.#ring[at + c] = Math.max(-32_768, Math.min(32_767, value));
		}
	}
}
