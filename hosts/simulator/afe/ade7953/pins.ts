// SPDX-License-Identifier: Apache-2.0
import type { InputPin } from "../../../../src/ports/bus.js";

/** What a pin can show beside its own function (ALT_OUTPUT codes). */
export interface PinSources {
	/** Field of ALT_OUTPUT: shift 0 ZX, 4 ZX_I, 8 REVP. */
	alternative(shift: number): number;
	zx(): 0 | 1;
	zxI(): 0 | 1;
	revp(): 0 | 1;
	isSagging(): boolean;
	isNoLoad(channel: 0 | 1, quantity: 0 | 1): boolean;
	isPendingB(): boolean;
}

export const dataReadyCode = 9;
const own = 0;

/** ZX, ZX_I or REVP with its alternative functions; `shift` is the pin's place in ALT_OUTPUT. */
export class AlternativePin implements InputPin {
	readonly #sources: PinSources;
	readonly #shift: 0 | 4 | 8;

	constructor(sources: PinSources, shift: 0 | 4 | 8) {
		this.#sources = sources;
		this.#shift = shift;
	}

	read(): 0 | 1 {
		const sources = this.#sources;
		switch (sources.alternative(this.#shift)) {
			case own:
				return this.#own();
			case 0x1:
				return sources.isSagging() ? 0 : 1;
			case 0x5:
				return sources.isNoLoad(0, 0) ? 1 : 0;
			case 0x6:
				return sources.isNoLoad(1, 0) ? 1 : 0;
			case 0x7:
				return sources.isNoLoad(0, 1) ? 1 : 0;
			case 0x8:
				return sources.isNoLoad(1, 1) ? 1 : 0;
			case dataReadyCode:
				return 0; // high for 280 ns only: the sample listener stands for its edge
			case 0xa:
				return sources.isPendingB() ? 0 : 1;
			case 0xb:
				return this.#shift === 0 ? sources.zxI() : this.#shift === 4 ? sources.zx() : sources.revp();
			case 0xc:
				return this.#shift === 8 ? sources.zxI() : sources.revp();
			default:
				return this.#own();
		}
	}

	#own(): 0 | 1 {
		if (this.#shift === 0) return this.#sources.zx();
		return this.#shift === 4 ? this.#sources.zxI() : this.#sources.revp();
	}
}
