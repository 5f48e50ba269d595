// SPDX-License-Identifier: Apache-2.0
import { type OpenLink, turn_computrons, VisitedMeter } from "./visit.js";

const visit = 5;
const metered_s = 10;
/** Between two requests. */
const step_ms = 200;

/** Management calls every method and script of a meter. */
export function callEverything(open: OpenLink): void {
	const visited = new VisitedMeter(visit, Object.freeze([open]), metered_s);
	let requests = 0;
	let longTurns = 0;
	while (visited.serve()) {
		requests++;
		if (visited.spent_computrons > turn_computrons) longTurns++;
		visited.pass(step_ms);
	}
	figure("long turns", longTurns);
	check("the client called everything", requests > 200);
}
