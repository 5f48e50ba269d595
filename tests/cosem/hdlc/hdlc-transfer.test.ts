// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import type { LinkSink } from "../../../src/ports/link.js";
import { fromHex, toHex } from "../../support/client/bytes.js";
import { askLong, FakeApduHandler, longAnswer, seededRandom } from "../../support/fake-apdu-handler.js";
import { checkSequence, commandLlc, frame, i, parameterField, responseLlc, rnr, rr, snrm } from "./hdlc-frames.js";

/** What a line may do to a frame, as probabilities. */
interface Faults {
	drop: number;
	duplicate: number;
	/** Exchanges it with the one after it in the same burst. */
	swap: number;
	flip: number;
	/** The client says RNR instead of RR. */
	notReady: number;
}

interface Setting {
	clientTransmit: number;
	clientReceive: number;
	clientWindowTransmit: number;
	clientWindowReceive: number;
	faults: Faults;
	seed: number;
}

const server = "03";
const client = "21";
const noFaults: Faults = { drop: 0, duplicate: 0, swap: 0, flip: 0, notReady: 0 };

/**
 * A primary station written from the standard and not from the server: sends its segments in windows, polls until
 * everything is acknowledged and the answer complete, and repeats after a time-out.
 */
class Primary implements LinkSink {
	readonly handler = new FakeApduHandler();
	readonly setup = defaultHdlcSetup(0);
	readonly setting: Setting;
	readonly session: HdlcSession;
	readonly #random: () => number;
	#inbox: string[] = [];
	#now_ms = 0;
	#vs = 0;
	#vr = 0;
	polls = 0;
	longestBurst = 0;
	longestField = 0;

	constructor(setting: Setting) {
		this.setting = setting;
		this.#random = seededRandom(setting.seed);
		this.setup.windowSizeTransmit = 7;
		this.setup.windowSizeReceive = 7;
		this.setup.maxInfoFieldLengthTransmit = 512;
		this.setup.maxInfoFieldLengthReceive = 512;
		const options = { maximumApdu: 1500, maximumInformation: 512, connections: 1 };
		this.session = new HdlcSession(this, this.handler, { port: "optical", name: "t" }, this.setup, options);
	}

	send(bytes: Uint8Array): void {
		this.#inbox.push(toHex(bytes));
	}

	disconnect(): void {}

	connect(): void {
		const { clientTransmit, clientReceive, clientWindowTransmit, clientWindowReceive } = this.setting;
		const proposal = parameterField(clientTransmit, clientReceive, clientWindowTransmit, clientWindowReceive);
		this.session.receive(fromHex(frame(server, client, snrm, proposal)), this.#now_ms);
		const agreed = parameterField(clientReceive, clientTransmit, clientWindowReceive, clientWindowTransmit);
		assert.deepEqual(this.#inbox.splice(0), [frame(client, server, 0x73, agreed)]);
	}

	/** One request and its answer, in hex. */
	exchange(apdu: string): string {
		const { clientTransmit, clientWindowTransmit, faults } = this.setting;
		const text = commandLlc + apdu;
		const segments: string[] = [];
		for (let n = 0; n < text.length; n += 2 * clientTransmit) segments.push(text.slice(n, n + 2 * clientTransmit));
		let acknowledged = 0;
		let answer = "";
		let isComplete = false;
		for (let rounds = 0; rounds < 3000; rounds++) {
			const burst: string[] = [];
			const end = Math.min(segments.length, acknowledged + clientWindowTransmit);
			for (let n = acknowledged; n < end; n++) {
				const control = i((this.#vs + n - acknowledged) & 7, this.#vr, n === end - 1);
				burst.push(frame(server, client, control, segments[n]!, n < segments.length - 1));
			}
			if (burst.length === 0) {
				const ready = this.#random() < faults.notReady ? rnr : rr;
				burst.push(frame(server, client, ready(this.#vr)));
			}
			this.polls++;
			for (const reply of this.#transact(burst, end - acknowledged)) {
				const control = Number.parseInt(reply.slice(10, 12), 16);
				assert.equal(control & 0x0f & 3, control & 1 ? 1 : control & 2, "only I, RR and RNR in normal operation");
				const count = ((control >> 5) - this.#vs) & 7;
				assert.ok(count <= segments.length - acknowledged, "acknowledges only what was sent");
				this.#vs = (this.#vs + count) & 7;
				acknowledged += count;
				if (control & 1 || ((control >> 1) & 7) !== this.#vr) continue;
				this.#vr = (this.#vr + 1) & 7;
				const field = reply.slice(16, -6);
				this.longestField = Math.max(this.longestField, field.length / 2);
				answer += field;
				if (!(Number.parseInt(reply.slice(2, 4), 16) & 8)) isComplete = true;
			}
			if (isComplete && acknowledged === segments.length) {
				assert.equal(answer.slice(0, 6), responseLlc);
				return answer.slice(6);
			}
		}
		assert.fail("no end");
	}

	/** Sends a burst over the faulty line, waits for the final bit or a second, gives the intact replies. */
	#transact(burst: string[], sent: number): string[] {
		for (const hex of this.#line(burst)) this.session.receive(fromHex(hex), this.#now_ms);
		const raw = this.#inbox.splice(0);
		if (sent > 0 && this.setting.faults === noFaults) assert.ok(raw.length > 0);
		this.longestBurst = Math.max(this.longestBurst, raw.length);
		const replies = this.#line(raw).filter(isIntact);
		const hasFinal = replies.some((reply) => Number.parseInt(reply.slice(10, 12), 16) & 0x10);
		if (!hasFinal) {
			this.#now_ms += 1000;
			this.session.advance(this.#now_ms);
			replies.push(...this.#line(this.#inbox.splice(0)).filter(isIntact)); // hidden by a damaged frame until now
		}
		return replies;
	}

	#line(frames: string[]): string[] {
		const { drop, duplicate, swap, flip } = this.setting.faults;
		const out: string[] = [];
		for (const hex of frames) {
			if (this.#random() < drop) continue;
			let arrived = hex;
			if (this.#random() < flip) {
				const bytes = fromHex(hex);
				bytes[Math.floor(this.#random() * bytes.length)]! ^= 1 << Math.floor(this.#random() * 8);
				arrived = toHex(bytes);
			}
			out.push(arrived);
			if (this.#random() < duplicate) out.push(arrived);
			const n = out.length;
			if (n > 1 && this.#random() < swap) out.splice(n - 2, 2, out[n - 1]!, out[n - 2]!);
		}
		return out;
	}
}

/** Replies here have one-octet addresses. */
function isIntact(hex: string): boolean {
	const isFrame = hex.startsWith("7ea") && hex.endsWith("7e");
	const length = Number.parseInt(hex.slice(3, 6), 16) & 0x7ff;
	return isFrame && length === hex.length / 2 - 2 && checkSequence(hex.slice(2, -6)) === hex.slice(-6, -2);
}

function requestFor(answerLength: number, requestLength: number, seed: number): string {
	const random = seededRandom(seed);
	const request = Uint8Array.from({ length: Math.max(3, requestLength) }, () => Math.floor(random() * 256));
	request[0] = askLong;
	request[1] = answerLength >> 8;
	request[2] = answerLength;
	return toHex(request);
}

function check(primary: Primary, answerLength: number, requestLength: number, seed: number): void {
	const request = requestFor(answerLength, requestLength, seed);
	const before = primary.handler.requests.length;
	assert.equal(primary.exchange(request), toHex(longAnswer(answerLength, fromHex(request))));
	assert.equal(primary.handler.requests.length, before + 1, "handled once");
	assert.equal(primary.handler.requests[before]!.hex, request);
}

describe("HDLC transfer", () => {
	for (let window = 1; window <= 7; window++) {
		it(`moves long APDUs both ways with windows of ${window} (F53)`, () => {
			const setting = {
				clientTransmit: 40,
				clientReceive: 50,
				clientWindowTransmit: window,
				clientWindowReceive: window,
				faults: noFaults,
				seed: 1,
			};
			const primary = new Primary(setting);
			primary.connect();
			for (let n = 0; n < 4; n++) check(primary, 1500, 1500, n);
			assert.equal(primary.longestBurst, window, "uses the whole window, and no more");
			assert.equal(primary.longestField, 50);
			// 38 segments there, 31 back, in windows; the first window back comes with the last acknowledgement
			const polls = Math.ceil(1503 / 40 / window) + Math.ceil(1503 / 50 / window) - 1;
			assert.equal(primary.polls, 4 * polls);
		});
	}

	it("moves any APDU both ways, whatever gets lost, doubled, exchanged or damaged, and handles each once (F53, G8)", () => {
		const probability = fc.double({ min: 0, max: 0.3, noNaN: true });
		const information = fc.integer({ min: 32, max: 300 });
		const window = fc.integer({ min: 1, max: 7 });
		fc.assert(
			fc.property(
				fc.record({
					clientTransmit: information,
					clientReceive: information,
					clientWindowTransmit: window,
					clientWindowReceive: window,
					faults: fc.record({
						drop: probability,
						duplicate: probability,
						swap: probability,
						flip: probability,
						notReady: probability,
					}),
					seed: fc.integer(),
				}),
				fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 3, max: 1500 })), {
					minLength: 1,
					maxLength: 4,
				}),
				(setting, exchanges) => {
					const primary = new Primary(setting);
					primary.connect();
					for (const [answerLength, requestLength] of exchanges) {
						check(primary, answerLength, requestLength, setting.seed);
					}
				},
			),
			{ seed: 46, numRuns: 150 },
		);
	});

	it("lets two clients transfer in turn, frame by frame (G9, G11)", () => {
		const handler = new FakeApduHandler();
		const sent: string[] = [];
		const sink = { send: (bytes: Uint8Array) => void sent.push(toHex(bytes)), disconnect: () => undefined };
		const options = { maximumApdu: 1500, maximumInformation: 128, connections: 2 };
		const session = new HdlcSession(sink, handler, { port: "rs485", name: "t" }, defaultHdlcSetup(1), options);
		const address = "00020ed3"; // device address 1001
		const clients = ["21", "03"];
		const requests = clients.map((_, n) => requestFor(1000, 50 + n, n));
		const answers = ["", ""];
		for (const [n, source] of clients.entries()) {
			session.receive(fromHex(frame(address, source, snrm)), 0);
			session.receive(fromHex(frame(address, source, i(0, 0), commandLlc + requests[n])), 0);
		}
		sent.splice(0);
		for (let k = 0; k < 8; k++) {
			for (const [n, source] of clients.entries()) {
				session.receive(fromHex(frame(address, source, rr(k & 7))), 0);
				answers[n] += sent.pop()!.slice(22, -6);
			}
		}
		for (const n of [0, 1]) {
			assert.equal(answers[n], responseLlc + toHex(longAnswer(1000, fromHex(requests[n]!))));
		}
	});
});
