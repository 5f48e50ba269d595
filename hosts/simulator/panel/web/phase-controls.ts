// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { Mains, MainsPhase, Nameplate } from "../state-schema.js";
import { Choice } from "./choice.js";
import { LatestWins } from "./control.js";
import { html } from "./html.js";
import type { Live } from "./live.js";
import { Slider } from "./slider.js";

interface PhaseControlsProps {
	readonly number: number;
	readonly phase: MainsPhase;
	readonly mains: Mains;
	readonly plate: Nameplate;
	readonly send: Live["send"];
}

interface Quadrant {
	readonly reactive: MainsPhase["reactive"];
	readonly isExport: boolean;
}

/** At power factor 1 nothing says whether a load is inductive, at 0 nothing whether it exports: then it stays as it was. */
function quadrantOf({ reactive, powerFactor, angle_deg }: MainsPhase, last: Quadrant): Quadrant {
	const size = Math.abs(powerFactor);
	return {
		reactive: size > 0.999_999 ? last.reactive : reactive,
		isExport: size < 0.000_001 ? last.isExport : Math.abs(angle_deg) > 90,
	};
}

/** Sliders of one phase. Those of the load take the phase over from the household. */
export function PhaseControls({ number, phase, mains, plate, send }: PhaseControlsProps): VNode {
	const path = `/mains/phases/${number}`;
	const [voltage, load] = useMemo(() => {
		const latest = () => new LatestWins((body) => send("PUT", path, body));
		return [latest(), latest()] as const;
	}, [path, send]);
	const quadrant = useRef<Quadrant>({ reactive: "inductive", isExport: false });
	const { reactive, isExport } = (quadrant.current = quadrantOf(phase, quadrant.current));
	const size = Math.abs(phase.powerFactor);
	const setFactor = (factor: number, change: Partial<Quadrant> = {}) => {
		quadrant.current = { ...quadrant.current, ...change };
		load.put({
			powerFactor: quadrant.current.isExport ? -factor : factor,
			reactive: quadrant.current.reactive,
		});
	};
	return html`<div class="phase" data-phase=${number}>
		<div class="phase-head">
			<b class=${`key l${number}`}>L${number}</b>
			<span class="appliances" title=${phase.appliances.join(", ")}>${
				phase.isHousehold ? phase.appliances.join(", ") || "nothing on" : "set by hand"
			}</span>
			${
				mains.hasHousehold &&
				html`<button type="button" class="toggle" aria-pressed=${phase.isHousehold} aria-label=${`L${number} household`}
				onClick=${() => send("PUT", `${path}/household`, { enabled: !phase.isHousehold })}>Household</button>`
			}
		</div>
		<${Slider} name=${`L${number} voltage`} label="U" unit="V" value=${phase.voltage_V} decimals=${1}
			maximum=${plate.nominalVoltage_V * 1.3} onChange=${(voltage_V: number) => voltage.put({ voltage_V })} />
		<${Slider} name=${`L${number} current`} label="I" unit="A" value=${phase.current_A} decimals=${3} isSquare
			maximum=${plate.maximumCurrent_A} onChange=${(current_A: number) => load.put({ current_A })} />
		<${Slider} name=${`L${number} power factor`} label="PF" unit="" value=${size} decimals=${3} maximum=${1}
			onChange=${(factor: number) => setFactor(factor)} />
		<div class="choices">
			<${Choice} name=${`L${number} reactive`} value=${reactive}
				options=${[["inductive", "inductive"], ["capacitive", "capacitive"]]}
				onChange=${(choice: Quadrant["reactive"]) => setFactor(size, { reactive: choice })} />
			<${Choice} name=${`L${number} direction`} value=${isExport}
				options=${[[false, "import"], [true, "export"]]}
				onChange=${(choice: boolean) => setFactor(size, { isExport: choice })} />
		</div>
	</div>`;
}
