// SPDX-License-Identifier: Apache-2.0
import * as echarts from "echarts";
import type { Campaign, PointResult } from "./campaign.js";
import { strictest } from "./load-points.js";

const width = 900;
const colours = Object.freeze({ "1": "#1f5fa8", "0.5 ind": "#c2571a", "0.8 cap": "#3b7d3a", limit: "#9a9a9a" });
const textStyle = { fontFamily: "sans-serif", fontSize: 12 };

function render(height: number, option: echarts.EChartsCoreOption): string {
	const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
	chart.setOption({ animation: false, backgroundColor: "#ffffff", textStyle, ...option });
	// The renderer numbers its clip paths through the life of the process: the same report must give the same file.
	const svg = chart.renderToSVGString().replaceAll(/zr\d+-/g, "zr-");
	chart.dispose();
	return `${svg}\n`;
}

/** Errors of every seed against the current, with a third of the class C limit, the target. */
export function plotErrors(campaign: Campaign): string {
	const { model, points } = campaign;
	const balanced = points.filter(({ point }) => point.group === "balanced, import");
	const series: object[] = [];
	/** Panel 0 with the target, panel 1 enlarged. */
	const place = (panel: number) => ({ xAxisIndex: panel, yAxisIndex: panel });
	for (const factor of ["1", "0.5 ind", "0.8 cap"] as const) {
		const ofFactor = balanced.filter(({ point }) => point.factor === factor);
		campaign.seeds.forEach((_, n) => {
			const line = {
				name: `PF ${factor}`,
				type: "line",
				symbolSize: 5,
				lineStyle: { width: 1 },
				itemStyle: { color: colours[factor] },
				data: ofFactor.map(({ point, errors_percent }) => [point.current_A, errors_percent[n]]),
			};
			series.push({ ...line, ...place(0) }, { ...line, ...place(1) });
		});
	}
	for (const sign of [1, -1]) {
		series.push({
			name: "a third of the class C limit",
			type: "line",
			step: "end",
			symbol: "none",
			lineStyle: { type: "dashed", width: 1.5, color: colours.limit },
			itemStyle: { color: colours.limit },
			data: thirdOfLimit(balanced).map(([current, limit]) => [current, sign * limit!]),
		});
	}
	const errors = balanced.flatMap(({ errors_percent }) => errors_percent.map(Math.abs));
	const enlarged = niceCeiling(Math.max(...errors));
	const axis = { type: "log", axisLabel: { showMinLabel: false, showMaxLabel: false }, ...rangeOf(balanced) };
	return render(580, {
		title: { text: `${model.name}: active energy, balanced load, ${campaign.seeds.length} boards`, left: 12, top: 8 },
		legend: { top: 36, data: ["PF 1", "PF 0.5 ind", "PF 0.8 cap", "a third of the class C limit"] },
		grid: [
			{ left: 80, right: 30, top: 86, height: 190 },
			{ left: 80, right: 30, top: 330, height: 190 },
		],
		xAxis: [
			{ ...axis, gridIndex: 0 },
			{ ...axis, gridIndex: 1, name: "current, A", nameLocation: "middle", nameGap: 28 },
		],
		yAxis: [
			{ type: "value", gridIndex: 0, name: "error, %", min: -0.4, max: 0.4 },
			{ type: "value", gridIndex: 1, name: "error, %, enlarged", min: -enlarged, max: enlarged },
		],
		series,
	});
}

/** The next 1, 2 or 5 times a power of ten. */
function niceCeiling(value: number): number {
	const decade = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
	return [1, 2, 5, 10].map((step) => step * decade).find((step) => step >= value) ?? 10 * decade;
}

function rangeOf(results: readonly PointResult[]): { min: number; max: number } {
	const currents = results.map(({ point }) => point.current_A);
	return { min: Math.min(...currents) / 1.3, max: Math.max(...currents) * 1.3 };
}

function thirdOfLimit(results: readonly PointResult[]): number[][] {
	const limits = new Map<number, number>();
	for (const { point } of results) limits.set(point.current_A, strictest(point.limits) / 3);
	return [...limits].sort(([a], [b]) => a - b);
}

/** How much of its limit each group of load points uses, worst of all seeds. */
export function plotShares(campaigns: readonly Campaign[]): string {
	const groups: [string, (result: PointResult) => boolean][] = [
		["balanced, PF 1", ({ point }) => point.group.startsWith("balanced") && point.factor === "1"],
		["balanced, PF 0.5 ind", ({ point }) => point.group.startsWith("balanced") && point.factor === "0.5 ind"],
		["balanced, PF 0.8 cap", ({ point }) => point.group.startsWith("balanced") && point.factor === "0.8 cap"],
		["one phase, PF 1", ({ point }) => / alone, /.test(point.group) && point.factor === "1"],
		["one phase, PF 0.5 ind", ({ point }) => / alone, /.test(point.group) && point.factor === "0.5 ind"],
		["reactive, sin φ 1", ({ point }) => point.quantity === "reactive" && point.factor === "1"],
		["reactive, sin φ 0.5", ({ point }) => point.quantity === "reactive" && point.factor === "0.5"],
		["reactive, sin φ 0.25", ({ point }) => point.quantity === "reactive" && point.factor === "0.25"],
	];
	return render(420, {
		title: { text: "Share of the limit (class C, reactive class 2), worst of all points and boards", left: 12, top: 8 },
		legend: { top: 36 },
		grid: { left: 160, right: 40, top: 70, bottom: 50 },
		xAxis: { type: "value", name: "% of the limit", nameLocation: "middle", nameGap: 28, min: 0, max: 50 },
		yAxis: { type: "category", inverse: true, data: groups.map(([name]) => name) },
		series: campaigns.map(({ model, points }) => ({
			name: model.name,
			type: "bar",
			data: groups.map(([, belongs]) => round(worstShare(points.filter(belongs)))),
			markLine: {
				symbol: "none",
				silent: true,
				lineStyle: { color: colours.limit, type: "dashed" },
				data: [{ xAxis: 33.3 }],
				label: { formatter: "target of class C", position: "start" },
			},
		})),
	});
}

/** Change of the error by each influence quantity against what class C allows. */
export function plotInfluences(campaigns: readonly Campaign[]): string {
	const names = [...new Set(campaigns.flatMap(({ influences }) => influences.map(({ name }) => name)))];
	return render(160 + 34 * names.length, {
		title: {
			text: "Influence quantities: change of the error, worst board, against the class C limit",
			left: 12,
			top: 8,
		},
		legend: { top: 36 },
		grid: { left: 340, right: 40, top: 70, bottom: 50 },
		xAxis: { type: "value", name: "% of the limit", nameLocation: "middle", nameGap: 28, min: 0, max: 50 },
		yAxis: { type: "category", inverse: true, data: names },
		series: campaigns.map(({ model, influences }) => ({
			name: model.name,
			type: "bar",
			data: names.map((name) => {
				const found = influences.find((influence) => influence.name === name);
				if (found === undefined) return "-";
				return round((100 * Math.max(...found.changes_percent.map(Math.abs))) / strictest(found.limits));
			}),
		})),
	});
}

/** Largest share of the strictest limit, percent; 0 without points. */
export function worstShare(results: readonly PointResult[]): number {
	let worst = 0;
	for (const { point, errors_percent } of results) {
		for (const error of errors_percent) worst = Math.max(worst, (100 * Math.abs(error)) / strictest(point.limits));
	}
	return worst;
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
