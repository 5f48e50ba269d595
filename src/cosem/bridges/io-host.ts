// SPDX-License-Identifier: Apache-2.0

import { controlOutcome } from "../../control/control-outcome.js";
import { controlTrigger } from "../../control/disconnect-transitions.js";
import { DeviceError } from "../../core/device-error.js";
import { registerCount } from "../../events/alarms.js";
import { fraudCause } from "../../events/fraud-kinds.js";
import type { IoHost } from "../../io/io-parts.js";
import type { Application } from "../application.js";

/** What inputs and outputs have to do with the rest of the meter. */
export class CosemIoHost implements IoHost {
	readonly #application: Application;

	constructor(application: Application) {
		this.#application = application;
	}

	get energyRate(): number {
		return this.#application.tariff.energyRate;
	}

	get isAlarmed(): boolean {
		const { alarms } = this.#application.events;
		for (let n = 1; n <= registerCount; n++) if ((alarms.register(n) & alarms.filter(n)) !== 0) return true;
		return false;
	}

	get isLimitExceeded(): boolean {
		return this.#application.limits?.isExceeded === true;
	}

	get isSupplyOn(): boolean | undefined {
		return this.#application.supplyControl?.isConnected;
	}

	get periodEnd_s(): number {
		return this.#application.demand.captured.utc_s;
	}

	get greatestPower_W(): number {
		const { model, metrology } = this.#application;
		const { maximumCurrent_mA, nominalVoltage_V, phases } = model;
		return (maximumCurrent_mA / 1000) * nominalVoltage_V * phases * metrology.registration.powerFactor;
	}

	get energyScaler(): number {
		return this.#application.metrology.registration.energyScaler;
	}

	tariffInput(rate: number): void {
		this.#application.tariff.inputSays(rate);
	}

	synchronised(): void {
		this.#application.demand.nextPeriod();
	}

	doorOpened(): void {
		this.#application.fraud.reported(fraudCause.inputContact);
	}

	disconnect(): boolean {
		const { supplyControl, io, events } = this.#application;
		const { localDisconnect } = controlTrigger;
		try {
			const outcome = supplyControl?.command(localDisconnect) ?? io!.relays.command(0, localDisconnect);
			return outcome !== controlOutcome.notNow;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			events.memoryFailed();
			return false;
		}
	}
}
