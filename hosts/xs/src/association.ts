// SPDX-License-Identifier: Apache-2.0
import { openWrapper, VisitedMeter } from "./support/visit.js";

const metered_s = 10;
/** Every so many requests the heap is read: some of them lie in the middle of a block transfer. */
const readingEvery = 8;

/** A client of other authorship visits the meter on the engine, ciphered, over the wrapper: identity, energy, profile. */
export default function run(): void {
	const visited = new VisitedMeter(0, [openWrapper], metered_s);
	let requests = 0;
	while (visited.serve()) if (++requests % readingEvery === 0) reading("association");
	reading("after");
	check("the client's visit went through to its end", requests > 40);
	check("the association is released", visited.meter.server.nextDeadline_ms === Number.POSITIVE_INFINITY);
}
