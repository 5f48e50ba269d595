// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { State } from "../state-schema.js";
import { type Chart, lineColour, phaseColours, textStyle, useChart } from "./chart.js";
import { fixed, power } from "./format.js";
import { html } from "./html.js";

/** Ten minutes at the speed of the world; more meter time when it runs faster. */
const longestHistory = 600;

/** What the axis spans at the least: of a single moment it would show days. */
const shortestSpan_ms = 60_000;

interface Moment {
	readonly sequence: number;
	/** Meter's local time as if it were UTC, ms. */
	readonly local_ms: number;
	readonly powers_W: readonly number[];
}

function watts(power_W: number): string {
	const { value, unit } = power(power_W, "W");
	return `${value} ${unit}`;
}

function axisLabel(power_W: number): string {
	return Math.abs(power_W) >= 1000 ? `${fixed(power_W / 1000, 1)} kW` : `${fixed(power_W, 0)} W`;
}

function setUp(chart: Chart): void {
	chart.setOption({
		animation: false,
		useUTC: true,
		textStyle,
		grid: { left: 62, right: 14, top: 12, bottom: 24 },
		tooltip: { trigger: "axis", valueFormatter: (value: unknown) => watts(Number(value)) },
		xAxis: {
			type: "time",
			min: ({ min, max }: { min: number; max: number }) =>
				Number.isFinite(max) ? Math.min(min, max - shortestSpan_ms) : null,
			axisLine: { lineStyle: { color: lineColour } },
			axisLabel: { ...textStyle, hideOverlap: true, formatter: "{HH}:{mm}:{ss}" },
			splitNumber: 4,
		},
		yAxis: {
			type: "value",
			scale: false,
			splitNumber: 3,
			axisLabel: { ...textStyle, formatter: axisLabel },
			splitLine: { lineStyle: { color: lineColour } },
		},
		series: [],
	});
}

/** Active power of each phase over the last minutes, one point for each measuring interval that was seen. */
export function Trend({ state }: { state: State }): VNode {
	const history = useRef<Moment[]>([]);
	const { measured, time } = state;
	const last = history.current.at(-1);
	if (last !== undefined && last.sequence > measured.sequence) history.current = []; // the meter was started again
	if (last?.sequence !== measured.sequence && measured.isValid) {
		history.current.push({
			sequence: measured.sequence,
			local_ms: Date.parse(`${time.localTime.slice(0, 19)}Z`),
			powers_W: measured.phases.map(({ activePower_W }) => activePower_W),
		});
		if (history.current.length > longestHistory) history.current.shift();
	}
	const element = useChart(setUp, (chart) =>
		chart.setOption({
			series: measured.phases.map((_, p) => ({
				id: `L${p + 1}`,
				name: `L${p + 1}`,
				type: "line",
				showSymbol: false,
				step: "end",
				lineStyle: { width: 1.8 },
				itemStyle: { color: phaseColours[p]! },
				data: history.current.map(({ local_ms, powers_W }) => [local_ms, powers_W[p] ?? 0]),
			})),
		}),
	);
	return html`<section class="card trend">
		<h2>Active power <small>${measured.phases.map((_, p) => html`<span class=${`key l${p + 1}`}>L${p + 1}</span>`)}</small></h2>
		<div class="chart" ref=${element} role="img" aria-label="Trend of the active power of each phase"></div>
	</section>`;
}
