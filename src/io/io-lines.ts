// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { IoPins } from "../ports/io-pins.js";

/** The lines that are driven, and what comes back. A driver that does not answer shows in the contacts. */
export class IoLines {
	/** As in `IoPins.drive`. */
	driven = 0;
	readonly #pins: IoPins;

	constructor(pins: IoPins) {
		this.#pins = pins;
	}

	isDriven(line: number): boolean {
		return (this.driven & (1 << line)) !== 0;
	}

	drive(line: number, isOn: boolean): void {
		this.driven = isOn ? this.driven | (1 << line) : this.driven & ~(1 << line);
		this.refresh();
	}

	/** Drives every line as it is meant to be. */
	refresh(): void {
		try {
			this.#pins.drive(this.driven);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}

	/** Levels of the inputs; `before` while they cannot be read. */
	inputs(before: number): number {
		try {
			return this.#pins.inputs();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return before;
		}
	}

	/** Whether relay n (0-based) is closed by its contacts; undefined while they cannot be read. */
	isRelayClosed(n: number): boolean | undefined {
		try {
			return (this.#pins.closedRelays() & (1 << n)) !== 0;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return undefined;
		}
	}
}
