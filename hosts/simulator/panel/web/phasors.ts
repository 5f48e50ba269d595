// SPDX-License-Identifier: Apache-2.0
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from "echarts";
import type { VNode } from "preact";
import type { State } from "../state-schema.js";
import { type Chart, lineColour, phaseColours, textStyle, useChart } from "./chart.js";
import { html } from "./html.js";

/** An arrow: length as a share of the full scale, angle anticlockwise from U1 in 0 to 360 degrees, and what it is. */
type Arrow = [length: number, angle_deg: number, phase: number, isCurrent: number];

interface Picture {
	readonly arrows: readonly Arrow[];
	readonly fullScale_V: number;
	readonly fullScale_A: number;
}

/** The next of 1, 2, 5, 10, 20, … */
function roundUp(value: number): number {
	const decade = 10 ** Math.floor(Math.log10(value));
	return [1, 2, 5, 10].map((step) => step * decade).find((step) => step >= value * 0.999) ?? 10 * decade;
}

function pictureOf({ measured, nameplate }: State): Picture {
	const { phases } = measured;
	const greatest_V = Math.max(...phases.map(({ voltage_V }) => voltage_V));
	const greatest_A = Math.max(...phases.map(({ current_A }) => current_A));
	const fullScale_V = Math.max(greatest_V, nameplate.nominalVoltage_V) * 1.05;
	const fullScale_A = roundUp(Math.max(greatest_A, nameplate.startingCurrent_A));
	const arrows: Arrow[] = [];
	for (const [p, phase] of phases.entries()) {
		const { voltageAngle_deg, currentAngle_deg } = phase;
		if (voltageAngle_deg !== null) arrows.push([phase.voltage_V / fullScale_V, turn(voltageAngle_deg), p, 0]);
		if (currentAngle_deg !== null) arrows.push([phase.current_A / fullScale_A, turn(currentAngle_deg), p, 1]);
	}
	return { arrows, fullScale_V, fullScale_A };
}

function turn(angle_deg: number): number {
	return (angle_deg + 360) % 360;
}

/** Draws one arrow from the centre; currents are thinner, with an open head. */
function renderArrow(_parameters: unknown, api: CustomSeriesRenderItemAPI): CustomSeriesRenderItemReturn {
	const [x0, y0] = api.coord([0, 0]) as [number, number];
	const [x, y] = api.coord([api.value(0), api.value(1)]) as [number, number];
	const phase = Number(api.value(2));
	const isCurrent = api.value(3) === 1;
	const length = Math.hypot(x - x0, y - y0);
	if (length < 1) return { type: "group", children: [] };
	const [dx, dy] = [(x - x0) / length, (y - y0) / length];
	const head = Math.min(isCurrent ? 9 : 12, length);
	const half = head * 0.38;
	const [bx, by] = [x - dx * head, y - dy * head];
	const colour = phaseColours[phase]!;
	const label = `${isCurrent ? "I" : "U"}${phase + 1}`;
	return {
		type: "group",
		children: [
			{
				type: "line",
				shape: { x1: x0, y1: y0, x2: bx, y2: by },
				style: { stroke: colour, lineWidth: isCurrent ? 1.6 : 2.6, ...(isCurrent ? { lineDash: [5, 3] } : {}) },
			},
			{
				type: "polygon",
				shape: {
					points: [
						[x, y],
						[bx - dy * half, by + dx * half],
						[bx + dy * half, by - dx * half],
					],
				},
				style: { fill: isCurrent ? "#fff" : colour, stroke: colour, lineWidth: 1.4 },
			},
			{
				type: "text",
				// beside the tip, so that a current in phase with its voltage can still be read
				x: x + dx * 10 - (isCurrent ? dy * 9 : 0),
				y: y + dy * 10 + (isCurrent ? dx * 9 : 0),
				style: { ...textStyle, text: label, fill: colour, fontWeight: 600, align: "center", verticalAlign: "middle" },
			},
		],
	};
}

function setUp(chart: Chart): void {
	chart.setOption({
		animation: false,
		textStyle,
		polar: { center: ["50%", "50%"], radius: "84%" },
		angleAxis: {
			type: "value",
			startAngle: 0,
			clockwise: false,
			min: 0,
			max: 360,
			interval: 30,
			axisLine: { lineStyle: { color: lineColour } },
			axisTick: { show: false },
			splitLine: { lineStyle: { color: lineColour } },
			axisLabel: {
				...textStyle,
				formatter: (angle: number) => (angle % 90 === 0 && angle % 360 !== 0 ? `${angle}\u00b0` : ""),
			},
		},
		radiusAxis: {
			min: 0,
			max: 1,
			interval: 0.25,
			axisLine: { show: false },
			axisTick: { show: false },
			axisLabel: { show: false },
			splitLine: { lineStyle: { color: lineColour } },
		},
		series: [{ type: "custom", coordinateSystem: "polar", renderItem: renderArrow, silent: true, data: [] }],
	});
}

/** Voltages and currents as arrows: U1 points to the right, leading is anticlockwise. */
export function Phasors({ state }: { state: State }): VNode {
	const { arrows, fullScale_V, fullScale_A } = pictureOf(state);
	const element = useChart(setUp, (chart) => chart.setOption({ series: [{ data: arrows as Arrow[] }] }));
	return html`<section class="card phasors">
		<h2>Phasors <small>rim ${fullScale_V.toFixed(0)} V, ${fullScale_A} A</small></h2>
		<div class="chart" ref=${element} role="img" aria-label="Phasor diagram"></div>
	</section>`;
}
