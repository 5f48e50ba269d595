// SPDX-License-Identifier: Apache-2.0
import Analog from "embedded:io/analog";
import DigitalBank from "embedded:io/digitalbank";
import { type Housing, housingSignal } from "../../../src/ports/housing.js";

/** GPIO numbers: contacts below 32, the detector on a pin of ADC 1. */
export interface HousingWiring {
	readonly meterCover: number;
	readonly terminalCover: number;
	readonly seal: number;
	readonly magnet: number;
	readonly serviceButton: number;
	readonly factoryLink: number;
	readonly resetButton: number;
	readonly field: number;
}

/** Contacts to ground: those of the covers are closed while the cover is on, all others while their signal is given. */
export class HousingPins implements Housing {
	readonly #wiring: HousingWiring;
	readonly #contacts: DigitalBank;
	readonly #field: Analog;

	constructor(wiring: HousingWiring) {
		const { meterCover, terminalCover, seal, magnet, serviceButton, factoryLink, resetButton } = wiring;
		this.#wiring = wiring;
		this.#contacts = new DigitalBank({
			pins:
				(1 << meterCover) |
				(1 << terminalCover) |
				(1 << seal) |
				(1 << magnet) |
				(1 << serviceButton) |
				(1 << factoryLink) |
				(1 << resetButton),
			mode: DigitalBank.InputPullUp,
		});
		this.#field = new Analog({ pin: wiring.field });
	}

	signals(): number {
		const { meterCover, terminalCover, seal, magnet, serviceButton, factoryLink, resetButton } = this.#wiring;
		const levels = this.#contacts.read();
		let signals = 0;
		if ((levels & (1 << meterCover)) !== 0) signals |= housingSignal.meterCoverOpen;
		if ((levels & (1 << terminalCover)) !== 0) signals |= housingSignal.terminalCoverOpen;
		if ((levels & (1 << seal)) === 0) signals |= housingSignal.sealOpen;
		if ((levels & (1 << magnet)) === 0) signals |= housingSignal.magneticField;
		if ((levels & (1 << serviceButton)) === 0) signals |= housingSignal.serviceButton;
		if ((levels & (1 << factoryLink)) === 0) signals |= housingSignal.factoryLink;
		if ((levels & (1 << resetButton)) === 0) signals |= housingSignal.resetButton;
		return signals;
	}

	fieldStrength(): number {
		const field = this.#field;
		return field.read() >> (field.resolution - 8);
	}

	/** Gives the pins back, for another owner. */
	close(): void {
		this.#contacts.close();
		this.#field.close();
	}
}
