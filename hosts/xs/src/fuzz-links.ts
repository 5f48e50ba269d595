// SPDX-License-Identifier: Apache-2.0
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { WrapperDatagram } from "../../../src/cosem/wrapper/wrapper-datagram.js";
import { frames, type OpenLink, openOptical, openWrapper, VisitedMeter } from "./support/visit.js";

const visit = 2;
const metered_s = 5;
/** Real time does not pass; locks and time-outs must. */
const step_ms = 20;
/** As in `fuzz`. */
const allowedGrowth = 150;
const settled = 2000;

const openHdlc: OpenLink = (sink, { server, application }) =>
	new HdlcSession(sink, server, { port: "optical", name: "hdlc" }, application.opticalHdlc, frames);

/** What comes from anywhere, at any time. */
const openDatagram: OpenLink = (_sink, { server }) => {
	const datagram = new WrapperDatagram(server, { port: "udp", name: "udp" });
	return {
		receive: (bytes) => datagram.receive(bytes),
		advance: () => undefined,
		nextDeadline_ms: 0,
		close: () => datagram.close(),
	};
};

/** The links of a meter under 10,000 hostile frames, datagrams, sign-ons and genuinely protected requests (hostile-visit.ts). */
export default function run(): void {
	const links = Object.freeze([openWrapper, openHdlc, openOptical, openDatagram, openWrapper]);
	const visited = new VisitedMeter(visit, links, metered_s, { allowsProgramming: true });
	let requests = 0;
	let before = 0;
	while (visited.serve()) {
		visited.pass(step_ms);
		if (visited.isOver) visited.reopen(visited.link);
		if (++requests !== settled) continue;
		collectGarbage();
		before = heap("slots");
	}
	collectGarbage();
	const after = heap("slots");
	figure("growth", after - before);
	check("SEC-mem G9: hostile frames leave nothing behind", after - before <= allowedGrowth);
	check(
		"the visit went through to its end: no data without the right, valid requests are served",
		requests > 5 * settled,
	);
}
