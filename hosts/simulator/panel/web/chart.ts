// SPDX-License-Identifier: Apache-2.0
import * as echarts from "echarts";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

export type Chart = echarts.ECharts;

/** A chart that fills its element; `setUp` is called once, `draw` whenever the page is rendered. */
export function useChart(
	setUp: (chart: Chart) => void,
	draw: (chart: Chart) => void,
): RefObject<HTMLDivElement | null> {
	const element = useRef<HTMLDivElement>(null);
	const chart = useRef<Chart | undefined>(undefined);

	useEffect(() => {
		const made = echarts.init(element.current!, undefined, { renderer: "canvas" });
		chart.current = made;
		setUp(made);
		draw(made);
		const observer = new ResizeObserver(() => made.resize());
		observer.observe(element.current!);
		return () => {
			observer.disconnect();
			made.dispose();
			chart.current = undefined;
		};
	}, []);
	useEffect(() => {
		if (chart.current !== undefined) draw(chart.current);
	});
	return element;
}

/** Colours of the conductors, as their insulation has them (IEC 60445): brown, black, grey. */
export const phaseColours = ["#a4561f", "#232b35", "#8a97a6"] as const;
export const quietColour = "#5b6776";
export const lineColour = "#dde3ea";
export const textStyle = { fontFamily: "system-ui, sans-serif", fontSize: 11, color: quietColour } as const;
