// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { html } from "./html.js";
import type { Live } from "./live.js";
import { Slider } from "./slider.js";

type Switch = Exclude<keyof State["housing"], "fieldStrength">;

const switches: readonly (readonly [name: Switch, off: string, on: string])[] = [
	["sealOpen", "Seal closed", "Seal open"],
	["meterCoverOpen", "Cover on", "Cover off"],
	["terminalCoverOpen", "Terminal cover on", "Terminal cover off"],
	["magneticField", "No magnet", "Magnet"],
	["serviceButton", "Button free", "Button held"],
	["factoryLink", "Factory link open", "Factory link closed"],
];

/** What hands can do to the box of the meter. */
export function Housing({ state, send }: { state: State; send: Live["send"] }): VNode {
	const { housing } = state;
	return html`<section class="card housing">
		<h2>Housing</h2>
		<div class="choices">${switches.map(
			([name, off, on]) =>
				html`<span class="choice"><button type="button" aria-pressed=${housing[name]} aria-label=${name}
					onClick=${() => send("PUT", "/housing", { [name]: !housing[name] })}>${housing[name] ? on : off}</button></span>`,
		)}</div>
		<${Slider} name="field" label="EMF" unit="" value=${housing.fieldStrength} decimals=${0} minimum=${0} maximum=${255}
			onChange=${(fieldStrength: number) => send("PUT", "/housing", { fieldStrength: Math.round(fieldStrength) })} />
	</section>`;
}
