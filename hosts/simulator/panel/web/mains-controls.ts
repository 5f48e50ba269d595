// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { State } from "../state-schema.js";
import { Choice } from "./choice.js";
import { LatestWins } from "./control.js";
import { html } from "./html.js";
import type { Live } from "./live.js";
import { PhaseControls } from "./phase-controls.js";
import { Slider } from "./slider.js";

/** Mains and loads, to be changed while the meter runs. */
export function MainsControls({ state, send }: { state: State; send: Live["send"] }): VNode {
	const { mains, nameplate } = state;
	const frequency = useMemo(() => new LatestWins((body) => send("PUT", "/mains", body)), [send]);
	if (mains.source === "recording") {
		return html`<section class="card mains">
			<h2>Mains and loads</h2>
			<p>The terminals are connected to the recording <b>${mains.recording}</b>, in a loop. It can not be changed.</p>
		</section>`;
	}
	return html`<section class="card mains">
		<h2>Mains and loads</h2>
		<${Slider} name="frequency" label="f" unit="Hz" value=${mains.frequency_Hz} decimals=${2}
			minimum=${nameplate.nominalFrequency_Hz * 0.9} maximum=${nameplate.nominalFrequency_Hz * 1.1}
			onChange=${(frequency_Hz: number) => frequency.put({ frequency_Hz })} />
		<div class="choices">
			${
				nameplate.phases === 3 &&
				html`<${Choice} name="phase order" value=${mains.phaseOrder}
				options=${[["123", "L1 L2 L3"], ["132", "L1 L3 L2"]]}
				onChange=${(phaseOrder: string) => send("PUT", "/mains", { phaseOrder })} />`
			}
			<${Choice} name="neutral" value=${mains.neutralConnected}
				options=${[[true, "N connected"], [false, "N broken"]]}
				onChange=${(neutralConnected: boolean) => send("PUT", "/mains", { neutralConnected })} />
		</div>
		${mains.phases.map(
			(phase, p) =>
				html`<${PhaseControls} key=${p} number=${p + 1} phase=${phase} mains=${mains} plate=${nameplate} send=${send} />`,
		)}
	</section>`;
}
