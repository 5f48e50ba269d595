// SPDX-License-Identifier: Apache-2.0
import { Writer } from "../../../src/cosem/codec/writer.js";
import { kindOfAnswer } from "./support/answer-kind.js";
import { generator } from "./support/draw.js";
import { engineMeter, RunnerBus, SteppedClock } from "./support/engine-meter.js";
import { FuzzMessages } from "./support/fuzz-messages.js";

const count = 10_000;
const publicSap = 16;
const preEstablishedSap = 102;
const metered_s = 5;
/** Real time does not pass; locks and time-outs must. */
const step_ms = 5;
const publicAarq = [
	0x60, 0x1d, 0xa1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08, 0x01, 0x01, 0xbe, 0x10, 0x04, 0x0e, 0x01, 0x00,
	0x00, 0x00, 0x06, 0x5f, 0x1f, 0x04, 0x00, 0x00, 0x12, 0x14, 0xff, 0xff,
];
const getClock = [0xc0, 0x01, 0xc1, 0x00, 0x08, 0x00, 0x00, 0x01, 0x00, 0x00, 0xff, 0x02, 0x00];
/** Slots of 16 octets by which the heap may differ at the end: what a meter keeps that has been asked for everything once. */
const allowedGrowth = 150;

/** Sends `count` hostile APDUs to a whole meter of the board, as the public and the pre-established client. */
export default function run(): void {
	const clock = new SteppedClock();
	const meter = engineMeter(clock, new RunnerBus(clock));
	let next_ms = meter.advance(0);
	const passTo = (end_ms: number): void => {
		while (next_ms <= end_ms) {
			clock.now_ms = next_ms;
			next_ms = meter.advance(next_ms);
		}
		clock.now_ms = end_ms;
	};
	passTo(metered_s * 1000);
	const draw = generator(0x5402);
	const messages = new FuzzMessages(draw);
	const response = new Writer(1100);
	const { server } = meter;
	const link = server.open({ port: "tcp", name: "fuzz" });
	const send = (apdu: Uint8Array, sap = publicSap): boolean =>
		server.handle(link, sap, 1, apdu, 0, apdu.length, response);
	const kinds = new Map<string, number>();
	const associate = (): void => void send(Uint8Array.from(publicAarq));
	associate();
	let before = 0;
	for (let n = 0; n < count; n++) {
		if (n === Math.floor(count / 5)) {
			collectGarbage();
			before = heap("slots");
		}
		const apdu = messages.next();
		beginSpan("message");
		const isAnswered = send(apdu, draw(16) === 0 ? preEstablishedSap : publicSap);
		endSpan("message");
		const kind = isAnswered ? kindOfAnswer(response.bytes, response.position) : "silence";
		kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
		passTo(clock.now_ms + step_ms);
		if (kind === "AARE" || kind === "RLRE" || n % 20 === 19) associate();
	}
	collectGarbage();
	const after = heap("slots");
	figure("growth", after - before);
	for (const [kind, times] of kinds) figure(`answers ${kind}`, times);
	check("SEC-mem G9: hostile messages leave nothing behind", after - before <= allowedGrowth);
	const unknown = kinds.get("exception 2/2") ?? 0;
	check("most messages get behind their tag", unknown * 5 < count && kinds.size >= 8);
	passTo(clock.now_ms + 1_000_000);
	associate();
	const isServed = send(Uint8Array.from(getClock));
	check("G9: a valid client is served afterwards", isServed && response.bytes[0] === 0xc4 && response.bytes[3] === 0);
}
