// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler } from "../../../src/cosem/apdu-handler.js";
import { callEverything } from "./support/methods.js";
import { openOpticalTo } from "./support/visit.js";

/** Every method and script, called on a link that does not wait for answers. */
export default function run(): void {
	callEverything((sink, meter) => {
		const { server } = meter;
		const atOnce: ApduHandler = {
			open: (link) => server.open(link),
			handle: (link, client, to, bytes, from, end, response) =>
				server.handle(link, client, to, bytes, from, end, response),
			handleMore: (link, client, to, response) => server.handleMore(link, client, to, response),
			isHeard: (link, client, to) => server.isHeard(link, client, to),
			isKnown: (link, client, to) => server.isKnown(link, client, to),
			abort: (link, client) => server.abort(link, client),
			close: (link) => server.close(link),
		};
		return openOpticalTo(atOnce, sink, meter);
	});
}
