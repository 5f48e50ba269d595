// SPDX-License-Identifier: Apache-2.0
import type { EventSink } from "../events/event-sink.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Clock } from "../ports/clock.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import type { SupplySwitch } from "../ports/supply-switch.js";
import type { RecordStore } from "../storage/record-store.js";
import { readSwitchingOrder } from "./switching-order.js";

/** What the supply switch needs of the meter around it. */
export interface SupplyControlParts {
	readonly model: ModelDescriptor;
	readonly relay: SupplySwitch;
	readonly clock: Clock;
	readonly journal: RecordStore;
	/** Where the order is sealed. */
	readonly parameters: RecordStore;
	readonly events: EventSink & { memoryFailed(): void };
	readonly metrology: MetrologyView;
	readonly housing: Housing;
}

/** A contact is not opened while a phase carries more than its greatest current, unless that was ordered (F92). */
export function isOverloaded({ metrology, model, parameters }: SupplyControlParts): boolean {
	for (let phase = 1; phase <= model.phases; phase++)
		if (metrology.current_mA(phase) > model.maximumCurrent_mA)
			return readSwitchingOrder(parameters)?.breaksOverload !== true;
	return false;
}

/** The terminal cover is open, and was ordered to keep the supply away. */
export function isUncovered({ housing, parameters }: SupplyControlParts): boolean {
	if ((housing.signals() & housingSignal.terminalCoverOpen) === 0) return false;
	return readSwitchingOrder(parameters)?.staysOpenUncovered === true;
}

/** Something flows, in any phase. */
export function isFlowing({ metrology, model }: SupplyControlParts): boolean {
	for (let phase = 1; phase <= model.phases; phase++)
		if (metrology.current_mA(phase) > model.startingCurrent_mA) return true;
	return false;
}
