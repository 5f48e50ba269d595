// SPDX-License-Identifier: Apache-2.0
import type { Fram } from "../../../../src/ports/fram.js";
import { runnerOperation } from "./runner-operation.js";

/** The FRAM of a board, whose cells are outside the engine. */
export class RunnerFram implements Fram {
	readonly size = 8192;
	readonly #address = new Uint8Array(4);
	readonly #view = new DataView(this.#address.buffer);

	read(address: number, into: Uint8Array): void {
		this.#view.setUint32(0, address);
		callRunner(runnerOperation.framRead, this.#address, into);
	}

	write(address: number, bytes: Uint8Array, length: number = bytes.length): void {
		this.#view.setUint32(0, address);
		callRunner(runnerOperation.framWrite, this.#address, bytes.subarray(0, length));
	}
}
