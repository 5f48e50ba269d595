// SPDX-License-Identifier: Apache-2.0
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.js";

const pulse_ms = 70;
/** Flashes that fit between two states; above this the light only flickers. */
const mostFlashes = 2;
const push_ms = 200;

/** A pulse LED: flashes once for every pulse that the front end gave, evenly over the time to the next state. */
export function Led({ name, count, caption }: { name: string; count: number; caption: string }): VNode {
	const [isOn, setOn] = useState(false);
	const shown = useRef(count);
	const timers = useRef<number[]>([]);

	useEffect(() => {
		const pulses = count - shown.current;
		shown.current = count;
		if (pulses <= 0) return;
		const flashes = Math.min(pulses, mostFlashes);
		for (let n = 0; n < flashes; n++) {
			const at_ms = (n * push_ms) / flashes;
			timers.current.push(
				setTimeout(() => setOn(true), at_ms),
				setTimeout(() => setOn(false), at_ms + pulse_ms),
			);
		}
		timers.current.splice(0, timers.current.length - 16);
	}, [count]);
	useEffect(() => () => timers.current.forEach(clearTimeout), []);

	return html`<div class="led" data-led=${name} data-count=${count}>
		<span class=${`lens ${isOn ? "lit" : ""}`}></span>
		<span class="led-caption">${caption}</span>
		<span class="led-count" title="pulses since the simulator was started">${count}</span>
	</div>`;
}
