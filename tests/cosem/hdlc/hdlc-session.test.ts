// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { PortKind } from "../../../src/cosem/apdu-handler.js";
import { type HdlcOptions, HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { fromHex, toHex } from "../../support/client/bytes.js";
import {
	askLong,
	FakeApduHandler,
	longAnswer,
	RecordingSink,
	randomOctets,
	seededRandom,
} from "../../support/fake-apdu-handler.js";
import {
	commandLlc,
	disc,
	dm,
	frame,
	frmr,
	i,
	parameterField,
	responseLlc,
	rnr,
	rr,
	snrm,
	ua,
	ui,
} from "./hdlc-frames.js";

/** One-octet address of server 1, and clients 16, 1 and 102. */
const server = "03";
const client = "21";
const management = "03";
const preEstablished = "cd";

/** Device address 3345 with upper address 1: 14 bits each, seven an octet. */
const fullAddress = `0002${((3345 >> 7) << 1).toString(16)}${(((3345 & 127) << 1) | 1).toString(16)}`;

function setUp(options: Partial<HdlcOptions> & { port?: PortKind } = {}) {
	const handler = new FakeApduHandler();
	const sink = new RecordingSink();
	const setup = defaultHdlcSetup(40_212_345);
	let disconnections = 0;
	const session = new HdlcSession(sink, handler, { port: options.port ?? "optical", name: "test" }, setup, {
		maximumApdu: 600,
		maximumInformation: 512,
		connections: 2,
		onDisconnected: () => disconnections++,
		...options,
	});
	/** Sends frames and gives what came back. */
	const ask = (...frames: string[]) => {
		for (const hex of frames) session.receive(fromHex(hex), session_ms);
		return sink.take();
	};
	let session_ms = 0;
	const at = (now_ms: number) => {
		session_ms = now_ms;
		session.advance(now_ms);
	};
	return { handler, sink, setup, session, ask, at, disconnections: () => disconnections };
}

const connected = (options?: Parameters<typeof setUp>[0]) => {
	const all = setUp(options);
	all.ask(frame(server, client, snrm));
	return all;
};

const toServer = (control: number, information = "", isSegmented = false) =>
	frame(server, client, control, information, isSegmented);
const toClient = (control: number, information = "", isSegmented = false) =>
	frame(client, server, control, information, isSegmented);
const longRequest = (length: number) => askLong.toString(16) + length.toString(16).padStart(4, "0");

describe("HDLC session", () => {
	it("replays a whole session from SNRM to DM octet by octet (F53)", () => {
		const golden = JSON.parse(readFileSync(new URL("../../vectors/hdlc-session.json", import.meta.url), "utf8")) as {
			answers: { request: string; response: string }[];
			lines: { at_ms: number; from: string; hex: string; note: string }[];
		};
		for (const pieceSize of [1, 1000]) {
			const { handler, sink, session, disconnections } = setUp();
			for (const { request, response } of golden.answers) handler.prescribed.set(request, response);
			for (const line of golden.lines) {
				if (line.from === "meter") {
					assert.equal(sink.sent.shift(), line.hex, line.note);
					continue;
				}
				assert.deepEqual(sink.sent, [], "nothing unasked");
				const bytes = fromHex(line.hex);
				for (let at = 0; at < bytes.length; at += pieceSize) {
					session.receive(bytes.slice(at, at + pieceSize), line.at_ms);
				}
			}
			assert.deepEqual(sink.sent, []);
			assert.deepEqual(handler.aborts, [16]);
			assert.equal(disconnections(), 2, "after UA and after DM");
		}
	});

	describe("connection", () => {
		it("answers SNRM with what was agreed, seen from the server", () => {
			const { setup, ask } = setUp();
			setup.maxInfoFieldLengthTransmit = 400;
			setup.maxInfoFieldLengthReceive = 300;
			setup.windowSizeTransmit = 3;
			setup.windowSizeReceive = 2;
			const proposals: [string, string][] = [
				["", parameterField(128, 128, 1, 1)],
				[parameterField(200, 250, 7, 2), parameterField(250, 200, 2, 2)],
				[parameterField(2030, 2030, 7, 7), parameterField(400, 300, 3, 2)],
				[parameterField(1, 65_535, 0, 9), parameterField(400, 32, 3, 1)],
			];
			for (const [proposal, agreed] of proposals) {
				assert.deepEqual(ask(toServer(snrm, proposal)), [toClient(ua, agreed)]);
			}
		});

		it("never offers more than its buffers hold, whatever the setup says (SEC-mem)", () => {
			const { setup, ask } = setUp({ maximumInformation: 256 });
			setup.maxInfoFieldLengthTransmit = 2030;
			setup.maxInfoFieldLengthReceive = 2030;
			setup.windowSizeTransmit = 9;
			assert.deepEqual(ask(toServer(snrm, parameterField(2030, 2030, 7, 7))), [
				toClient(ua, parameterField(256, 256, 7, 1)),
			]);
		});

		it("answers DISC with UA when connected, with DM when not; anything else with DM", () => {
			const { ask } = setUp();
			assert.deepEqual(ask(toServer(disc)), [toClient(dm)]);
			assert.deepEqual(ask(toServer(rr(0))), [toClient(dm)]);
			assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(dm)]);
			ask(toServer(snrm));
			assert.deepEqual(ask(toServer(disc)), [toClient(ua)]);
			assert.deepEqual(ask(toServer(disc)), [toClient(dm)]);
		});

		it("ends the association of the client on DISC and on a second SNRM (SEC-bind)", () => {
			const { handler, ask } = connected();
			assert.deepEqual(handler.aborts, []);
			ask(toServer(i(0, 0), `${commandLlc}c0`));
			ask(toServer(snrm));
			assert.deepEqual(handler.aborts, [16]);
			assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(i(0, 1), `${responseLlc}c0`)]);
			ask(toServer(disc));
			assert.deepEqual(handler.aborts, [16, 16]);
		});

		it("does not act on SNRM and DISC without poll, which it could not answer", () => {
			const { session, ask } = setUp();
			assert.deepEqual(ask(toServer(snrm & 0xef)), []);
			assert.equal(session.isConnected, false);
			ask(toServer(snrm));
			assert.deepEqual(ask(toServer(disc & 0xef)), []);
			assert.ok(session.isConnected);
		});

		it("serves several clients at once, each with its own numbers (G9)", () => {
			const { handler, ask, disconnections } = connected();
			ask(frame(server, management, snrm));
			assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(i(0, 1), `${responseLlc}c0`)]);
			assert.deepEqual(ask(frame(server, management, i(0, 0), `${commandLlc}c1`)), [
				frame(management, server, i(0, 1), `${responseLlc}c1`),
			]);
			ask(toServer(0x9f)); // a command that does not exist
			assert.deepEqual(ask(frame(server, management, i(1, 1), `${commandLlc}c2`)), [
				frame(management, server, i(1, 2), `${responseLlc}c2`),
			]);
			ask(toServer(disc));
			assert.equal(disconnections(), 0);
			assert.deepEqual(handler.aborts, [16]);
			ask(frame(server, management, disc));
			assert.equal(disconnections(), 1);
		});

		it("answers DM when all places are taken, and takes the client when one is free", () => {
			const { ask } = connected({ connections: 1 });
			assert.deepEqual(ask(frame(server, management, snrm)), [frame(management, server, dm)]);
			ask(toServer(disc));
			assert.deepEqual(ask(frame(server, management, snrm)), [
				frame(management, server, ua, parameterField(128, 128, 1, 1)),
			]);
		});
	});

	describe("addresses", () => {
		it("answers from the address it was called by: one octet and calling address on the optical port", () => {
			const { ask } = setUp();
			for (const address of ["03", "02fd", "0002fefd", fullAddress]) {
				assert.deepEqual(ask(frame(address, client, disc)), [frame(client, address, dm)], address);
			}
		});

		it("knows only its own lower address on RS485 (F82)", () => {
			const { setup, ask } = setUp({ port: "rs485" });
			for (const address of ["03", "02fd", "0002fefd", "00020002", "0223"]) {
				assert.deepEqual(ask(frame(address, client, disc)), [], address);
			}
			assert.deepEqual(ask(frame(fullAddress, client, disc)), [frame(client, fullAddress, dm)]);
			setup.deviceAddress = 17;
			for (const address of ["0223", "00020023"]) {
				assert.deepEqual(ask(frame(address, client, disc)), [frame(client, address, dm)]);
			}
		});

		it("takes a new device address when no client is connected any more (F82)", () => {
			const { setup, ask } = setUp({ port: "rs485" });
			ask(frame(fullAddress, client, snrm));
			setup.deviceAddress = 17;
			assert.deepEqual(ask(frame("0223", client, rr(0))), []);
			assert.deepEqual(ask(frame(fullAddress, client, disc)), [frame(client, fullAddress, ua)]);
			assert.deepEqual(ask(frame(fullAddress, client, disc)), []);
			assert.deepEqual(ask(frame("0223", client, disc)), [frame(client, "0223", dm)]);
		});

		it("does not answer for a logical device there is none of, to no-station, nor whom it never answers (G8)", () => {
			const { handler, ask } = setUp();
			for (const [destination, source] of [
				["05", client],
				["01", client],
				[server, preEstablished],
				[server, "01"],
				[server, "ff"],
				[server, "0003"],
				["0201", client],
			] as const) {
				assert.deepEqual(ask(frame(destination, source, snrm)), [], `${source} to ${destination}`);
			}
			assert.deepEqual(handler.requests, []);
		});

		it("never answers all stations, and connects nobody by them (F85)", () => {
			const { handler, session, ask } = connected();
			for (const address of ["ff", "02ff", "0002feff", "feff", "fefefeff", `fefe${fullAddress.slice(4)}`]) {
				for (const control of [snrm, disc, rr(0), i(0, 0), 0x9f]) {
					assert.deepEqual(ask(frame(address, client, control)), []);
				}
			}
			assert.ok(session.isConnected);
			assert.deepEqual(handler.requests, []);
		});

		it("connects unknown clients, whom the AARE refuses, and has them give way to known ones (SEC-err, SEC-bind)", () => {
			const { handler, session, ask } = setUp();
			for (const stranger of ["63", "65"]) {
				const [answer] = ask(frame(server, stranger, snrm));
				assert.equal(answer, frame(stranger, server, ua, parameterField(128, 128, 1, 1)));
			}
			assert.deepEqual(ask(frame(server, "63", i(0, 0), `${commandLlc}60`)), [
				frame("63", server, i(0, 1), `${responseLlc}60`),
			]);
			assert.deepEqual(ask(frame(server, "67", snrm)), [frame("67", server, dm)], "not to one another");
			for (const known of [client, management]) {
				assert.deepEqual(ask(frame(server, known, snrm)), [frame(known, server, ua, parameterField(128, 128, 1, 1))]);
			}
			assert.deepEqual(handler.aborts, [0x31, 0x32]);
			assert.deepEqual(ask(frame(server, "63", rr(0))), [frame("63", server, dm)]);
			assert.deepEqual(ask(toServer(rr(0))), [toClient(rr(0))]);
			assert.ok(session.isConnected);
		});

		it("takes a UI frame of a client that needs an association only where it is connected (SEC-bind)", () => {
			const { handler, ask } = setUp();
			const information = `${commandLlc}60`;
			for (const one of [client, "63"]) ask(frame(server, one, ui, information));
			assert.equal(handler.requests.length, 0);
			ask(frame(server, client, snrm));
			assert.deepEqual(ask(frame(server, client, ui, information)), []);
			assert.deepEqual(
				handler.requests.map((r) => r.hex),
				["60"],
			);
		});

		it("hands over UI frames to itself and to all stations, and answers none (F82)", () => {
			const { handler, ask } = setUp();
			const information = `${commandLlc}c101`;
			for (const address of [server, "ff", "0002feff", "fefefeff"]) {
				assert.deepEqual(ask(frame(address, preEstablished, ui, information)), []);
			}
			assert.deepEqual(
				handler.requests.map((r) => [r.clientSap, r.serverSap, r.hex]),
				[1, 0xffff, 0xffff, 0xffff].map((sap) => [102, sap, "c101"]),
			);
			ask(
				frame(server, preEstablished, ui, information, true),
				frame(server, preEstablished, ui, "e6e700c101"),
				frame(server, preEstablished, ui, commandLlc),
				frame(server, preEstablished, ui),
			);
			assert.equal(handler.requests.length, 4, "segmented, without LLC or empty: dropped");
		});

		it("keeps an answer in progress untouched by a UI frame", () => {
			const { ask } = connected();
			const answer = toHex(longAnswer(200, fromHex(longRequest(200))));
			const information = responseLlc + answer;
			assert.deepEqual(ask(toServer(i(0, 0), commandLlc + longRequest(200))), [
				toClient(i(0, 1), information.slice(0, 256), true),
			]);
			ask(frame(server, preEstablished, ui, `${commandLlc}c1${"ee".repeat(100)}`));
			assert.deepEqual(ask(toServer(rr(1))), [toClient(i(1, 1), information.slice(256))]);
		});
	});

	describe("numbered frames", () => {
		it("repeats its answer for a repeated request, and handles that only once", () => {
			const { handler, ask } = connected();
			const request = toServer(i(0, 0), `${commandLlc}c0`);
			const answer = [toClient(i(0, 1), `${responseLlc}c0`)];
			assert.deepEqual(ask(request), answer);
			assert.deepEqual(ask(request), answer);
			assert.deepEqual(ask(toServer(rr(0))), answer, "a poll that acknowledges nothing");
			assert.deepEqual(ask(toServer(rr(1))), [toClient(rr(1))]);
			assert.equal(handler.requests.length, 1);
		});

		it("answers a gap with the number it expects and takes nothing", () => {
			const { handler, ask } = connected();
			assert.deepEqual(ask(toServer(i(1, 0), `${commandLlc}c0`)), [toClient(rr(0))]);
			assert.deepEqual(handler.requests, []);
			assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(i(0, 1), `${responseLlc}c0`)]);
		});

		it("puts a segmented request together and says RR after each poll in between", () => {
			const { handler, ask } = connected();
			assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`, true)), [toClient(rr(1))]);
			assert.deepEqual(ask(toServer(i(1, 0, false), "0102", true)), []);
			assert.deepEqual(ask(toServer(i(2, 0), "03")), [toClient(i(0, 3), `${responseLlc}c0010203`)]);
			assert.equal(handler.requests.length, 1);
		});

		it("counts modulo 8 in both directions", () => {
			const { ask } = connected();
			for (let n = 0; n < 20; n++) {
				const nr = (n + 1) & 7;
				assert.deepEqual(ask(toServer(i(n & 7, n & 7), `${commandLlc}c0`)), [
					toClient(i(n & 7, nr), `${responseLlc}c0`),
				]);
			}
		});

		it("sends nothing numbered while the client is not ready, and goes on when it is", () => {
			const { ask } = connected();
			const information = responseLlc + toHex(longAnswer(200, fromHex(longRequest(200))));
			ask(toServer(i(0, 0), commandLlc + longRequest(200)));
			assert.deepEqual(ask(toServer(rnr(1))), [toClient(rr(1))]);
			assert.deepEqual(ask(toServer(rnr(1, false))), []);
			assert.deepEqual(ask(toServer(rr(1))), [toClient(i(1, 1), information.slice(256))]);
		});

		it("keeps a request that comes before its answer was fetched, then is not ready for more", () => {
			const { handler, ask } = connected();
			const information = responseLlc + toHex(longAnswer(200, fromHex(longRequest(200))));
			const second = toClient(i(1, 2), information.slice(256));
			ask(toServer(i(0, 0), commandLlc + longRequest(200)));
			assert.deepEqual(ask(toServer(i(1, 1), `${commandLlc}c1`)), [second]);
			assert.equal(handler.requests.length, 1, "the second one waits");
			assert.deepEqual(ask(toServer(i(2, 1, false), `${commandLlc}c2`), toServer(rnr(1))), [toClient(rnr(2))]);
			assert.deepEqual(ask(toServer(rr(2))), [toClient(i(2, 2), `${responseLlc}c1`)]);
			assert.deepEqual(ask(toServer(i(2, 3), `${commandLlc}c2`)), [toClient(i(3, 3), `${responseLlc}c2`)]);
		});

		it("answers RR when the server has nothing to say, or when the LLC header is wrong", () => {
			const { handler, session, ask } = connected();
			assert.deepEqual(ask(toServer(i(0, 0), "e6e700c0")), [toClient(rr(1))]);
			assert.deepEqual(ask(toServer(i(1, 0), commandLlc)), [toClient(rr(2))]);
			assert.equal(session.droppedCount, 2);
			handler.isSilent = true;
			assert.deepEqual(ask(toServer(i(2, 0), `${commandLlc}c0`)), [toClient(rr(3))]);
			assert.equal(handler.requests.length, 1);
		});
	});

	describe("frame reject", () => {
		const rejections: [string, string, string][] = [
			["W: a control field that does not exist", toServer(0x9f), "9f0001"],
			["W: REJ, which DLMS does not use", toServer(0x19), "190001"],
			["X: information in an RR", toServer(rr(0), "00"), "110002"],
			["Y: more information than agreed", toServer(i(0, 0), commandLlc + "00".repeat(126)), "100004"],
			["Y: more than any buffer holds", toServer(i(0, 0), commandLlc + "00".repeat(700)), "100004"],
			["Z: N(R) of a frame never sent", toServer(rr(1)), "310008"],
			["Z: the same in an I frame", toServer(i(0, 3), `${commandLlc}c0`), "700008"],
		];
		for (const [what, hex, field] of rejections) {
			it(`is sent for ${what} (F53)`, () => {
				const { handler, ask } = connected();
				assert.deepEqual(ask(hex), [toClient(frmr, field)]);
				assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(frmr, field)], "until SNRM or DISC");
				assert.deepEqual(handler.requests, []);
				assert.deepEqual(ask(toServer(snrm)), [toClient(ua, parameterField(128, 128, 1, 1))]);
				assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}c0`)), [toClient(i(0, 1), `${responseLlc}c0`)]);
			});
		}

		it("names both counters of the connection", () => {
			const { ask } = connected();
			ask(toServer(i(0, 0), `${commandLlc}c0`));
			ask(toServer(i(1, 1), `${commandLlc}c0`));
			assert.deepEqual(ask(toServer(0x9f)), [toClient(frmr, "9f4401")], "V(R) = 2, V(S) = 2");
		});

		it("is sent when the segments of a request exceed the longest APDU (SEC-mem)", () => {
			const { handler, ask } = connected({ maximumApdu: 300 });
			const segment = "00".repeat(125);
			assert.deepEqual(ask(toServer(i(0, 0), commandLlc + segment, true)), [toClient(rr(1))]);
			assert.deepEqual(ask(toServer(i(1, 0), segment, true)), [toClient(rr(2))]);
			assert.deepEqual(ask(toServer(i(2, 0), segment, true)), [toClient(frmr, "144004")]);
			assert.deepEqual(handler.requests, []);
		});
	});

	describe("time-outs", () => {
		it("drops a partial frame after 25 ms of silence, not at 25 ms", () => {
			const { session, ask, at } = connected();
			const request = toServer(rr(0));
			at(1000);
			ask(request.slice(0, 8));
			assert.equal(session.nextDeadline_ms, 1026);
			at(1025);
			assert.deepEqual(ask(request.slice(8)), [toClient(rr(0))]);
			ask(request.slice(0, 8));
			at(1051);
			assert.deepEqual(ask(request.slice(8)), []);
			assert.deepEqual(ask(request), [toClient(rr(0))]);
		});

		it("answers a frame that noise had hidden, as soon as the silence shows it", () => {
			const { session, sink, ask } = connected();
			assert.deepEqual(ask(`7ea7ff0321${toServer(rr(0))}`), [toClient(rr(0))], "a wrong HCS shows it at once");
			const noise = frame(server, client, 0x10, "00".repeat(60)).slice(0, 24);
			assert.deepEqual(ask(noise + toServer(rr(0))), []);
			session.advance(26);
			assert.deepEqual(sink.take(), [toClient(rr(0))]);
		});

		it("waits longer on a stream whose spacing says nothing", () => {
			const { session, ask, at } = connected({ minimumInterOctetTimeout_ms: 10_000 });
			const request = toServer(rr(0));
			ask(request.slice(0, 8));
			assert.equal(session.nextDeadline_ms, 10_001);
			at(9999);
			assert.deepEqual(ask(request.slice(8)), [toClient(rr(0))]);
		});

		it("disconnects a silent client without a word after 120 s, the others stay (F53, SEC-bind)", () => {
			const { handler, sink, session, ask, at, disconnections } = connected();
			at(1000);
			ask(frame(server, management, snrm));
			at(50_000);
			ask(frame(server, management, rr(0)));
			assert.equal(session.nextDeadline_ms, 120_000);
			at(119_999);
			assert.deepEqual(handler.aborts, []);
			at(120_000);
			assert.deepEqual(handler.aborts, [16]);
			assert.equal(session.nextDeadline_ms, 170_000);
			at(170_000);
			assert.deepEqual(handler.aborts, [16, 1]);
			assert.deepEqual(sink.take(), []);
			assert.equal(disconnections(), 1);
			assert.deepEqual(ask(toServer(rr(0))), [toClient(dm)]);
			assert.equal(session.nextDeadline_ms, Infinity);
		});

		it("does not count frames for others or damaged ones as activity; 0 s is no time-out", () => {
			const { setup, session, ask, at } = connected();
			at(60_000);
			ask(frame("05", client, rr(0)), toServer(rr(0)).replace("11", "13"));
			assert.equal(session.nextDeadline_ms, 120_000);
			setup.inactivityTimeout_s = 0;
			assert.equal(session.nextDeadline_ms, Infinity);
			at(1e9);
			assert.deepEqual(ask(toServer(rr(0))), [toClient(rr(0))]);
		});
	});

	it("ends all associations with the link, and is silent afterwards", () => {
		const { handler, session, ask } = connected();
		session.close();
		session.close();
		assert.deepEqual(handler.aborts, [16, undefined]);
		assert.equal(handler.openLinks, 0);
		assert.deepEqual(ask(toServer(snrm)), []);
		assert.equal(session.nextDeadline_ms, Infinity);
	});

	it("keeps silent while the server has no room for the link, and works when it has", () => {
		const handler = new FakeApduHandler();
		handler.maximumLinks = 0;
		const sink = new RecordingSink();
		const options = { maximumApdu: 100, maximumInformation: 128, connections: 1 };
		const session = new HdlcSession(sink, handler, { port: "optical", name: "t" }, defaultHdlcSetup(0), options);
		session.receive(fromHex(toServer(disc)), 0);
		assert.deepEqual(sink.take(), []);
		handler.maximumLinks = 1;
		session.receive(fromHex(toServer(disc)), 0);
		assert.deepEqual(sink.take(), [toClient(dm)]);
	});

	it("survives random frames, mutated frames and noise, and then serves a client (G8)", () => {
		const random = seededRandom(1402);
		const controls = [snrm, disc, ui, 0x9f, frmr, ua];
		const { handler, sink, session } = setUp();
		let now_ms = 0;
		for (let run = 0; run < 4000; run++) {
			now_ms += Math.floor(random() * 60);
			const kind = random();
			let bytes: Uint8Array;
			if (kind < 0.2) bytes = randomOctets(random, Math.floor(random() * 80), [0x7e, 0xa0, 0xa8, 0x03, 0x21]);
			else if (kind < 0.3) bytes = fromHex(toServer(snrm) + toServer(i(0, 0), commandLlc + longRequest(300)));
			else {
				const control = random() < 0.3 ? controls[Math.floor(random() * controls.length)]! : Math.floor(random() * 256);
				const field = toHex(randomOctets(random, Math.floor(random() * 200), [0xe6, 0x00, askLong]));
				const text = random() < 0.5 ? field : commandLlc + field;
				const address = ["03", "03", fullAddress, "ff", "05"][Math.floor(random() * 5)]!;
				bytes = fromHex(
					frame(address, random() < 0.7 ? client : management, control, random() < 0.3 ? "" : text, random() < 0.3),
				);
				if (kind > 0.9) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
			}
			session.receive(bytes, now_ms);
			assert.ok(session.nextDeadline_ms > now_ms);
			for (const sent of sink.take()) assert.match(sent, /^7ea.*7e$/);
		}
		assert.ok(handler.requests.length > 50, "some of it got through to the server");
		now_ms += 1000;
		session.advance(now_ms);
		for (const source of [client, management]) session.receive(fromHex(frame(server, source, disc)), now_ms);
		sink.take();
		session.receive(fromHex(toServer(snrm) + toServer(i(0, 0), `${commandLlc}c0`)), now_ms);
		assert.deepEqual(sink.take(), [
			toClient(ua, parameterField(128, 128, 1, 1)),
			toClient(i(0, 1), `${responseLlc}c0`),
		]);
	});

	it("F163: gives the APDUs of an answer that has several one after the other, each when the one before has come through", () => {
		const { ask, handler } = connected();
		handler.following = ["0102", "03"];
		assert.deepEqual(ask(toServer(i(0, 0), `${commandLlc}aa`)), [toClient(i(0, 1), `${responseLlc}aa`)]);
		assert.deepEqual(ask(toServer(rr(0))), [toClient(i(0, 1), `${responseLlc}aa`)], "lost, and sent again");
		assert.deepEqual(ask(toServer(rr(1))), [toClient(i(1, 1), `${responseLlc}0102`)]);
		assert.deepEqual(ask(toServer(rr(2))), [toClient(i(2, 1), `${responseLlc}03`)]);
		assert.deepEqual(ask(toServer(rr(3))), [toClient(rr(1))]);
		assert.deepEqual(ask(toServer(rr(3))), [toClient(rr(1))]);
	});
});
