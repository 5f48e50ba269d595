// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { Choice } from "./choice.js";
import { html } from "./html.js";
import type { LinkStatus, Live } from "./live.js";

const speeds: readonly (readonly [number | "max", string])[] = [
	[0, "Stop"],
	[1, "1\u00d7"],
	[10, "10\u00d7"],
	[60, "60\u00d7"],
	[600, "600\u00d7"],
	["max", "Max"],
];
const steps: readonly (readonly [number, string])[] = [
	[1, "1 s"],
	[60, "1 min"],
	[900, "15 min"],
	[3600, "1 h"],
];

const statusTexts: Readonly<Record<LinkStatus, string>> = Object.freeze({
	connecting: "connecting",
	open: "live",
	lost: "connection lost",
	needsToken: "token needed",
});

/** Meter time, its speed, the supply, and whether what one sees is live. */
export function TopBar({ state, status, send }: { state: State; status: LinkStatus; send: Live["send"] }): VNode {
	const { time, isPowered, nameplate } = state;
	return html`<header class="bar">
		<span class="brand"><img src="/icon.svg" alt="" />sx402 <small>${nameplate.model} simulator</small></span>
		<span class=${`clock ${time.isClockValid ? "" : "stale"}`} title="The meter's clock, local time">
			<b data-quantity="time">${time.localTime.slice(11, 19)}</b> ${time.localTime.slice(0, 10)}${" "}
			<small>UTC${time.localTime.slice(19)}</small>
		</span>
		<span class="group"><label>Speed</label>
			<${Choice} name="speed" options=${speeds} value=${time.speed}
				onChange=${(speed: number | "max") => send("PUT", "/time", { speed })} /></span>
		<span class="group"><label>Step</label>
			<span class="choice" role="group" aria-label="step">${steps.map(
				([seconds, label]) =>
					html`<button type="button" onClick=${() => send("POST", "/time/step", { seconds })}>${label}</button>`,
			)}</span></span>
		<button type="button" class="supply" aria-pressed=${isPowered} aria-label="supply"
			onClick=${() => send("POST", "/power", { action: isPowered ? "cut" : "restore" })}>
			${isPowered ? "Supply on" : "Supply cut"}</button>
		<span class=${`status ${status}`} role="status">${statusTexts[status]}</span>
	</header>`;
}
