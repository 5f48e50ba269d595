// SPDX-License-Identifier: Apache-2.0
import { render, type VNode } from "preact";
import { Face } from "./face.js";
import { Housing } from "./housing.js";
import { html } from "./html.js";
import { useLive } from "./live.js";
import { MainsControls } from "./mains-controls.js";
import { MeasuredValues, Registers } from "./measured.js";
import { Phasors } from "./phasors.js";
import { SupplySwitch } from "./supply-switch.js";
import { Terminals } from "./terminals.js";
import { TopBar } from "./top-bar.js";
import { Trend } from "./trend.js";

function TokenForm({ enter }: { enter: (text: string) => void }): VNode {
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		enter(String(new FormData(event.target as HTMLFormElement).get("token") ?? ""));
	};
	return html`<form class="card token" onSubmit=${submit}>
		<h2>Token</h2>
		<p>This panel can be reached from other machines and needs the token that the simulator printed at its start.</p>
		<input name="token" type="password" autocomplete="off" aria-label="token" /> <button>Enter</button>
	</form>`;
}

function App(): VNode {
	const { state, status, refusal, send, enterToken } = useLive();
	if (status === "needsToken") return html`<${TokenForm} enter=${enterToken} />`;
	if (state === undefined) return html`<p class="waiting">Waiting for the simulator\u2026</p>`;
	return html`<${TopBar} state=${state} status=${status} send=${send} />
		${refusal !== "" && html`<p class="refusal" role="alert">${refusal}</p>`}
		<main class=${status === "open" ? "" : "stale"}>
			<div class="column left">
				<${Face} state=${state} /><${Registers} state=${state} /><${Housing} state=${state} send=${send} />
			</div>
			<div class="column middle">
				<${Phasors} state=${state} /><${MeasuredValues} state=${state} /><${Trend} state=${state} />
				<${Terminals} state=${state} send=${send} />
			</div>
			<div class="column right"><${MainsControls} state=${state} send=${send} />
				<${SupplySwitch} state=${state} send=${send} /></div>
		</main>`;
}

render(html`<${App} />`, document.body);
