// SPDX-License-Identifier: Apache-2.0
import { coil, type SupplySwitch } from "../../../../src/ports/supply-switch.js";

/** A relay of three poles that does what it is told. */
export class LatchedSwitch implements SupplySwitch {
	#poles = 7;

	drive(which: number): void {
		if (which !== coil.none) this.#poles = which === coil.close ? 7 : 0;
	}

	closedPoles(): number {
		return this.#poles;
	}

	loadVoltages(): number {
		return this.#poles;
	}
}
