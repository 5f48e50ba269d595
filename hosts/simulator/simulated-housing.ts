// SPDX-License-Identifier: Apache-2.0
import { type Housing, housingSignal } from "../../src/ports/housing.js";
import type { HousingSetting, HousingState } from "./panel/request-schemas.js";

const signalOf = Object.freeze({
	sealOpen: housingSignal.sealOpen,
	meterCoverOpen: housingSignal.meterCoverOpen,
	terminalCoverOpen: housingSignal.terminalCoverOpen,
	magneticField: housingSignal.magneticField,
	serviceButton: housingSignal.serviceButton,
	factoryLink: housingSignal.factoryLink,
});

/** The box of the simulated meter: what hands and magnets do to it stays until they do something else. */
export class SimulatedHousing implements Housing {
	#state: HousingState = {
		sealOpen: false,
		meterCoverOpen: false,
		terminalCoverOpen: false,
		magneticField: false,
		serviceButton: false,
		factoryLink: false,
		fieldStrength: 0,
	};
	/** Of `#state`: the meter looks several times a second. */
	#signals = 0;

	state(): HousingState {
		return { ...this.#state };
	}

	set(setting: HousingSetting): void {
		this.#state = { ...this.#state, ...setting };
		this.#signals = 0;
		for (const [name, bit] of Object.entries(signalOf)) {
			if (this.#state[name as keyof typeof signalOf]) this.#signals |= bit;
		}
	}

	signals(): number {
		return this.#signals;
	}

	fieldStrength(): number {
		return this.#state.fieldStrength;
	}
}
