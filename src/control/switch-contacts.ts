// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { SupplySwitch } from "../ports/supply-switch.js";

/** The bistable relay as the switch control sees it: a driver that does not answer shows in the contacts. */
export class SwitchContacts {
	/** Bits of all poles. */
	readonly everyPole: number;
	readonly #relay: SupplySwitch;

	constructor(relay: SupplySwitch, phases: number) {
		this.everyPole = (1 << phases) - 1;
		this.#relay = relay;
	}

	/** Poles that are closed; as recorded where the part does not answer. */
	closed(isRecordedClosed: boolean): number {
		try {
			return this.#relay.closedPoles();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return isRecordedClosed ? this.everyPole : 0;
		}
	}

	/** Every pole is open, and there is voltage behind one; undefined while the part does not answer. */
	isLoadSideFed(): boolean | undefined {
		try {
			return this.#relay.closedPoles() === 0 && this.#relay.loadVoltages() !== 0;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return undefined;
		}
	}

	/** @throws DeviceError when the part does not answer */
	loadVoltages(): number {
		return this.#relay.loadVoltages();
	}

	/** @param which one of `coil` */
	drive(which: number): void {
		try {
			this.#relay.drive(which);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
	}
}
