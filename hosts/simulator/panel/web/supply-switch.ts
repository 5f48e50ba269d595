// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { html } from "./html.js";
import type { Live } from "./live.js";

type Fault = NonNullable<State["supplySwitch"]>["poles"][number]["fault"];

/** A click goes on to the next one. */
const faults: readonly Fault[] = ["none", "welded", "stuck", "arc"];

function after(fault: Fault): Fault {
	return faults[(faults.indexOf(fault) + 1) % faults.length]!;
}

/** The contacts of the switching module, and what may be wrong with them. */
export function SupplySwitch({ state, send }: { state: State; send: Live["send"] }): VNode | null {
	if (state.supplySwitch === null) return null;
	return html`<section class="card switch">
		<h2>Switch</h2>
		${state.supplySwitch.poles.map(
			({ isClosed, fault, isBackFed }, n) => html`<div class="choices">
				<span class="choice" aria-label=${`pole ${n + 1}`}>L${n + 1} ${isClosed ? "closed" : "open"}</span>
				<span class="choice"><button type="button" aria-pressed=${fault !== "none"} aria-label=${`fault ${n + 1}`}
					onClick=${() => send("PUT", `/switch/poles/${n + 1}`, { fault: after(fault) })}>${fault === "none" ? "No fault" : fault}</button></span>
				<span class="choice"><button type="button" aria-pressed=${isBackFed} aria-label=${`back feed ${n + 1}`}
					onClick=${() => send("PUT", `/switch/poles/${n + 1}`, { isBackFed: !isBackFed })}>${isBackFed ? "Load side fed" : "Load side free"}</button></span>
			</div>`,
		)}
	</section>`;
}
