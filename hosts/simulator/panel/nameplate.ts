// SPDX-License-Identifier: Apache-2.0
import type { FirmwarePart } from "../../../src/cosem/application.js";
import type { DeviceIdentity } from "../../../src/models/identity.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import type { Nameplate } from "./state-schema.js";

function ascii(octets: Uint8Array): string {
	return Buffer.from(octets).toString("latin1");
}

/** What is printed on a meter of this model. */
export function nameplateOf(model: ModelDescriptor, identity: DeviceIdentity, metrology: FirmwarePart): Nameplate {
	return {
		model: model.name,
		serialNumber: ascii(identity.serialNumber),
		logicalDeviceName: ascii(identity.logicalDeviceName),
		systemTitle: Buffer.from(identity.systemTitle).toString("hex").toUpperCase(),
		phases: model.phases,
		accuracyClass: model.accuracyClass,
		nominalVoltage_V: model.nominalVoltage_V,
		nominalFrequency_Hz: model.nominalFrequency_Hz,
		startingCurrent_A: model.startingCurrent_mA / 1000,
		referenceCurrent_A: model.referenceCurrent_mA / 1000,
		maximumCurrent_A: model.maximumCurrent_mA / 1000,
		isTransformerOperated: model.nominalRatio_A > 0,
		pulseConstant_impPerkWh: model.ledConstant,
		firmware: ascii(metrology.identifier),
	};
}
