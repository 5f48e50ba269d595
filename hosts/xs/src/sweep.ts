// SPDX-License-Identifier: Apache-2.0
import { openWrapper, turn_computrons, VisitedMeter } from "./support/visit.js";

const visit = 3;
const metered_s = 10;
/** Between two requests. */
const step_ms = 200;

/** Every attribute of every object, read and written back: how many requests take more than a turn. */
export default function run(): void {
	const visited = new VisitedMeter(visit, Object.freeze([openWrapper]), metered_s);
	let requests = 0;
	let longReadings = 0;
	let longWritings = 0;
	while (visited.serve()) {
		requests++;
		if (visited.spent_computrons > turn_computrons) {
			if (visited.isWriting) longWritings++;
			else longReadings++;
		}
		visited.pass(step_ms);
	}
	figure("long readings", longReadings);
	figure("long writings", longWritings);
	check("the client read everything", requests > 3000);
}
