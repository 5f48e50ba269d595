// SPDX-License-Identifier: Apache-2.0
import { openWrapper, VisitedMeter } from "./support/visit.js";

const links = Object.freeze([openWrapper, openWrapper, openWrapper, openWrapper]);
const metered_s = 10;
/** In the middle of the long lists. */
const readingEvery = 16;

/** Eight ciphered associations at once; one of their clients reads the object list, and the load profile by range. */
export default function run(): void {
	const visited = new VisitedMeter(1, links, metered_s);
	let requests = 0;
	let measured = 0;
	const measure = (): void => {
		measured++;
		reading("crowd");
	};
	while (visited.serve(measure)) if (++requests % readingEvery === 0) measure();
	check("the clients' visits went through to their end", requests > 60 && measured > 4);
	check("the associations are released", visited.meter.server.nextDeadline_ms === Number.POSITIVE_INFINITY);
}
