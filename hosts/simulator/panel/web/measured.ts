// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import type { MeasuredPhase, State } from "../state-schema.js";
import { current, energy, fixed, missing, power, powerFactor, type Quantity, voltage } from "./format.js";
import { html } from "./html.js";

interface Row {
	readonly name: string;
	readonly title: string;
	readonly ofPhase: (phase: MeasuredPhase) => Quantity;
	readonly ofAll: (measured: State["measured"]) => Quantity;
}

const rows: readonly Row[] = [
	{ name: "U", title: "Voltage", ofPhase: (p) => voltage(p.voltage_V), ofAll: () => missing },
	{ name: "I", title: "Current", ofPhase: (p) => current(p.current_A), ofAll: () => missing },
	{
		name: "P",
		title: "Active power, import positive",
		ofPhase: (p) => power(p.activePower_W, "W"),
		ofAll: (all) => power(all.activePower_W, "W"),
	},
	{
		name: "Q",
		title: "Reactive power, inductive positive",
		ofPhase: (p) => power(p.reactivePower_var, "var"),
		ofAll: (all) => power(all.reactivePower_var, "var"),
	},
	{
		name: "S",
		title: "Apparent power",
		ofPhase: (p) => power(p.apparentPower_VA, "VA"),
		ofAll: (all) => power(all.apparentPower_VA, "VA"),
	},
	{
		name: "PF",
		title: "Power factor",
		ofPhase: (p) => powerFactor(p.powerFactor),
		ofAll: (all) => powerFactor(all.powerFactor),
	},
];

function cell(id: string, { value, unit }: Quantity): VNode {
	return html`<td data-quantity=${id}><b>${value}</b><i>${unit}</i></td>`;
}

/** What the meter measures now, per phase and in all. */
export function MeasuredValues({ state }: { state: State }): VNode {
	const { measured, isPowered } = state;
	const { phases, frequency_Hz, neutralCurrent_A } = measured;
	const isValid = measured.isValid && isPowered;
	return html`<section class=${`card measured ${isValid ? "" : "stale"}`}>
		<h2>Measured
			<small><span data-quantity="f">${isValid ? `${fixed(frequency_Hz, 3)} Hz` : "no values"}</span>
			${neutralCurrent_A !== null && html`<span>IN ${current(neutralCurrent_A).value} A</span>`}</small>
		</h2>
		<table>
			<thead><tr><th></th>${phases.map((_, p) => html`<th class=${`key l${p + 1}`}>L${p + 1}</th>`)}<th>\u03a3</th></tr></thead>
			<tbody>${rows.map(
				(row) => html`<tr><th title=${row.title}>${row.name}</th>
					${phases.map((phase, p) => cell(`${row.name}${p + 1}`, isValid ? row.ofPhase(phase) : missing))}
					${cell(row.name, isValid ? row.ofAll(measured) : missing)}</tr>`,
			)}</tbody>
		</table>
	</section>`;
}

/** Energy registers to the last digit that the meter keeps for reading. */
export function Registers({ state }: { state: State }): VNode {
	return html`<section class="card registers">
		<h2>Energy registers</h2>
		<table><tbody>${state.registers.map(
			({ code, name, value, unit }) => html`<tr data-register=${code}>
				<th>${code}</th><td class="name">${name}</td><td><b>${energy(value)}</b><i>${unit}</i></td></tr>`,
		)}</tbody></table>
	</section>`;
}
