// SPDX-License-Identifier: Apache-2.0
import { openOptical, VisitedMeter } from "./support/visit.js";

const visit = 5;
const metered_s = 10;
/** Between two requests. */
const step_ms = 200;

/** Every method and script, called over the deepest of the links. */
export default function run(): void {
	const visited = new VisitedMeter(visit, Object.freeze([openOptical]), metered_s);
	let requests = 0;
	while (visited.serve()) {
		requests++;
		visited.pass(step_ms);
	}
	check("the client called everything", requests > 200);
}
