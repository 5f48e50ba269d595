// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { Nameplate, State } from "../state-schema.js";
import { html } from "./html.js";
import { Lcd } from "./lcd.js";
import { Led } from "./led.js";

function ratings(plate: Nameplate): string {
	const { phases, nominalVoltage_V, nominalFrequency_Hz } = plate;
	const line_V = Math.round((nominalVoltage_V * Math.sqrt(3)) / 10) * 10;
	const voltage = phases === 3 ? `3\u00d7${nominalVoltage_V}/${line_V} V` : `${nominalVoltage_V} V`;
	return `${voltage}  ${nominalFrequency_Hz} Hz`;
}

function range(plate: Nameplate): string {
	const { referenceCurrent_A, maximumCurrent_A, isTransformerOperated } = plate;
	return `${referenceCurrent_A}(${maximumCurrent_A}) A${isTransformerOperated ? ", CT" : ""}`;
}

/** What one sees standing in front of the meter: glass, pulse LEDs, nameplate. */
export function Face({ state }: { state: State }): VNode {
	const { nameplate: plate, leds } = state;
	const rows = [
		["Serial number", plate.serialNumber],
		["Logical device name", plate.logicalDeviceName],
		["Un, fn", ratings(plate)],
		[plate.isTransformerOperated ? "In(Imax)" : "Iref(Imax)", range(plate)],
		["Ist", `${Math.round(plate.startingCurrent_A * 1000)} mA`],
		["Class", plate.accuracyClass],
		["Type", plate.phases === 3 ? "3 phases, 4 wires" : "1 phase, 2 wires"],
		["Firmware", plate.firmware],
	] as const;
	const constant = plate.pulseConstant_impPerkWh;
	return html`<section class="face" aria-label="Meter">
		<header><strong>sx402</strong><span class="model">${plate.model}</span></header>
		<${Lcd} display=${state.display} isPowered=${state.isPowered} />
		<div class="leds">
			<${Led} name="active" count=${leds.active.count} caption=${`${constant} imp/kWh`} />
			<${Led} name="reactive" count=${leds.reactive.count} caption=${`${constant} imp/kvarh`} />
		</div>
		<dl class="nameplate">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
	</section>`;
}
