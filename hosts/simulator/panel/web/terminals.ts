// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { html } from "./html.js";
import type { Live } from "./live.js";

type Io = NonNullable<State["io"]>;
type Fault = Io["relays"][number]["fault"];

/** A click goes on to the next one. */
const faultAfter: Readonly<Record<Fault, Fault>> = { none: "welded", welded: "stuck", stuck: "none" };

/** Inputs to put voltage on, outputs and auxiliary relays to look at; what may be wrong with a relay. */
export function Terminals({ state, send }: { state: State; send: Live["send"] }): VNode | null {
	const { io } = state;
	if (io === null) return null;
	return html`<section class="card terminals" aria-label="Terminals">
		<div class="choices"><span class="caption">Inputs</span>${io.inputs.map(
			(isEnergised, n) =>
				html`<span class="choice"><button type="button" aria-pressed=${isEnergised} aria-label=${`input ${n + 1}`}
					onClick=${() => send("PUT", `/inputs/${n + 1}`, { isEnergised: !isEnergised })}>${n + 1}</button></span>`,
		)}<span class="caption">Outputs</span>${io.outputs.map(
			({ isOn }, n) =>
				html`<span class=${isOn ? "lamp on" : "lamp"} role="img" aria-label=${`output ${n + 1} ${isOn ? "on" : "off"}`}>${n + 1}</span>`,
		)}${io.relays.length > 0 && html`<span class="caption">Relays</span>`}${io.relays.map(
			({ isClosed, fault }, n) =>
				html`<span class=${isClosed ? "lamp on" : "lamp"} role="img" aria-label=${`relay ${n + 1} ${isClosed ? "closed" : "open"}`}>${n + 1}</span>
				<span class="choice"><button type="button" aria-pressed=${fault !== "none"} aria-label=${`relay fault ${n + 1}`}
					onClick=${() => send("PUT", `/relays/${n + 1}`, { fault: faultAfter[fault] })}>${fault === "none" ? "ok" : fault}</button></span>`,
		)}</div>
	</section>`;
}
