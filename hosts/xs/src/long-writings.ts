// SPDX-License-Identifier: Apache-2.0
import { openWrapper, VisitedMeter } from "./support/visit.js";

const visit = 4;
const metered_s = 10;
/** Between two requests. */
const step_ms = 200;

/** The longest values and lists that clients may write, each over as many turns as it needs. */
export default function run(): void {
	const visited = new VisitedMeter(visit, Object.freeze([openWrapper]), metered_s);
	while (visited.serve()) visited.pass(step_ms);
	figure("further turns", visited.furtherTurns);
	check("long values take several turns", visited.furtherTurns > 50);
}
